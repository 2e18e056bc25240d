"""Fast answers of trained networks."""
