"""The web server around the pages: its settings at the start, and its middleware (`middleware.py`)."""
