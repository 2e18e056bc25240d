"""How connections to a database are made: all that is SQLite's or PostgreSQL's own."""

import time
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, exc, make_url

from mnist_app.errors import InvalidSetting


def make_engine(address: str, patience: float) -> Engine:
    """What connects to the database at a SQLAlchemy address; nothing is connected yet.

    A statement waits `patience` seconds for another process to let go of what it needs. Raises
    `InvalidSetting` for an address that is none, or whose driver is not installed.
    """
    try:
        url = make_url(address)
        sqlite = url.get_backend_name() == "sqlite"
        options = _sqlite_options(patience) if sqlite else _postgresql_options(patience)
        engine = create_engine(url, **options)
    except (exc.ArgumentError, ImportError) as error:
        # The address is not shown: it may have a password in it.
        raise InvalidSetting(
            f"MNIST_APP_DATABASE is no database address that can be used ({type(error).__name__}); it looks "
            "like postgresql+psycopg://user@host/name, and its driver must be installed."
        ) from error
    if sqlite:
        event.listen(engine, "connect", partial(_set_up_sqlite, patience=patience))
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def sqlite_file(address: str | None) -> Path | None:
    """Return the file of the database at an address; None for a server, and for what is no valid address."""
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
        "pool_pre_ping": True,  # a connection from before the server was started anew is replaced unseen
        "pool_timeout": patience,
        "connect_args": {
            "connect_timeout": 5,  # seconds
            "options": f"-c lock_timeout={patience:.0f}s",
            # A server whose machine is gone without a word is given up as soon.
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "tcp_user_timeout": 10_000,  # milliseconds
        },
    }


def _set_up_sqlite(connection: Any, _record: object, *, patience: float) -> None:
    """Readers do not wait for a writer (WAL), and nothing waits for the disk but a checkpoint."""
    connection.isolation_level = None  # transactions begin where `_begin_sqlite` says
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = NORMAL")
    deadline = time.monotonic() + patience
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except Exception as error:
            # SQLite does not wait here by itself when others open a new file at the same moment.
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once: a reader that turns writer is refused where another wrote meanwhile."""
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
