"""How well people are read on whose handwriting nothing was trained: by collection and by kind of drawing.

Each digit of the held-out writers is drawn in every kind: on the canvas, with and without its strokes, and on
paper, as `ink.synthetic.paper` takes its picture. Numbers are composed of digits of one writer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.measurement import Figure
from mnist_app.errors import EmptyDrawing
from mnist_app.ink.drawing import Drawing
from mnist_app.ink.preprocess import preprocess
from mnist_app.ink.strokes import Points, Stroke
from mnist_app.ink.synthetic.paper import SHEETS, Sheet, on_paper
from mnist_app.ink.synthetic.rows import in_a_row
from mnist_app.learning.inference.classifier import Classifier
from mnist_app.learning.inference.digit_detector import DigitDetector
from mnist_app.learning.inference.verdict import DIGIT_FROM
from mnist_app.learning.metrics.calibration import expected_calibration_error
from mnist_app.learning.release.measure_classifier import HELD_OUT
from mnist_app.learning.release.pen_digit_images import CANVAS, Way, draw, labels_of
from mnist_app.learning.release.pendigits import PenDigit

SEED = 17
UNIPEN_HELD_OUT = tuple(range(5, 116, 5))
"""Every fifth writer, so that most laboratories are among them."""
LENGTHS = (2, 3, 4, 5)
WORST_WRITERS = 3

Images = NDArray[np.float32]
Draw = Callable[[PenDigit, np.random.Generator], Drawing]


@dataclass(frozen=True)
class Kind:
    """A way of drawing every digit, with its targets."""

    name: str
    draw: Draw
    most_refused: str = "≤ 1 %"
    least_correct: str = ""
    """The target for both collections; empty for the collection's own."""


@dataclass(frozen=True)
class Reading:
    """What the networks make of the digits of one collection, drawn in one kind."""

    collection: str
    kind: Kind
    writers: tuple[int, ...]
    """Of each digit."""
    truth: NDArray[np.uint8]
    probabilities: NDArray[np.float32]
    likelihoods: NDArray[np.float32]
    usual: NDArray[np.float32]
    """Probabilities of the usual pipeline."""

    @property
    def correct(self) -> NDArray[np.bool_]:
        """Whether the most probable digit of each drawing is the true one, refused or not."""
        return np.asarray(self.probabilities.argmax(axis=1) == self.truth)

    @property
    def usual_correct(self) -> float:
        """The usual pipeline's share of correct digits."""
        return float((self.usual.argmax(axis=1) == self.truth).mean())

    @property
    def refused(self) -> float:
        """Share of the digits that are called no digit."""
        return float((self.likelihoods < DIGIT_FROM).mean())


def on_canvas(way: Way) -> Draw:
    """Return a function that draws a digit on the canvas."""
    return lambda digit, rng: draw(digit, way)


def on_sheet(sheet: Sheet) -> Draw:
    """Return a function that writes a digit on paper and reads the picture."""
    return lambda digit, rng: Drawing.from_picture(on_paper(digit.strokes, sheet, rng))


KINDS = (
    Kind("strokes, brush 20, 60 %", on_canvas(Way(20, 0.6, has_strokes=True))),
    Kind("strokes, brush 20, 25 %", on_canvas(Way(20, 0.25, has_strokes=True))),
    Kind("pixels, brush 8, 60 %", on_canvas(Way(8, 0.6, has_strokes=False))),
    Kind("pixels, brush 20, 60 %", on_canvas(Way(20, 0.6, has_strokes=False))),
    Kind("pixels, brush 32, 90 %", on_canvas(Way(32, 0.9, has_strokes=False))),
    *(Kind(sheet.name, on_sheet(sheet), "≤ 1.5 %", "≥ 98 %") for sheet in SHEETS),
)
COLLECTIONS = {"UNIPEN": "≥ 98.5 %", "pen digits": "≥ 98.7 %"}
"""The collections, and their targets on the canvas."""


def held_out(pen_digits: Sequence[PenDigit], unipen: Sequence[PenDigit]) -> dict[str, list[PenDigit]]:
    """Return the digits of the writers that are held out, by collection."""
    return {
        "UNIPEN": [digit for digit in unipen if digit.writer in UNIPEN_HELD_OUT],
        "pen digits": [digit for digit in pen_digits if digit.writer in HELD_OUT],
    }


def read_all(
    digits: dict[str, list[PenDigit]],
    classifier: Classifier,
    detector: DigitDetector,
    usual: Callable[[Sequence[Drawing]], Images],
    progress: Callable[[str], None],
) -> list[Reading]:
    """Draw all digits in every kind, and ask the networks.

    Args:
        digits: The digits, by collection.
        classifier: The classifier that ships.
        detector: The detector that ships.
        usual: Returns the usual pipeline's probabilities of drawings.
        progress: Called with the name of what comes next.
    """
    readings = []
    for collection, written in digits.items():
        for number, kind in enumerate(KINDS):
            progress(f"{collection}, {kind.name}")
            drawings = [
                kind.draw(digit, np.random.default_rng([SEED, number, digit.writer, digit.sample]))
                for digit in written
            ]
            images = images_of(drawings)
            readings.append(
                Reading(
                    collection,
                    kind,
                    tuple(digit.writer for digit in written),
                    labels_of(written),
                    classifier.probabilities_of(images),
                    detector.likelihoods_of(images),
                    usual(drawings),
                )
            )
    return readings


def images_of(drawings: Sequence[Drawing]) -> Images:
    """Return the network's inputs (n, 28, 28) for the drawings, as the app prepares them.

    A drawing without ink that can be found is an empty image, which no network reads right.
    """
    return np.array([_image_of(drawing) for drawing in drawings], np.float32).reshape(-1, 28, 28)


def _image_of(drawing: Drawing) -> Images:
    try:
        return preprocess(drawing).image
    except EmptyDrawing:
        return np.zeros((28, 28), np.float32)


def numbers(digits: Sequence[PenDigit], per_length: int, touching: bool) -> list[tuple[str, list[Points]]]:
    """Compose numbers of two to five digits, each of the digits of one writer.

    Returns:
        The number as text, and its paths; see `ink.synthetic.rows`.
    """
    by_writer: dict[int, list[PenDigit]] = {}
    for digit in digits:
        by_writer.setdefault(digit.writer, []).append(digit)
    writers = [writer for writer, own in by_writer.items() if len(own) >= max(LENGTHS)]
    composed = []
    for length in LENGTHS:
        for number in range(per_length):
            rng = np.random.default_rng([SEED, length, number, int(touching)])
            own = by_writer[writers[rng.integers(len(writers))]]
            chosen = [own[index] for index in rng.choice(len(own), length, replace=False)]
            text = "".join(str(digit.digit) for digit in chosen)
            composed.append((text, in_a_row([digit.strokes for digit in chosen], touching, rng)))
    return composed


def number_on_canvas(ways: Sequence[Points]) -> Drawing:
    """Draw a number on the canvas, as wide as fits."""
    points = np.concatenate(ways)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = 0.8 * CANVAS / float((high - low).max())
    width = max(4.0, 0.09 * scale)
    strokes = [Stroke((way - (low + high) / 2) * scale + CANVAS / 2, width) for way in ways]
    return Drawing.from_strokes(strokes, CANVAS)


def numbers_refused(detector: DigitDetector, digits: Sequence[PenDigit], per_length: int) -> Figure:
    """Measure the share of numbers of two to five digits that is called no digit."""
    written = [*numbers(digits, per_length, touching=False), *numbers(digits, per_length, touching=True)]
    images = images_of([number_on_canvas(ways) for _, ways in written])
    refused = float((detector.likelihoods_of(images) < DIGIT_FROM).mean())
    return Figure("UNIPEN, numbers of two to five digits, called no digit", len(images), refused, 0.0)


def figures(readings: Sequence[Reading]) -> list[Figure]:
    """Return the rows of the table: correct, refused and calibration by kind, and the writers read worst."""
    rows = []
    for collection, target in COLLECTIONS.items():
        of_collection = [reading for reading in readings if reading.collection == collection]
        if not of_collection:
            continue
        rows += [_correct(reading, target) for reading in of_collection]
        rows += [_refused(reading) for reading in of_collection]
        rows += [_calibration(collection, of_collection), *_worst_writers(collection, of_collection)]
    return rows


def _correct(reading: Reading, target: str) -> Figure:
    name = f"{reading.collection}, {reading.kind.name}"
    ours = float(reading.correct.mean())
    return Figure(name, len(reading.truth), ours, reading.usual_correct, reading.kind.least_correct or target)


def _refused(reading: Reading) -> Figure:
    name = f"{reading.collection}, {reading.kind.name}: called no digit"
    return Figure(name, len(reading.truth), reading.refused, 0.0, reading.kind.most_refused)


def _calibration(collection: str, readings: Sequence[Reading]) -> Figure:
    probabilities = np.concatenate([reading.probabilities for reading in readings])
    usual = np.concatenate([reading.usual for reading in readings])
    truth = np.concatenate([reading.truth for reading in readings])
    ours, theirs = (expected_calibration_error(each, truth) for each in (probabilities, usual))
    return Figure(f"{collection}, all kinds: calibration error", len(truth), ours, theirs, "≤ 1 %")


def _worst_writers(collection: str, readings: Sequence[Reading]) -> list[Figure]:
    writers = np.concatenate([reading.writers for reading in readings])
    correct = np.concatenate([reading.correct for reading in readings])
    usual = np.concatenate([reading.usual.argmax(axis=1) == reading.truth for reading in readings])
    shares = {int(writer): float(correct[writers == writer].mean()) for writer in np.unique(writers)}
    worst = sorted(shares, key=lambda writer: shares[writer])[:WORST_WRITERS]
    return [
        Figure(
            f"{collection}, all kinds: writer {writer}, one of the {WORST_WRITERS} read worst",
            int((writers == writer).sum()),
            shares[writer],
            float(usual[writers == writer].mean()),
        )
        for writer in worst
    ]
