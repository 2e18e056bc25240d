"""Columns for the importer and the import of a drawing; empty for drawings that were drawn here."""

from alembic import op
from sqlalchemy import Column, String, inspect

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Go to this revision; a store that has lost its revision may have these columns already."""
    there = {column["name"] for column in inspect(op.get_bind()).get_columns("drawings")}
    for name in {"importer", "import_id"} - there:
        op.add_column("drawings", Column(name, String(16)))
