"""The settings of the class in the store, for every server of a school and for the next lesson."""

from sqlalchemy import Connection, select

from mnist_app.workspace.classroom.class_settings import ClassSettings, stored_settings
from mnist_app.workspace.storage.database import Database, serialize_writes
from mnist_app.workspace.storage.tables import class_settings
from mnist_app.workspace.storage.upsert import insert_or_update

_ROW = "class"


def read_class_settings(database: Database) -> ClassSettings:
    """Return the settings that were kept last, or the defaults.

    Raises:
        StorageUnavailable: The store cannot be used.
        InvalidSetting: What is kept cannot be read.
    """
    with database.reading() as connection:
        row = connection.execute(select(class_settings.c.settings)).first()
    return ClassSettings() if row is None else stored_settings(row[0])


def keep_class_settings(database: Database, settings: ClassSettings) -> None:
    """Keep the settings for every server and lesson; raises `StorageUnavailable`."""
    with database.writing() as connection:
        serialize_writes(connection)  # a reset of the class must not remove settings that it has not exported
        put_class_settings(connection, settings)


def put_class_settings(connection: Connection, settings: ClassSettings) -> None:
    """Keep the settings within a transaction that writes more."""
    row = {"name": _ROW, "settings": settings.to_dict()}
    insert_or_update(connection, class_settings, row, changed=["settings"])
