"""The database: its tables, and how it is opened and used. What is SQLite's or PostgreSQL's own: `engine`."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Double,
    Engine,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    exc,
)

from mnist_app.errors import StorageUnavailable
from mnist_app.runs.engine import make_engine
from mnist_app.runs.migrations import migrate

FILE = "runs.sqlite"
"""The SQLite file in the app's home."""
PATIENCE = 10.0
"""Seconds that a transaction waits for another process to let the database go."""
RETRY_SECONDS = 0.5
"""Between two tries to reach a server that is away."""

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
    Column("number", Integer, primary_key=True),  # in the order in which they came here
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
    UniqueConstraint("writer", "png_sha256"),  # nobody keeps one drawing twice
    Index("drawings_created", "created"),
    sqlite_autoincrement=True,
)

people = Table(
    "people",
    metadata,
    Column("owner", String(64), primary_key=True),
    Column("name", String(80), nullable=False),  # empty as long as none is given
    Column("turn", Integer, nullable=False),  # when a run of theirs was last begun; 0 for never
)

counters = Table(
    "counters",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("value", Integer, nullable=False),
)
"""One row, `queue`, which every submission and every claim changes first: so they come one after another."""

class_settings = Table(
    "class_settings",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("settings", JSON, nullable=False),
)
"""At most one row, `class`."""


def open_database(address: str | None, home: Path) -> Engine:
    """Open the database at a SQLAlchemy address, by default a SQLite file in `home`, and make its tables.

    What an older version of the app left is migrated (`migrations`). Raises `InvalidSetting` for an address
    that is none, `StorageUnavailable` when it cannot be used.
    """
    if address is None:
        make_folder(home)
        address = f"sqlite:///{home / FILE}"
    engine = make_engine(address, PATIENCE)
    try:
        with explained(engine):
            migrate(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def make_folder(folder: Path) -> None:
    """Make a folder, if it is not there, and see that it can be written to.

    Raises `StorageUnavailable` when it cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(0, "it may not be written to")
    except OSError as error:
        raise StorageUnavailable(
            f"The app's folder {folder} cannot be used ({error.strerror}); set MNIST_APP_HOME, or "
            "MNIST_APP_FILES for the models, to a folder that can be written to."
        ) from error


@contextmanager
def transaction(engine: Engine, *, writes: bool, patience: float = 0.0) -> Iterator[Connection]:
    """One transaction: committed at the end, rolled back when something is raised.

    A server that cannot be reached is tried again for `patience` seconds. Raises `StorageUnavailable` when
    the database cannot be used, or is locked for longer than `PATIENCE`.
    """
    with (
        explained(engine),
        _connect(engine, patience) as connection,
        connection.execution_options(writes=writes).begin(),
    ):
        yield connection


@contextmanager
def explained(engine: Engine) -> Iterator[None]:
    """Turn the database's own errors into `StorageUnavailable`; those of a program at fault stay."""
    try:
        yield
    except (exc.IntegrityError, exc.DataError):
        raise
    except (exc.DBAPIError, exc.TimeoutError) as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise StorageUnavailable(_unusable(engine, reason)) from error


def _unusable(engine: Engine, reason: str) -> str:
    url = engine.url
    if engine.dialect.name == "sqlite":
        return (
            f"The app's store {url} cannot be read or written ({reason}); see that it can be reached and "
            "written to and that the disk is not full."
        )
    return (
        f"The app's database at {url.host} cannot be read or written ({reason.rpartition('failed: ')[2]}); "
        "try again in a moment. If it stays so, see that its server runs and that its disk is not full."
    )


def _connect(engine: Engine, patience: float) -> Connection:
    deadline = time.monotonic() + patience
    while True:
        try:
            return engine.connect()
        except exc.OperationalError:
            if engine.dialect.name == "sqlite" or time.monotonic() + RETRY_SECONDS > deadline:
                raise  # a file does not come back by itself
            time.sleep(RETRY_SECONDS)
