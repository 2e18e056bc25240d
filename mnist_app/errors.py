"""Errors that the app explains, in the user's words.

Each error's text is one or two sentences that a visitor can act on: what came, what was expected, what to do.
It becomes page text or an exit code only at the edge (`ui`, `cli`).
"""


class AppError(Exception):
    """An error that the app can explain. Every other error is a fault of the program."""


class EmptyDrawing(AppError):
    """A drawing or a picture has no ink."""


class UnreadableDrawing(AppError):
    """A file, a picture or a message from the canvas cannot be read as a drawing."""


class DatasetUnavailable(AppError):
    """A data set is not here and cannot be downloaded, or its file is not the expected one."""


class InvalidSetting(AppError):
    """A hyperparameter, an option or an environment variable has a value that cannot be used."""


class UnknownName(AppError):
    """There is no model, preset, data set or file of this name."""


class ModelUnavailable(AppError):
    """A model's file is missing, damaged or not written by this app."""


class StorageUnavailable(AppError):
    """The app's folder or database cannot be created, read or written."""


class RunNotFound(AppError):
    """There is no training run of this id or name."""


class AmbiguousName(AppError):
    """Several training runs have this name."""


class QueueFull(AppError):
    """The queue accepts no more training runs, in total or of one person."""


class RunNotReady(AppError):
    """The status of a training run does not allow this action."""


class DrawingNotFound(AppError):
    """There is no kept drawing of this id; it may have been deleted."""


class TooManyDrawings(AppError):
    """No more drawings can be kept, of one person or in total."""


class TooFewDrawings(AppError):
    """There are not enough drawings for a training."""


class UnreadableArchive(AppError):
    """A file is not an archive of this app, is damaged, or has unknown contents."""


class NotExported(AppError):
    """The data to delete are not the data that were exported."""


class LeaseLost(AppError):
    """A worker has lost its training run: the lease expired, or the run was deleted."""


class ClusterUnavailable(AppError):
    """The Ray cluster for training cannot be used: not installed, unreachable, or without processors."""


class NotAllowed(AppError):
    """A visitor asked for something that is hidden, or that only the owner or the teacher may do."""


class MalformedText(AppError):
    """A text of the lessons or of the glossary does not have the expected form."""
