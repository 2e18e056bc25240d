"""Objects that all sessions share: the stores, the networks, the jobs that run beside the pages."""
