"""The database and its transactions. `engine` has what differs between SQLite and PostgreSQL."""

import copy
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType

from sqlalchemy import Connection, Engine, exc, update

from mnist_app.errors import StorageUnavailable
from mnist_app.settings import Settings
from mnist_app.workspace.storage.engine import make_engine, sqlite_file
from mnist_app.workspace.storage.exchange import is_broken_off
from mnist_app.workspace.storage.migrations import migrate
from mnist_app.workspace.storage.privacy import make_home_private, make_store_private
from mnist_app.workspace.storage.sqlite_store import check_is_store, make_store
from mnist_app.workspace.storage.tables import counters

FILE = "runs.sqlite"
"""The SQLite file in the app's home."""
PATIENCE = 10.0
"""Seconds that a transaction waits for another process to release the database."""
RETRY_SECONDS = 0.5
"""Seconds between two tries to reach a server that does not answer."""


class Database:
    """One database, shared by all threads of a process. The owner closes it, best by a `with` statement."""

    def __init__(self, settings: Settings) -> None:
        """Open the database of the settings and bring its tables up to date.

        Raises:
            InvalidSetting: The address is not valid.
            StorageUnavailable: The database cannot be used.
        """
        self._engine = open_database(settings.database, settings.home)
        make_home_private(settings)
        self._patience = 0.0

    def __enter__(self) -> "Database":
        """Return the open database."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the database."""
        self.close()

    def patient(self, seconds: float) -> "Database":
        """Return a view of the same database that retries an unreachable server for `seconds`.

        Both share their connections, which the owner of the original closes.
        """
        patient = copy.copy(self)
        patient._patience = seconds
        return patient

    def close(self) -> None:
        """Close the connections that are not in use."""
        self._engine.dispose()

    def reading(self) -> AbstractContextManager[Connection]:
        """Open a transaction that only reads; raises `StorageUnavailable`."""
        return transaction(self._engine, writes=False, patience=self._patience)

    def writing(self) -> AbstractContextManager[Connection]:
        """Open a transaction that writes everything or nothing; raises `StorageUnavailable`."""
        return transaction(self._engine, writes=True, patience=self._patience)


def serialize_writes(connection: Connection) -> None:
    """Make all transactions that call this run one after another.

    The lock is the counter's row, which a transaction holds until it ends. SQLite has one writer at a time
    anyway; PostgreSQL locks the row.
    """
    queue = counters.c.name == "queue"
    connection.execute(update(counters).where(queue).values(value=counters.c.value))


def open_database(address: str | None, home: Path) -> Engine:
    """Open a database and bring its tables up to date (`migrations`); make them in a new database.

    An empty file is not taken for a new database, because it is always damage.

    Args:
        address: A SQLAlchemy address; None for the SQLite file in `home`.
        home: The app's home.

    Raises:
        InvalidSetting: The address is not valid.
        StorageUnavailable: The database cannot be used.
    """
    if address is None:
        if fault := broken_off(home):
            raise StorageUnavailable(fault)
        make_folder(home)
        address = f"sqlite:///{home / FILE}"
    engine, file = make_engine(address, PATIENCE), sqlite_file(address)
    try:
        with explained(engine):
            if file is not None:
                _make_or_check(file)
            migrate(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _make_or_check(file: Path) -> None:
    """Make a new store, or raise `StorageUnavailable` for a file that is not a store of this app."""
    if not file.exists():
        make_store(file.resolve(), PATIENCE)
    check_is_store(file, PATIENCE)
    make_store_private(file)


def broken_off(home: Path) -> str:
    """Return what to do about an interrupted restore into the home; empty where there is none."""
    if not is_broken_off(home):
        return ""
    return (
        f"A restore into {home} was interrupted. What was there before is safe in that folder. "
        "Run the command restore again: it first puts that back."
    )


def make_folder(folder: Path) -> None:
    """Make a folder if it does not exist, and check that it can be written to.

    Raises:
        StorageUnavailable: It cannot be made or written to.
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
    """Open a transaction, which is committed at the end and rolled back on any error.

    Args:
        engine: The engine of the database.
        writes: Whether the transaction writes.
        patience: Seconds during which a server that does not answer is tried again.

    Raises:
        StorageUnavailable: The database cannot be used, or is locked for longer than `PATIENCE`.
    """
    with (
        explained(engine),
        _connect(engine, patience) as connection,
        connection.execution_options(writes=writes).begin(),
    ):
        yield connection


@contextmanager
def explained(engine: Engine) -> Iterator[None]:
    """Turn errors of the database into `StorageUnavailable`, but not those that a bug in the app causes."""
    try:
        yield
    except (exc.IntegrityError, exc.DataError):
        raise
    except (exc.DBAPIError, exc.TimeoutError, sqlite3.Error) as error:
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
                raise  # waiting does not help where the database is a file
            time.sleep(RETRY_SECONDS)
