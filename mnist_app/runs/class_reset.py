"""Resetting a class: all that it has made is removed, once it was exported as it is."""

from sqlalchemy import delete, select

from mnist_app.errors import NotExported
from mnist_app.runs.class_archive import ClassContents
from mnist_app.runs.class_state import class_contents, class_state
from mnist_app.runs.database import serialize_writes
from mnist_app.runs.evaluations import Evaluations
from mnist_app.runs.models import ModelFiles
from mnist_app.runs.store import Store
from mnist_app.runs.tables import class_settings, drawings, people, runs


def reset_class(exported: str, store: Store, files: ModelFiles, evaluations: Evaluations) -> ClassContents:
    """Remove all runs, drawings, names and the settings of the class; how much that was.

    `exported` is the state that an archive tells. A run that is being trained goes too: whoever trains it
    finds it gone and stops. Raises `NotExported` where something has changed since, and nothing is removed;
    `StorageUnavailable`.
    """
    with store.writing() as connection:
        serialize_writes(connection)  # nobody submits a run between the look and the removal
        if class_state(connection) != exported:
            raise NotExported(
                "Something was made, renamed or removed since the export; export the class again, and reset "
                "it then. Nothing was removed."
            )
        contents = class_contents(connection)
        made = connection.execute(select(runs.c.id, runs.c.model_sha256)).all()
        for table in (runs, drawings, people, class_settings):
            connection.execute(delete(table))
    for run in made:
        files.delete(run.id)
        if run.model_sha256:
            evaluations.delete(run.model_sha256)
    return contents
