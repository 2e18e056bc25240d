"""Deletion of everything that one person has made."""

from sqlalchemy import delete, select

from mnist_app.workspace.classroom.people import Belongings
from mnist_app.workspace.classroom.pseudonym import writer_of
from mnist_app.workspace.runs.model_files import ModelFiles
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.runs.test_answers import Evaluations
from mnist_app.workspace.storage.tables import drawing_owner, drawings, people, runs


def delete_belongings(owner: str, store: Store, files: ModelFiles, evaluations: Evaluations) -> Belongings:
    """Remove a person's name, runs, curves, models and drawings.

    A run in training is removed too: its worker notices this, stops, and removes the files that it has
    written since.

    Args:
        owner: The token of the person's browser.
        store: The store of runs, whose database also contains the drawings and names.
        files: The models and checkpoints.
        evaluations: The answers of models on test sets.

    Returns:
        The numbers of runs and drawings that were removed.

    Raises:
        StorageUnavailable: The store or a file cannot be written.
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
