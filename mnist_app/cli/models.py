"""Search for the requested model, and its loading."""

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
"""Most runs in the list after an unknown name."""


def classifier_loader(model: str, settings: Settings) -> Callable[[], "Classifier"]:
    """Find the model now, and return a function that loads it and TensorFlow.

    Raises:
        UnknownName: There is no such model.
        AmbiguousName: Several runs have this name.
        ModelUnavailable: The model is missing or damaged; the returned function may raise it too.
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
    """Find the model, check the digit detector, and return a function that loads both.

    Raises:
        AppError: As `classifier_loader` does, now or when the networks are loaded.
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
    """Return the run of this id or name.

    Raises:
        UnknownName: There is none; the error lists runs with a model.
        AmbiguousName: Several runs have this name.
    """
    from mnist_app.workspace.runs.run_store import Store

    with Store(settings) as store:
        try:
            return store.find(model)
        except errors.RunNotFound:
            known = [run for run in store.runs(limit=MODELS_LISTED) if run.model_sha256]
    listed = ", ".join([SHIPPED, *(f"{run.id} ({run.name})" if run.name else run.id for run in known)])
    raise errors.UnknownName(f"There is no model {model[:40]!r}; there are: {listed}.")


def import_classifier() -> "type[Classifier]":
    """Import `Classifier` and TensorFlow, which takes seconds, without its messages."""
    with quiet_native_code():
        from mnist_app.learning.inference.classifier import Classifier
    return Classifier
