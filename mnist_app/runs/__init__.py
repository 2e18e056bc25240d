"""Training runs as things that last beyond the process that trained them."""
