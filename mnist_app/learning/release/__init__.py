"""Building and measuring the two networks that ship."""
