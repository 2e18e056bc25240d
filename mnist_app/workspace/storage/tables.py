"""The tables of the database. `migrations` has their history."""

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
    func,
)

metadata = MetaData()

runs = Table(
    "runs",
    metadata,
    Column("number", Integer, primary_key=True),  # in the order of submission
    Column("id", String(16), nullable=False, unique=True),
    Column("name", String(80), nullable=False),
    Column("owner", String(64), nullable=False),
    Column("configuration", JSON, nullable=False),
    Column("versions", JSON, nullable=False),
    Column("continued_from", String(16)),
    Column("status", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("created", Double, nullable=False),  # all times: seconds since 1970, UTC
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
    Column("probe", LargeBinary),  # 28 × 28 float32, little-endian
    Column("moved", Integer),  # the turn at which it was moved to the front of the queue
    Column("session", String(16)),  # `origins` has both, and only while the run waits
    Column("address", String(16)),
    Index("runs_status", "status"),
    Index("runs_name", "name"),
    sqlite_autoincrement=True,  # a deleted run's number is not given again
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
    Column("probabilities", LargeBinary, nullable=False),  # 10 float32, little-endian
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("run", ForeignKey("runs.number", ondelete="CASCADE"), primary_key=True),
    Column("step", Integer, primary_key=True, autoincrement=False),
    Column("epoch", Double, nullable=False),
    Column("seconds", Double, nullable=False),  # of training before it
    Column("units", Integer, nullable=False),  # filters or neurons in the first layer
    Column("side", Integer, nullable=False),  # of each picture, in pixels
    Column("largest", Double, nullable=False),  # the absolute weight of the level 127
    Column("levels", LargeBinary, nullable=False),  # n × side × side int8
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
    Column("number", Integer, primary_key=True),  # in the order of keeping and importing
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
    Column("importer", String(16)),  # the owner, where that is not the writer
    Column("import_id", String(16)),
    UniqueConstraint("writer", "png_sha256"),  # nobody keeps one drawing twice
    Index("drawings_created", "created"),
    sqlite_autoincrement=True,
)

drawing_owner = func.coalesce(drawings.c.importer, drawings.c.writer)
"""The owner of a drawing, as in `KeptDrawing.owner`."""

people = Table(
    "people",
    metadata,
    Column("owner", String(64), primary_key=True),
    Column("name", String(80), nullable=False),  # empty until they give one
    Column("turn", Integer, nullable=False),  # the turn at which a run of theirs began last; 0 for never
)

counters = Table(
    "counters",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("value", Integer, nullable=False),
)
"""One row, `queue`, which every submission and every claim changes first, so that they run in turn."""

class_settings = Table(
    "class_settings",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("settings", JSON, nullable=False),
)
"""At most one row, `class`."""
