"""Changes by visitors: the only functions by which a page changes anything, and their permissions."""
