"""Changes to runs, drawings and names. Each function checks the visitor's permission first.

Pages change nothing in any other way. It is not enough that a page hides a control, because a tab that showed
it before, or a forged message, can still press it. A test lists these functions and tries each as somebody
else. `class_changes` has the changes that only the teacher may make.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import IO, TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from mnist_app.ink.drawing import Drawing
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.ui.lesson_link.class_rules import rules
from mnist_app.ui.ownership.visitor import ask, ask_before, origin
from mnist_app.ui.session.session import session
from mnist_app.ui.shared import resources
from mnist_app.workspace.classroom.permissions import Action
from mnist_app.workspace.drawings.kept_drawing import KeptDrawing
from mnist_app.workspace.runs.records import Run

if TYPE_CHECKING:
    from mnist_app.workspace.classroom.people import Belongings
    from mnist_app.workspace.drawings.outcomes import Added, Kept

T = TypeVar("T")

# Opening the store takes a third of a second. Imports within functions spare the first page that.


# Runs


def train(config: TrainingConfig, probe: NDArray[np.float32] | None = None) -> Run:
    """Put a run into the queue, for the visitor.

    Args:
        config: what to train.
        probe: an image, (28, 28), that the network is asked about as it trains.

    Raises:
        QueueFull: too many runs wait.
        InvalidSetting: the teacher does not allow that much, or the name is invalid.
    """
    ask(Action.TRAIN)
    rules().check(config)  # a lesson link may allow less than the queue, which knows the class's limits
    return resources.queue().submit(config, session().owner, probe=probe, origin=origin())


def stop_run(run_id: str) -> None:
    """Take a waiting run out of the queue, or stop one that trains.

    Raises:
        NotAllowed: it is somebody else's.
        RunNotFound: it was deleted.
    """
    ask(Action.STOP_RUN, resources.store().run(run_id).owner)
    resources.queue().cancel(run_id)


def continue_run(run_id: str, epochs: int) -> Run:
    """Put a run into the queue that resumes another one for so many more epochs.

    Raises:
        NotAllowed: the other one is somebody else's.
        RunNotReady: it cannot be continued.
        InvalidSetting: it would have more epochs than the teacher or a lesson link allows.
        QueueFull: too many runs wait.
    """
    from mnist_app.workspace.runs.queue import check_continuable

    run = resources.store().run(run_id)
    ask(Action.CONTINUE_RUN, run.owner)
    rules().check(replace(run.config, epochs=check_continuable(run) + epochs))
    files = resources.model_files()
    return resources.queue().continue_run(run, epochs, session().owner, files, origin())


def rename_run(run_id: str, name: str) -> None:
    """Rename a run.

    Raises:
        NotAllowed: it is somebody else's.
        InvalidSetting: the name is invalid.
    """
    ask(Action.RENAME_RUN, resources.store().run(run_id).owner)
    resources.store().rename(run_id, name)


def delete_run(run_id: str) -> None:
    """Delete a run with its curves, model and evaluation.

    Raises:
        NotAllowed: it is somebody else's, or the teacher has hidden deletion.
        RunNotReady: it trains.
        RunNotFound: it was deleted before.
    """
    run = resources.store().run(run_id)
    ask(Action.DELETE_RUN, run.owner)
    resources.store().delete(run.id)
    resources.model_files().delete(run.id)
    if run.model_sha256:
        resources.evaluations().delete(run.model_sha256)


def on_download(read: Callable[[], T]) -> Callable[[], T]:
    """Return a function for a download button that checks the permission again and reads a part of a run."""
    return ask_before(Action.DOWNLOAD_RUN, read)


# Drawings


def keep_drawing(drawing: Drawing, label: int, answer: int | None) -> "Kept":
    """Keep the visitor's drawing for the class, or give it this label if it is kept already.

    Args:
        drawing: the drawing.
        label: the digit that it is.
        answer: the digit that the network took it for, if it was asked.

    Raises:
        NotAllowed: the teacher has hidden keeping.
        TooManyDrawings: there is no room for more.
        EmptyDrawing: there is no ink.
        UnreadableDrawing: it is too large.
    """
    ask(Action.KEEP_DRAWING)
    return resources.drawings().keep(drawing, label, session().owner, answer=answer, person=session().person)


def relabel_drawing(drawing_id: str, label: int) -> None:
    """Give a drawing another label.

    Raises:
        NotAllowed: it is somebody else's.
        DrawingNotFound: it was removed.
    """
    ask(Action.RELABEL_DRAWING, resources.drawings().get(drawing_id).owner)
    resources.drawings().relabel(drawing_id, label)


def remove_drawing(drawing_id: str) -> KeptDrawing:
    """Remove a drawing and return it, so that it can be put back.

    Raises:
        NotAllowed: it is somebody else's.
        DrawingNotFound: it was removed before.
    """
    ask(Action.REMOVE_DRAWING, resources.drawings().get(drawing_id).owner)
    return resources.drawings().remove(drawing_id)


def put_drawing_back(drawing: KeptDrawing) -> bool:
    """Undo `remove_drawing`; return False if the drawing has been kept again meanwhile.

    Raises:
        NotAllowed: it is somebody else's.
        TooManyDrawings: there is no room for more.
    """
    ask(Action.REMOVE_DRAWING, drawing.owner)
    return resources.drawings().put_back(drawing)


def on_export_of_drawings() -> Callable[[], bytes]:
    """Return a function for a download button that checks the permission again and zips all drawings."""
    from mnist_app.workspace.archives.drawing_archive import archive_of

    return ask_before(Action.EXPORT_DRAWINGS, lambda: archive_of(resources.drawings().find()))


def import_drawings(file: IO[bytes]) -> "Added":
    """Import the drawings of a zip for the visitor, all of them or none.

    Raises:
        NotAllowed: the teacher has hidden keeping.
        UnreadableArchive: it is no zip of drawings.
        TooManyDrawings: there is no room for more.
    """
    from mnist_app.workspace.archives.drawing_archive import read_archive
    from mnist_app.workspace.drawings.imported_drawings import bring

    ask(Action.IMPORT_DRAWINGS)
    return bring(resources.store().database, read_archive(file), session().owner)


def remove_import(import_id: str) -> int:
    """Remove all drawings of one import, and return their number.

    Raises:
        NotAllowed: somebody else imported them.
    """
    from mnist_app.workspace.drawings import imported_drawings

    database = resources.store().database
    ask(Action.REMOVE_DRAWING, imported_drawings.owner_of_import(database, import_id))
    return imported_drawings.remove_import(database, import_id)


def remove_drawings_of(owner: str) -> int:
    """Remove all drawings that a person drew or imported, by `KeptDrawing.owner`, and return their number.

    Raises:
        NotAllowed: they are somebody else's.
    """
    from mnist_app.workspace.drawings.imported_drawings import remove_all_of

    ask(Action.REMOVE_DRAWING, owner)
    return remove_all_of(resources.store().database, owner)


# The visitor


def introduce_visitor() -> str:
    """Store the visitor's name for what they make, unless one is stored already, and return the stored one.

    Raises:
        StorageUnavailable: The store cannot be reached.
    """
    ask(Action.CHANGE_PERSON, session().owner)
    return resources.people().introduce(session().owner, session().person)


def rename_visitor(name: str) -> str:
    """Rename the visitor, and return the name as it is stored.

    Raises:
        InvalidSetting: the name is invalid.
    """
    ask(Action.CHANGE_PERSON, session().owner)
    return resources.people().rename(session().owner, name)


def delete_belongings_of_visitor() -> "Belongings":
    """Delete all the visitor's runs and drawings, and return how many there were.

    Raises:
        StorageUnavailable: The store cannot be reached.
    """
    from mnist_app.workspace.archives.person_deletion import delete_belongings

    ask(Action.CHANGE_PERSON, session().owner)
    store, files = resources.store(), resources.model_files()
    return delete_belongings(session().owner, store, files, resources.evaluations())
