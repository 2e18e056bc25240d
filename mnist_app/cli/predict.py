"""`predict`: which digit is on each picture or drawing."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mnist_app import errors
from mnist_app.cli.drawing_files import drawings_in, read_image
from mnist_app.cli.models import classifier_loader
from mnist_app.cli.options import SHIPPED, AsJson, Model
from mnist_app.cli.output import print_json, say, shown
from mnist_app.settings import Settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from mnist_app.cli.drawing_files import Image
    from mnist_app.learning.classifier import Classifier

    Answer = NDArray[np.float32] | errors.AppError
    """Ten probabilities, or why a file has none."""

BATCH = 250
"""Drawings that are answered together."""
MOST_WAITING = 5_000
"""Drawings that are kept, ready to be answered, while TensorFlow is being imported."""


def predict(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files, or folders of them.")],
    model: Model = SHIPPED,
    as_json: AsJson = False,
) -> None:
    """Say which digit is on each picture (PNG, JPEG, WebP, BMP) or canvas drawing (.json).

    Of a folder, not of the folders in it, every file with such an ending is read, in the order of the
    names. A file that cannot be read, or has no ink, gets a line with the reason on standard error (with
    --json: an object {"path", "error"} on standard output), the others are answered, and the exit code is 1.
    """
    files = drawings_in(paths)
    load = classifier_loader(model, Settings.from_environment())
    unread = 0
    for path, answer in _answer(files, load):
        if isinstance(answer, errors.AppError):
            unread += 1
        _print_answer(path, answer, as_json)
    if unread and as_json:
        say(f"{unread} of {len(files)} could not be read; their lines say why.")
    if unread:
        raise typer.Exit(1)


def _answer(files: Iterable[Path], load: Callable[[], "Classifier"]) -> "Iterator[tuple[Path, Answer]]":
    """Each file with its ten probabilities, or why there are none, in order and in bounded memory.

    TensorFlow is imported on a thread of its own while files are read already, and only when the first
    one has been read. Raises `ModelUnavailable`.
    """
    thread = ThreadPoolExecutor(max_workers=1)
    classifier: Future[Classifier] | None = None
    waiting: list[tuple[Path, Image]] = []
    for path in files:
        image = read_image(path)
        if classifier is None and not isinstance(image, errors.AppError):
            classifier = thread.submit(load)
        waiting.append((path, image))
        if len(waiting) >= (BATCH if classifier is None or classifier.done() else MOST_WAITING):
            yield from _classify(waiting, classifier)
            waiting = []
    yield from _classify(waiting, classifier)


def _classify(
    read: "Sequence[tuple[Path, Image]]",
    classifier: "Future[Classifier] | None",
) -> "Iterator[tuple[Path, Answer]]":
    """What was read, each image replaced by its probabilities; waits for the classifier."""
    import numpy as np

    images = [image for _, image in read if not isinstance(image, errors.AppError)]
    if classifier is None or not images:
        yield from read
        return
    answers = iter(classifier.result().probabilities_of(np.stack(images)))
    for path, image in read:
        yield path, image if isinstance(image, errors.AppError) else next(answers)


def _print_answer(path: Path, answer: "Answer", as_json: bool) -> None:
    if isinstance(answer, errors.AppError):
        if as_json:
            print_json(path=str(path), error=str(answer))
        else:
            say(f"{shown(path)}: {answer}")
        return
    digit = int(answer.argmax())
    confidence = float(answer[digit])
    if as_json:
        print_json(path=str(path), digit=digit, confidence=confidence, probabilities=answer.tolist())
    else:
        print(f"{shown(path)}: {digit} ({confidence:.1%})")
