"""One browser tab: what it knows, the keys of its widgets, and what the browser stores for it."""
