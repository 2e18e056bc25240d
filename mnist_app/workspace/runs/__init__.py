"""Training runs: their records, curves, leases, queue and model files."""
