"""Export, import, backup, restore and reset."""
