"""The class's labelled drawings."""
