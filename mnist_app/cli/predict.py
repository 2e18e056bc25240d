"""`predict`: the digit on each picture or drawing."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mnist_app import errors
from mnist_app.cli.drawing_files import drawings_in, read_image
from mnist_app.cli.models import networks_loader
from mnist_app.cli.options import AsJson, Model, named_path
from mnist_app.cli.output import print_json, say, shown
from mnist_app.learning.inference.shipped import SHIPPED
from mnist_app.settings import Settings
from mnist_app.wording import percent_likely

if TYPE_CHECKING:
    from mnist_app.cli.drawing_files import Image
    from mnist_app.learning.inference.classifier import Classifier
    from mnist_app.learning.inference.digit_detector import DigitDetector
    from mnist_app.learning.inference.verdict import Verdict

    Answer = Verdict | errors.AppError
    """The networks' verdict, or the reason why a file has none."""
    Networks = tuple[Classifier, DigitDetector]

BATCH = 250
"""Drawings that are classified together."""
MOST_WAITING = 5_000
"""Most drawings that are read while TensorFlow is being imported."""


def predict(
    paths: Annotated[
        list[Path],
        typer.Argument(parser=named_path, metavar="PATH...", help="Files, or folders of them."),
    ],
    model: Model = SHIPPED,
    as_json: AsJson = False,
) -> None:
    """Say which digit is on each picture or canvas drawing (.json).

    Pictures are PNG, JPEG, HEIC, WebP, AVIF, TIFF, GIF or BMP files. In a folder every file is read, in the
    order of the names, without the folders in it. For a file that is no drawing or has no ink, a line with
    the reason goes to standard error (with --json: an object {"path", "error"} to standard output). The exit
    code is then 1, after all other answers.
    """
    files = drawings_in(paths)
    load = networks_loader(model, Settings.from_environment())
    unread = 0
    for path, answer in _answer(files, load):
        if isinstance(answer, errors.AppError):
            unread += 1
        _print_answer(path, answer, as_json)
    if unread and as_json:
        lines = "its line says" if unread == 1 else "their lines say"
        say(f"{unread} of {len(files)} could not be read; {lines} why.")
    if unread:
        raise typer.Exit(1)


def _answer(files: Iterable[Path], load: "Callable[[], Networks]") -> "Iterator[tuple[Path, Answer]]":
    """Yield each file with its verdict or the reason for none, in order and in limited memory.

    A thread imports TensorFlow while files are read. It starts once the first file has been read.

    Raises:
        ModelUnavailable: A network cannot be loaded.
    """
    thread = ThreadPoolExecutor(max_workers=1)
    networks: Future[Networks] | None = None
    waiting: list[tuple[Path, Image]] = []
    for path in files:
        image = read_image(path)
        if networks is None and not isinstance(image, errors.AppError):
            networks = thread.submit(load)
        waiting.append((path, image))
        if len(waiting) >= (BATCH if networks is None or networks.done() else MOST_WAITING):
            yield from _classify(waiting, networks)
            waiting = []
    yield from _classify(waiting, networks)


def _classify(
    read: "Sequence[tuple[Path, Image]]",
    networks: "Future[Networks] | None",
) -> "Iterator[tuple[Path, Answer]]":
    """Yield each file with the verdict on its image; wait for the networks."""
    import numpy as np

    from mnist_app.learning.inference.verdict import Verdict, check_answers

    images = [image for _, image in read if not isinstance(image, errors.AppError)]
    if networks is None or not images:
        yield from ((path, image) for path, image in read if isinstance(image, errors.AppError))
        return
    (classifier, detector), stacked = networks.result(), np.stack(images)
    probabilities = classifier.probabilities_of(stacked)
    check_answers(probabilities)
    known = probabilities if detector.classifier is classifier else None
    verdicts = map(Verdict, probabilities, detector.likelihoods_of(stacked, known).tolist())
    for path, image in read:
        yield path, image if isinstance(image, errors.AppError) else next(verdicts)


def _print_answer(path: Path, answer: "Answer", as_json: bool) -> None:
    if isinstance(answer, errors.AppError):
        if as_json:
            print_json(path=str(path), error=str(answer))
        else:
            say(f"{shown(path)}: {answer}")
        return
    if as_json:
        print_json(
            path=str(path),
            digit=answer.digit,
            confidence=answer.confidence,
            probabilities=answer.probabilities.tolist(),
            is_digit=answer.is_digit,
            unsure=answer.is_unsure,
        )
    else:
        print(f"{shown(path)}: {answer.digit} ({percent_likely(answer.confidence)}{_doubt(answer)})")


def _doubt(verdict: "Verdict") -> str:
    """Return the doubts about the digit as an ending of the line, if any."""
    if not verdict.is_digit:
        return ", but it does not look like a digit"
    return f", not sure: or {verdict.runner_up}" if verdict.is_unsure else ""
