"""The networks, each described once, and their properties."""
