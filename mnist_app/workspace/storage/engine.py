"""Engines for SQLite and PostgreSQL, with the options that only one of them has."""

import time
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, exc, make_url

from mnist_app.errors import InvalidSetting


def make_engine(address: str, patience: float) -> Engine:
    """Return the engine for a database; it does not connect yet.

    Args:
        address: A SQLAlchemy address.
        patience: Seconds that a statement waits for a lock of another process.

    Raises:
        InvalidSetting: The address is not valid, or its driver is not installed.
    """
    try:
        url = make_url(address)
        sqlite = url.get_backend_name() == "sqlite"
        options = _sqlite_options(patience) if sqlite else _postgresql_options(patience)
        engine = create_engine(url, **options)
    except (exc.ArgumentError, ImportError) as error:
        # The message leaves the address out, because it may contain a password.
        raise InvalidSetting(
            f"MNIST_APP_DATABASE is not a valid database address ({type(error).__name__}); it looks "
            "like postgresql+psycopg://user@host/name, and its driver must be installed."
        ) from error
    if sqlite:
        event.listen(engine, "connect", partial(_set_up_sqlite, patience=patience))
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def sqlite_file(address: str | None) -> Path | None:
    """Return the file of the database at an address; None for a server or an invalid address."""
    try:
        url = None if address is None else make_url(address)
    except exc.ArgumentError:
        return None  # `make_engine` says so
    if url is None or url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return None
    return Path(url.database)


def _sqlite_options(patience: float) -> dict[str, Any]:
    return {"connect_args": {"timeout": patience}}


def _postgresql_options(patience: float) -> dict[str, Any]:
    return {
        "pool_pre_ping": True,  # replaces connections from before a restart of the server
        "pool_timeout": patience,
        "connect_args": {
            "connect_timeout": 5,  # seconds
            "options": f"-c lock_timeout={patience:.0f}s",
            # Give up as soon on a server whose machine has gone silent.
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "tcp_user_timeout": 10_000,  # milliseconds
        },
    }


def _set_up_sqlite(connection: Any, _record: object, *, patience: float) -> None:
    """Set a connection up: readers do not wait for a writer, and only checkpoints wait for the disk."""
    connection.isolation_level = None  # transactions begin where `_begin_sqlite` says
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = NORMAL")
    deadline = time.monotonic() + patience
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except Exception as error:
            # SQLite itself does not wait here when another process opens the new file at the same moment.
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _begin_sqlite(connection: Connection) -> None:
    """Begin a transaction; one that writes takes the lock at once.

    SQLite refuses a reader that becomes a writer after another process has written.
    """
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
