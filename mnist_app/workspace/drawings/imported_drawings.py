"""Drawings that somebody brings in a zip: whose they are, who drew them, and how many go at once.

Anybody can write any name, any writer and any date into a zip. So its drawings belong to the importer and
count towards the importer's quota, and nobody in the zip is taken for somebody who is here.
"""

import time
from collections.abc import Callable, Sequence

from sqlalchemy import ColumnElement, delete, select

from mnist_app.workspace.classroom.pseudonym import writer_of
from mnist_app.workspace.drawings.drawing_store import Added, Drawings
from mnist_app.workspace.drawings.kept_drawing import KeptDrawing
from mnist_app.workspace.storage.database import Database
from mnist_app.workspace.storage.identifiers import new_id
from mnist_app.workspace.storage.tables import drawing_owner, drawings


def bring(
    database: Database, brought: Sequence[KeptDrawing], token: str, clock: Callable[[], float] = time.time
) -> Added:
    """Add the drawings of a zip, all of them or none.

    A drawing is here already if the same picture by the same writer is, drawn here or imported by the same
    person. So a zip that is imported twice, or where it was exported, adds nothing.

    Args:
        database: where they are kept.
        brought: the drawings, each checked.
        token: the importer's; empty for the command line.
        clock: gives seconds since 1970.

    Raises:
        TooManyDrawings: the importer's drawings, or all, would be too many.
    """
    importer, import_id = writer_of(token) if token else "", new_id()
    ids, pictures = _here(database)
    new = [
        each.model_copy(
            update={
                "id": new_id() if each.id in ids else each.id,
                "writer": _writer_here(each.writer, token),
                "importer": importer,
                "import_id": import_id,
            }
        )
        for each in brought
        if (each.writer, each.png_sha256) not in pictures
    ]
    added = Drawings(database, clock).add(new).added
    return Added(added, len(brought) - added)


def owner_of_import(database: Database, import_id: str) -> str:
    """Return whose the drawings of an import are, as `KeptDrawing.owner` says; empty once they are gone."""
    query = select(drawings.c.importer).where(drawings.c.import_id == import_id).limit(1)
    with database.reading() as connection:
        return connection.execute(query).scalar() or ""


def remove_import(database: Database, import_id: str) -> int:
    """Remove all drawings that came in one zip, and return how many that were."""
    return _remove(database, drawings.c.import_id == import_id)


def remove_all_of(database: Database, owner: str) -> int:
    """Remove all that somebody has drawn or imported, by `KeptDrawing.owner`; return how many that were."""
    return _remove(database, drawing_owner == owner)


def _remove(database: Database, which: ColumnElement[bool]) -> int:
    with database.writing() as connection:
        return int(connection.execute(delete(drawings).where(which)).rowcount)


def _here(database: Database) -> tuple[set[str], set[tuple[str, str]]]:
    """The ids of all drawings, and all pictures with their writers."""
    with database.reading() as connection:
        rows = connection.execute(select(drawings.c.id, drawings.c.writer, drawings.c.png_sha256)).all()
    return {row.id for row in rows}, {(row.writer, row.png_sha256) for row in rows}


def _writer_here(writer: str, token: str) -> str:
    """Return the pseudonym that a writer of a zip gets here.

    It is the same each time the same person imports the same writer, and another for each writer, because
    fine-tuning holds people out by writer. No token has a space in it, so it is nobody's who is here.
    """
    return writer_of(f"{token} {writer}")
