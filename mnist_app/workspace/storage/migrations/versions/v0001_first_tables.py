"""The tables as they were when stores got a revision.

An older store has some or all of these tables and columns. They stay as they are, and missing ones are added.
"""

from alembic import op
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    inspect,
)

revision = "0001"
down_revision = None

metadata = MetaData()

runs = Table(
    "runs",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", String(16), nullable=False, unique=True),
    Column("name", String(80), nullable=False),
    Column("owner", String(64), nullable=False),
    Column("configuration", JSON, nullable=False),
    Column("versions", JSON, nullable=False),
    Column("continued_from", String(16)),
    Column("status", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("created", Double, nullable=False),
    Column("started", Double),
    Column("ended", Double),
    Column("cancel", Boolean, nullable=False),
    Column("worker", String(64)),
    Column("lease", String(64)),
    Column("lease_expires", Double),
    Column("steps_per_epoch", Integer),
    Column("epoch", Double, nullable=False),
    Column("images_per_second", Double),
    Column("parameters", Integer),
    Column("seconds", Double),
    Column("train_loss", Double),
    Column("train_accuracy", Double),
    Column("validation_loss", Double),
    Column("validation_accuracy", Double),
    Column("test_loss", Double),
    Column("test_accuracy", Double),
    Column("model_sha256", String(64)),
    Column("checkpoint_epoch", Integer),
    Column("checkpoint_sha256", String(64)),
    Column("probe", LargeBinary),
    Column("moved", Integer),
    Index("runs_status", "status"),
    Index("runs_name", "name"),
    sqlite_autoincrement=True,
)

points = Table(
    "points",
    metadata,
    Column("run", ForeignKey("runs.number", ondelete="CASCADE"), primary_key=True),
    Column("split", String(16), primary_key=True),
    Column("step", Integer, primary_key=True, autoincrement=False),
    Column("epoch", Double, nullable=False),
    Column("loss", Double, nullable=False),
    Column("accuracy", Double, nullable=False),
)

probes = Table(
    "probes",
    metadata,
    Column("run", ForeignKey("runs.number", ondelete="CASCADE"), primary_key=True),
    Column("step", Integer, primary_key=True, autoincrement=False),
    Column("epoch", Double, nullable=False),
    Column("probabilities", LargeBinary, nullable=False),
)

fine_tunings = Table(
    "fine_tunings",
    metadata,
    Column("run", ForeignKey("runs.number", ondelete="CASCADE"), primary_key=True),
    Column("held_out_by", String(16), nullable=False),
    Column("people", Integer, nullable=False),
    Column("people_held_out", Integer, nullable=False),
    Column("drawings", Integer, nullable=False),
    Column("drawings_held_out", Integer, nullable=False),
    Column("right_before", Integer, nullable=False),
    Column("right_after", Integer),
    Column("test_accuracy_before", Double, nullable=False),
)

drawings = Table(
    "drawings",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("id", String(16), nullable=False, unique=True),
    Column("writer", String(16), nullable=False),
    Column("person", String(80), nullable=False),
    Column("label", Integer, nullable=False),
    Column("answer", Integer),
    Column("source", String(16), nullable=False),
    Column("created", Double, nullable=False),
    Column("png", LargeBinary, nullable=False),
    Column("png_sha256", String(64), nullable=False),
    Column("strokes", Text),
    UniqueConstraint("writer", "png_sha256"),
    Index("drawings_created", "created"),
    sqlite_autoincrement=True,
)

people = Table(
    "people",
    metadata,
    Column("owner", String(64), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("turn", Integer, nullable=False),
)

counters = Table(
    "counters",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("value", Integer, nullable=False),
)

class_settings = Table(
    "class_settings",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("settings", JSON, nullable=False),
)


def upgrade() -> None:
    """Go to this revision."""
    connection = op.get_bind()
    there = set(inspect(connection).get_table_names())
    for table in metadata.sorted_tables:
        if table.name in there:
            _complete(table)
        else:
            table.create(connection)
    if connection.execute(counters.select()).first() is None:
        connection.execute(counters.insert().values(name="queue", value=0))


def _complete(table: Table) -> None:
    """Add the columns and indexes that a table of an older version lacks."""
    connection = op.get_bind()
    there = {column["name"] for column in inspect(connection).get_columns(table.name)}
    for column in table.columns:
        if column.name not in there:  # each that came later may be empty
            op.add_column(table.name, column)
    for index in table.indexes:
        index.create(connection, checkfirst=True)
