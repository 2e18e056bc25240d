"""The computation behind the chapters of Learn, and their texts."""
