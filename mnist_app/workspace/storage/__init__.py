"""The database, its tables and migrations, ids, and files shared between machines."""
