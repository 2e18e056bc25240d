"""Measurements of a classifier for its card: MNIST's test set, and pen digits as the app meets them.

Pen digits are split by writer: most are trained on, a few writers are held out.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mnist_app.learning.data.datasets import Dataset
from mnist_app.learning.inference.classifier import Classifier
from mnist_app.learning.inference.model_card import Measurement
from mnist_app.learning.metrics import evaluation
from mnist_app.learning.metrics.calibration import expected_calibration_error
from mnist_app.learning.release.pen_digit_images import CANVAS, Way, images_of, labels_of
from mnist_app.learning.release.pendigits import PenDigit

CALIBRATED_WITH = (4, 12, 20, 28)
"""Writers, not trained on, whose digits set the temperature."""
MEASURED_WITH = (8, 16, 24)
"""Writers, neither trained on nor calibrated with."""
HELD_OUT = CALIBRATED_WITH + MEASURED_WITH
WAYS = (
    *(Way(brush, None, has_strokes=False) for brush in (8, 14, 20, 26, 32)),
    *(Way(20, size, has_strokes=False) for size in (0.3, 0.5, 0.7, 0.9)),
    *(Way(brush, None, has_strokes=True) for brush in (8, 20, 32)),
)
"""Ways in which the held-out writers' pen digits are drawn for the card."""
CALIBRATED_ON = (
    Way(14, None, has_strokes=False),
    Way(20, 0.6, has_strokes=False),
    Way(20, None, has_strokes=True),
)


def measure(
    classifier: Classifier, dataset: Dataset, pen_digits: Sequence[PenDigit]
) -> tuple[Measurement, ...]:
    """Measure the model on the data set's test images and, if they are here, on the pen digits."""
    on_test = _measurement(
        f"{'MNIST' if dataset.name == 'mnist' else dataset.name} test set",
        classifier.probabilities_of(dataset.x_test.astype(np.float32) / 255.0),
        dataset.y_test,
        "The test images as they are, pixels divided by 255.",
    )
    return (on_test, *_measure_writers(classifier, pen_digits), *_measure_ways(classifier, pen_digits))


def _measure_writers(classifier: Classifier, pen_digits: Sequence[PenDigit]) -> list[Measurement]:
    """Measure writers who were trained on and writers who were not, their digits drawn in the same ways."""
    groups = {
        "writers learned from": [digit for digit in pen_digits if digit.writer not in HELD_OUT],
        f"writers {listed(CALIBRATED_WITH)}, held out": written_by(CALIBRATED_WITH, pen_digits),
        f"writers {listed(MEASURED_WITH)}, held out": written_by(MEASURED_WITH, pen_digits),
    }
    return [
        _measure_way(classifier, group, way, f"pen digits, {name}, {way}")
        for name, group in groups.items()
        for way in CALIBRATED_ON
        if group
    ]


def _measure_ways(classifier: Classifier, pen_digits: Sequence[PenDigit]) -> list[Measurement]:
    """Measure all held-out writers, their digits drawn with thin and thick brushes, small and large."""
    held_out = written_by(HELD_OUT, pen_digits)
    return [
        _measure_way(classifier, held_out, way, f"pen digits, writers held out, {way}")
        for way in WAYS
        if held_out
    ]


def _measure_way(classifier: Classifier, pen_digits: Sequence[PenDigit], way: Way, name: str) -> Measurement:
    probabilities = classifier.probabilities_of(images_of(pen_digits, way))
    protocol = (
        f"Drawn white on black on a canvas of {CANVAS} × {CANVAS} ({way}), brought "
        "to 28 × 28 by the app's ladder."
    )
    return _measurement(name, probabilities, labels_of(pen_digits), protocol)


def _measurement(
    name: str, probabilities: NDArray[np.float32], truth: NDArray[np.uint8], protocol: str
) -> Measurement:
    confusion = evaluation.confusion_matrix(truth, probabilities.argmax(axis=1))
    return Measurement(
        name,
        evaluation.accuracy(probabilities, truth),
        len(truth),
        protocol,
        evaluation.accuracy_per_digit(confusion),
        expected_calibration_error(probabilities, truth),
    )


def written_by(writers: Sequence[int], pen_digits: Sequence[PenDigit]) -> list[PenDigit]:
    """Return the digits of these writers."""
    return [digit for digit in pen_digits if digit.writer in writers]


def listed(numbers: Sequence[int]) -> str:
    """Join numbers with commas."""
    return ", ".join(map(str, numbers))
