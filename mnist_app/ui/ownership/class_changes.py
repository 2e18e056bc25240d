"""Changes that only the teacher may make. Each function checks the visitor's permission first."""

from typing import IO, TYPE_CHECKING, Literal

from mnist_app.ui.ownership.visitor import ask
from mnist_app.ui.shared import resources
from mnist_app.workspace.classroom.class_settings import ClassSettings
from mnist_app.workspace.classroom.permissions import Action

if TYPE_CHECKING:
    from mnist_app.workspace.archives.class_archive import Archived, ClassContents
    from mnist_app.workspace.archives.class_export import Exported
    from mnist_app.workspace.archives.class_import import Imported


def move_run_to_front(run_id: str) -> None:
    """Move a waiting run to the front of the queue.

    Raises:
        NotAllowed: the visitor is not the teacher.
        RunNotReady: it no longer waits.
    """
    ask(Action.MOVE_RUN)
    resources.queue().move_to_front(run_id)


def cancel_all_waiting() -> int:
    """Cancel all waiting runs, and return their number.

    Raises:
        NotAllowed: the visitor is not the teacher.
    """
    ask(Action.CANCEL_WAITING)
    return resources.queue().cancel_all()


def cancel_waiting_like(run_id: str, same: Literal["owner", "address"]) -> int:
    """Cancel all waiting runs of the same person, or from the same address, as a run; return their number.

    Raises:
        NotAllowed: the visitor is not the teacher.
    """
    ask(Action.CANCEL_WAITING)
    return resources.queue().cancel_like(run_id, same)


def set_class(new: ClassSettings) -> None:
    """Put new settings of the class into force.

    Raises:
        NotAllowed: the visitor is not the teacher.
        StorageUnavailable: The store cannot be reached.
    """
    ask(Action.SET_CLASS)
    resources.keep_class_settings(new)


def export_class(file: IO[bytes]) -> "Exported":
    """Write an archive of everything the class has made, and return what is in it and what is not.

    Raises:
        NotAllowed: the visitor is not the teacher.
        StorageUnavailable: The store cannot be reached.
    """
    from mnist_app.workspace.archives.class_export import export_class as write

    ask(Action.EXPORT_CLASS)
    return write(resources.store(), resources.model_files(), file)


def import_class(file: IO[bytes]) -> "Imported":
    """Import an archive of a class, and return how much was added.

    Raises:
        NotAllowed: the visitor is not the teacher.
        UnreadableArchive: it is no archive of a class.
    """
    from mnist_app.workspace.archives.class_import import import_class as bring

    ask(Action.IMPORT_CLASS)
    imported = bring(file, resources.store(), resources.model_files())
    resources.kept_class_settings.clear()
    return imported


def reset_class(exported: "Archived") -> "ClassContents":
    """Delete everything of the class that an archive holds, and return how much that was.

    Args:
        exported: the contents of the archive.

    Raises:
        NotAllowed: the visitor is not the teacher.
        NotExported: something has changed since the export.
    """
    from mnist_app.workspace.archives.class_reset import reset_class as reset

    ask(Action.RESET_CLASS)
    deleted = reset(exported, resources.store(), resources.model_files(), resources.evaluations())
    resources.kept_class_settings.clear()
    return deleted
