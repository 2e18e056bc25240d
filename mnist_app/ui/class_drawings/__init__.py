"""Parts of the Class drawings page: the gallery, export and import, and fine-tuning."""
