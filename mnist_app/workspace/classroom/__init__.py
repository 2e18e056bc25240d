"""The class: people's names and pseudonyms, and the teacher's settings."""
