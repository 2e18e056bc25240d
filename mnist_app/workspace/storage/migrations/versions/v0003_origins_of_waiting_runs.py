"""Columns for the digests of the tab and the address from which a waiting run was submitted."""

from alembic import op
from sqlalchemy import Column, String, inspect

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Go to this revision; a store that has lost its revision may have these columns already."""
    there = {column["name"] for column in inspect(op.get_bind()).get_columns("runs")}
    for name in {"session", "address"} - there:
        op.add_column("runs", Column(name, String(16)))
