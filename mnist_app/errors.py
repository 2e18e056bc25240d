"""What can go wrong, in the user's words.

Each error's text is one sentence, or two, that a visitor can act on: what came, what was
expected, what to do. It becomes page text or an exit code only at the edge (`ui`, `cli`).
"""


class AppError(Exception):
    """Anything the app can explain. Everything else is a fault of the program."""


class EmptyDrawing(AppError):
    """There is no ink in what was drawn or uploaded."""


class UnreadableDrawing(AppError):
    """A file, a picture or a message from the canvas is not a drawing that can be read."""


class DatasetUnavailable(AppError):
    """A data set is not here and could not be brought here, or its file is not what it should be."""


class InvalidSetting(AppError):
    """A hyperparameter, an option or an environment variable has a value that cannot be used."""


class UnknownName(AppError):
    """A model, a preset or a data set was asked for by a name that nothing has."""


class ModelUnavailable(AppError):
    """A model's file is missing, damaged or not one that this app wrote."""


class StorageUnavailable(AppError):
    """The app's folder cannot be made, read or written."""


class RunNotFound(AppError):
    """There is no training run of that id or name."""


class AmbiguousName(AppError):
    """Several training runs have the name that was asked for."""


class QueueFull(AppError):
    """No more training runs can wait, altogether or of one person."""


class RunNotReady(AppError):
    """What was asked of a training run does not go with its status."""


class DrawingNotFound(AppError):
    """There is no kept drawing of that id; it may have been removed."""


class TooManyDrawings(AppError):
    """No more drawings can be kept, of one person or altogether."""


class TooFewDrawings(AppError):
    """There are not drawings enough to train with."""


class UnreadableArchive(AppError):
    """A file is no archive of ours, is damaged, or holds something that none of ours does."""


class NotExported(AppError):
    """What is to be removed is not what was exported."""


class LeaseLost(AppError):
    """A training run was taken from whoever trained it: its lease ran out, or it was deleted."""


class ClusterUnavailable(AppError):
    """The Ray cluster that is to train cannot be used: not installed, out of reach, or without processors."""


class NotAllowed(AppError):
    """A visitor asked for something that only the owner or the teacher may do, or that is hidden."""


class MalformedText(AppError):
    """A text of the lessons or of the glossary is not written as it must be."""
