"""A table for snapshots of the first layers of networks in training; earlier runs have none."""

from alembic import op
from sqlalchemy import Column, Double, ForeignKey, Integer, LargeBinary, inspect

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Go to this revision; a store that has lost its revision may have this table already."""
    if inspect(op.get_bind()).has_table("snapshots"):
        return
    op.create_table(
        "snapshots",
        Column("run", Integer, ForeignKey("runs.number", ondelete="CASCADE"), primary_key=True),
        Column("step", Integer, primary_key=True, autoincrement=False),
        Column("epoch", Double, nullable=False),
        Column("seconds", Double, nullable=False),
        Column("units", Integer, nullable=False),
        Column("side", Integer, nullable=False),
        Column("largest", Double, nullable=False),
        Column("levels", LargeBinary, nullable=False),
    )
