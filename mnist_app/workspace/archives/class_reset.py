"""The reset of a class: everything that was exported is removed."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Column, Connection, delete, func, select

from mnist_app.errors import NotExported
from mnist_app.workspace.archives.class_archive import Archived, ClassContents
from mnist_app.workspace.archives.class_state import class_state
from mnist_app.workspace.runs.model_files import ModelFiles
from mnist_app.workspace.runs.records import Status
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.runs.test_answers import Evaluations
from mnist_app.workspace.storage.database import serialize_writes
from mnist_app.workspace.storage.tables import class_settings, drawings, people, runs

_MOST_AT_ONCE = 500
"""Most values in one statement, because databases limit them."""


def reset_class(
    exported: Archived, store: Store, files: ModelFiles, evaluations: Evaluations
) -> ClassContents:
    """Remove the runs, drawings, names and settings that an archive contains.

    Items that the export left out stay, and so does a run whose model or checkpoint was left out. A run in
    training is removed too: its worker notices this and stops.

    Args:
        exported: The ids of everything in the archive.
        store: The store of the class's runs.
        files: The runs' models and checkpoints.
        evaluations: The answers of models on test images.

    Returns:
        The amount that was removed.

    Raises:
        NotExported: Something has changed since the export. Nothing was removed.
        StorageUnavailable: The store cannot be used.
    """
    with store.writing() as connection:
        serialize_writes(connection)  # nobody can submit a run between the check and the removal
        if class_state(connection) != exported.state:
            raise NotExported(
                "Something was made, renamed or removed since the export. Export the class again, and then "
                "reset it. Nothing was removed."
            )
        query = select(runs.c.id, runs.c.status, runs.c.model_sha256, runs.c.checkpoint_epoch)
        made = [run for run in connection.execute(query) if _is_whole(run, exported)]
        _remove(connection, runs.c.id, {run.id for run in made})
        count = _remove(connection, drawings.c.id, exported.drawings)
        _remove(connection, people.c.owner, exported.people)
        connection.execute(delete(people).where(people.c.name == ""))  # people without a name
        connection.execute(delete(class_settings))
    for run in made:
        files.delete(run.id)
        if run.model_sha256:
            evaluations.delete(run.model_sha256)
    return ClassContents(len(made), count, len(exported.people))


def _is_whole(run: Any, exported: Archived) -> bool:
    """Return whether an archive contains a run and its networks.

    An export leaves out a network whose file cannot be read at that moment. A run in training counts without
    its checkpoint, which may be newer than the export.
    """
    has_model = run.model_sha256 is None or run.id in exported.models
    has_checkpoint = (
        run.checkpoint_epoch is None or not Status(run.status).ended or run.id in exported.checkpoints
    )
    return run.id in exported.runs and has_model and has_checkpoint


def what_is_left(store: Store) -> ClassContents:
    """Return the amount of what is in the store, such as what is left after a reset."""
    with store.reading() as connection:
        runs_left, drawings_left, people_left = (
            int(connection.execute(select(func.count()).select_from(table)).scalar_one())
            for table in (runs, drawings, people)
        )
    return ClassContents(runs_left, drawings_left, people_left)


def _remove(connection: Connection, column: Column[Any], values: Collection[str]) -> int:
    """Delete the rows whose column has one of these values, and return their number."""
    ordered, count = sorted(values), 0
    for start in range(0, len(ordered), _MOST_AT_ONCE):
        chosen = column.in_(ordered[start : start + _MOST_AT_ONCE])
        count += connection.execute(delete(column.table).where(chosen)).rowcount
    return count
