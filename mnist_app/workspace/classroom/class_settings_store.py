"""The settings of the class in the store, so that every server of a school and the next lesson know them."""

from sqlalchemy import Connection, insert, select, update

from mnist_app.workspace.classroom.class_settings import ClassSettings, stored_settings
from mnist_app.workspace.storage.database import Database, serialize_writes
from mnist_app.workspace.storage.tables import class_settings

_ROW = "class"


def read_class_settings(database: Database) -> ClassSettings:
    """What was kept last, or the defaults.

    Raises `StorageUnavailable`, or `InvalidSetting` where what is kept cannot be read.
    """
    with database.reading() as connection:
        row = connection.execute(select(class_settings.c.settings)).first()
    return ClassSettings() if row is None else stored_settings(row[0])


def keep_class_settings(database: Database, settings: ClassSettings) -> None:
    """Let these settings hold from now on; raises `StorageUnavailable`."""
    with database.writing() as connection:
        serialize_writes(connection)  # of two who keep settings at once, the second finds the first's row
        put_class_settings(connection, settings)


def put_class_settings(connection: Connection, settings: ClassSettings) -> None:
    """`keep_class_settings`, within a transaction that writes more and has others wait."""
    table, values = class_settings, settings.to_dict()
    if not connection.execute(update(table).values(settings=values)).rowcount:
        connection.execute(insert(table).values(name=_ROW, settings=values))
