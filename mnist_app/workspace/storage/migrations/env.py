"""The script that Alembic runs for a migration, on a given connection or on the settings' store."""

from alembic import context
from sqlalchemy import Connection

from mnist_app.settings import Settings
from mnist_app.workspace.storage.database import open_database
from mnist_app.workspace.storage.tables import metadata


def run() -> None:
    """Run the requested migrations."""
    connection = context.config.attributes.get("connection")
    if connection is not None:
        run_on(connection)
        return
    settings = Settings.from_environment()
    engine = open_database(settings.database, settings.home)
    try:
        with engine.connect() as own, own.execution_options(writes=True).begin():
            run_on(own)
    finally:
        engine.dispose()


def run_on(connection: Connection) -> None:
    """Run them within the transaction of that connection."""
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()


if __name__ == "env_py":  # the name that Alembic gives it
    run()
