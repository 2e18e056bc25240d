"""Migrations of the database's tables by Alembic: a module in `versions` for each change.

To change the tables: change them in `workspace/storage/tables.py`, let Alembic compare them with a store
that is up to date, complete the module that it writes, and set `REVISION` to its number:

    python -m alembic --config mnist_app/workspace/storage/migrations/alembic.ini revision --autogenerate \
        --rev-id 0002 --message "what changes"

A change is one transaction, on SQLite too. SQLite can add, rename and drop a column, but little more. Do not
use Alembic's batch mode, which rebuilds a table: dropping the old table empties the tables that refer to it
(`ON DELETE CASCADE`).
"""

import threading
from pathlib import Path

from sqlalchemy import Connection, Engine, exc, text

from mnist_app.errors import StorageUnavailable

REVISION = "0004"
"""The newest revision. A store that has it is opened without Alembic, which is slow to import."""
FOLDER = Path(__file__).parent
_LOCK = 0x6D6E697374
"""The lock in PostgreSQL for servers that start at the same moment; any number that nobody else uses."""

_one_at_a_time = threading.Lock()
"""Alembic keeps its state in globals, so two threads cannot migrate two stores at once."""


class NewerStore(StorageUnavailable):
    """An error for a store that a newer version of the app has written."""

    def __init__(self, revision: str) -> None:
        """Name the revision that the store's tables have."""
        self.revision = revision
        super().__init__(
            f"A newer version of the app has written this store (its tables are of revision {revision}; "
            f"this version knows {REVISION}): update the app, or restore a backup that this version made."
        )


def migrate(engine: Engine) -> None:
    """Bring a database's tables to the newest revision; make them in a new database.

    A store from before the first migration has no revision. It gets what it lacks and loses nothing.
    Servers that start at the same moment migrate one after another.

    Raises:
        NewerStore: A newer version of the app has written the store.
    """
    with engine.connect() as connection:
        if _revision(connection) == REVISION:
            return
    with (
        _one_at_a_time,
        engine.connect() as connection,
        connection.execution_options(writes=True).begin(),
    ):
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL lock_timeout = '5min'"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        _upgrade(connection)


def _revision(connection: Connection) -> str | None:
    """Return the revision that a store names; None where it names none."""
    try:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except (exc.OperationalError, exc.ProgrammingError):
        return None  # there is no such table; a worse fault shows up again in the migration


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    for revision in MigrationContext.configure(connection).get_current_heads():
        if revision not in known:
            raise NewerStore(revision)
    command.upgrade(config, "head")
