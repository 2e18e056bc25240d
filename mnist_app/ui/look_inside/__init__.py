"""Look inside: what the network in use makes of the drawing on the Draw page, and why."""
