"""Finding the model that was asked for, and loading it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from mnist_app import errors
from mnist_app.cli.quiet import quiet_native_code
from mnist_app.learning.inference.shipped import CLASSIFIER, DETECTOR, SHIPPED
from mnist_app.settings import Settings

if TYPE_CHECKING:
    from mnist_app.learning.inference.classifier import Classifier
    from mnist_app.learning.inference.digit_detector import DigitDetector
    from mnist_app.workspace.runs.records import Run

MODELS_LISTED = 10
"""Runs that are named where there is no model of the name that was given."""


def classifier_loader(model: str, settings: Settings) -> Callable[[], "Classifier"]:
    """Find the model now, and return what loads it, TensorFlow included.

    Raises `UnknownName`, `AmbiguousName` or `ModelUnavailable`, and what it returns the last of these.
    """
    if model == SHIPPED:
        return _shipped_loader()
    from mnist_app.workspace.runs.model_files import ModelFiles

    run, files = find_run(model, settings), ModelFiles.of(settings)
    if run.checkpoint_epoch is None:
        files.load_model(run)  # says at once, before TensorFlow is imported, what is wrong with it

    def load() -> "Classifier":
        import_classifier()
        return files.load_classifier(run)

    return load


def networks_loader(model: str, settings: Settings) -> "Callable[[], tuple[Classifier, DigitDetector]]":
    """Find the model, check that the digit detector is whole, and return what loads both.

    Raises `UnknownName`, `AmbiguousName` or `ModelUnavailable`, and what it returns the last of these.
    """
    load_classifier, load_shipped = classifier_loader(model, settings), _shipped_loader()
    path = DETECTOR.checked_file()

    def load() -> "tuple[Classifier, DigitDetector]":
        classifier = load_classifier()
        from mnist_app.learning.inference.digit_detector import DigitDetector

        shipped = classifier if model == SHIPPED else load_shipped()
        return classifier, DigitDetector.load(path, shipped)

    return load


def _shipped_loader() -> "Callable[[], Classifier]":
    """Check that the shipped model is intact, and return a function that loads it.

    Raises:
        ModelUnavailable: The model is missing or damaged.
    """
    path = CLASSIFIER.checked_file()
    return lambda: import_classifier().load(path)


def find_run(model: str, settings: Settings) -> "Run":
    """The run of that id or name; raises `UnknownName`, listing those with a model, or `AmbiguousName`."""
    from mnist_app.workspace.runs.run_store import Store

    with Store(settings) as store:
        try:
            return store.find(model)
        except errors.RunNotFound:
            known = [run for run in store.runs(limit=MODELS_LISTED) if run.model_sha256]
    listed = ", ".join([SHIPPED, *(f"{run.id} ({run.name})" if run.name else run.id for run in known)])
    raise errors.UnknownName(f"There is no model {model[:40]!r}; there are: {listed}.")


def import_classifier() -> "type[Classifier]":
    """`Classifier`, and TensorFlow with it, which takes seconds and is kept quiet."""
    with quiet_native_code():
        from mnist_app.learning.inference.classifier import Classifier
    return Classifier
