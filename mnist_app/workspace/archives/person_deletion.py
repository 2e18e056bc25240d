"""Deletion of everything that one person has made."""

from sqlalchemy import delete, select

from mnist_app.workspace.classroom.people import Belongings
from mnist_app.workspace.classroom.pseudonym import writer_of
from mnist_app.workspace.runs.model_files import ModelFiles
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.runs.test_answers import Evaluations
from mnist_app.workspace.storage.tables import drawing_owner, drawings, people, runs


def delete_belongings(owner: str, store: Store, files: ModelFiles, evaluations: Evaluations) -> Belongings:
    """Remove a person's name, runs, curves, models and drawings, and count what was removed.

    A run in training goes too: its worker finds it deleted, stops, and removes what it has written since.

    Args:
        owner: the token of the person's browser.
        store: the store of runs, whose database also has the drawings and names.
        files: the models and checkpoints.
        evaluations: the answers of models on test sets.

    Returns:
        How many runs and drawings were removed.

    Raises:
        StorageUnavailable: the store or a file cannot be written to.
    """
    with store.writing() as connection:
        own = runs.c.owner == owner
        made = connection.execute(select(runs.c.id, runs.c.model_sha256).where(own)).all()
        connection.execute(delete(runs).where(own))
        drawn = connection.execute(delete(drawings).where(drawing_owner == writer_of(owner))).rowcount
        connection.execute(delete(people).where(people.c.owner == owner))
    for run in made:
        files.delete(run.id)
        if run.model_sha256:
            evaluations.delete(run.model_sha256)
    return Belongings(len(made), drawn)
