"""A module for each revision of the database's tables, in their order."""
