"""Drawings that a person imports in a zip: their owner, their writers, and their removal.

Anybody can write any name, writer and date into a zip. So the importer owns the drawings, they count towards
the importer's quota, and no writer in the zip is taken for a person of the class.
"""

import time
from collections.abc import Callable, Sequence

from sqlalchemy import ColumnElement, delete, select

from mnist_app.workspace.classroom.pseudonym import writer_of
from mnist_app.workspace.drawings.drawing_store import Drawings
from mnist_app.workspace.drawings.kept_drawing import KeptDrawing
from mnist_app.workspace.drawings.outcomes import Added
from mnist_app.workspace.storage.database import Database
from mnist_app.workspace.storage.identifiers import new_id
from mnist_app.workspace.storage.tables import drawing_owner, drawings


def bring(
    database: Database, brought: Sequence[KeptDrawing], token: str, clock: Callable[[], float] = time.time
) -> Added:
    """Add the drawings of a zip, all of them or none.

    A drawing is here already if the same picture by the same writer was drawn here, or imported by the same
    person. So it adds nothing to import a zip twice, or where it was exported.

    Args:
        database: The database of the drawings.
        brought: The drawings, each checked.
        token: The importer's token; empty for the command line.
        clock: Gives seconds since 1970.

    Raises:
        TooManyDrawings: The importer's drawings, or all, would be too many.
    """
    importer, import_id = writer_of(token) if token else "", new_id()
    ids, pictures = _here(database)
    new = [
        each.model_copy(
            update={
                "id": new_id() if each.id in ids else each.id,
                "writer": imported_writer(each.writer, token),
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
    """Return the owner of an import's drawings, as in `KeptDrawing.owner`; empty where none are left."""
    query = select(drawings.c.importer).where(drawings.c.import_id == import_id).limit(1)
    with database.reading() as connection:
        return connection.execute(query).scalar() or ""


def remove_import(database: Database, import_id: str) -> int:
    """Remove all drawings of one import, and return their number."""
    return _remove(database, drawings.c.import_id == import_id)


def remove_all_of(database: Database, owner: str) -> int:
    """Remove all drawings of an owner, as in `KeptDrawing.owner`, and return their number."""
    return _remove(database, drawing_owner == owner)


def _remove(database: Database, which: ColumnElement[bool]) -> int:
    with database.writing() as connection:
        return int(connection.execute(delete(drawings).where(which)).rowcount)


def _here(database: Database) -> tuple[set[str], set[tuple[str, str]]]:
    """Return the ids of all drawings, and all pairs of a writer and a picture's digest."""
    with database.reading() as connection:
        rows = connection.execute(select(drawings.c.id, drawings.c.writer, drawings.c.png_sha256)).all()
    return {row.id for row in rows}, {(row.writer, row.png_sha256) for row in rows}


def imported_writer(writer: str, token: str) -> str:
    """Return the pseudonym that a writer in a zip gets here.

    Each writer gets one of their own, because fine-tuning holds people out by writer. It is the same for each
    import by the same person. It is nobody's in the class, because no token has a space in it.
    """
    return writer_of(f"{token} {writer}")
