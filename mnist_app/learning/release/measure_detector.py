"""Measurements of the digit detector for its card: digits, and kinds of drawings that it never saw."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mnist_app.ink.synthetic.non_digits import HELD_OUT, PRINTED_HELD_OUT
from mnist_app.learning.data.datasets import Dataset
from mnist_app.learning.inference.digit_detector import DigitDetector
from mnist_app.learning.inference.model_card import Measurement
from mnist_app.learning.inference.verdict import DIGIT_FROM
from mnist_app.learning.release import pen_digit_images
from mnist_app.learning.release.measure_classifier import HELD_OUT as HELD_OUT_WRITERS
from mnist_app.learning.release.measure_classifier import WAYS, written_by
from mnist_app.learning.release.non_digit_images import images_of_others, images_of_print
from mnist_app.learning.release.pendigits import PenDigit

PER_KIND = 200
"""Drawings of each held-out kind."""
SEED = 12
"""Seed of the drawings by rule."""


def measure(
    detector: DigitDetector, dataset: Dataset, pen_digits: Sequence[PenDigit]
) -> tuple[Measurement, ...]:
    """Measure the share of digits accepted, and of non-digits rejected, kind by kind."""
    mnist = dataset.x_test.astype(np.float32) / np.float32(255)
    name = "MNIST" if dataset.name == "mnist" else dataset.name
    measured = [_taken_for_digits(detector, mnist, f"{name} test set taken for digits")]
    digits = written_by(HELD_OUT_WRITERS, pen_digits)
    measured += [
        _taken_for_digits(
            detector,
            pen_digit_images.images_of(digits, way),
            f"pen digits taken for digits, writers held out, {way}",
        )
        for way in WAYS
        if digits
    ]
    return (*measured, *measure_others(detector))


def measure_others(detector: DigitDetector) -> tuple[Measurement, ...]:
    """Measure the share of non-digits rejected: each held-out kind, print, and all of these."""
    x, kinds = images_of_others(PER_KIND * len(HELD_OUT), SEED, HELD_OUT)
    printed = images_of_print(PER_KIND, SEED, PRINTED_HELD_OUT)
    rejected = detector.likelihoods_of(x.astype(np.float32) / np.float32(255)) < DIGIT_FROM
    of_print = detector.likelihoods_of(printed.astype(np.float32) / np.float32(255)) < DIGIT_FROM
    protocol = "Drawn by rule (`ink.synthetic.non_digits`), a kind that was not trained on."
    return (
        Measurement("other drawings called no digit", float(rejected.mean()), len(x), protocol),
        *(
            Measurement(f"{name} called no digit", float(rejected[kinds == kind].mean()), PER_KIND, protocol)
            for kind, name in enumerate(HELD_OUT)
        ),
        Measurement(
            "printed letters called no digit", float(of_print.mean()), len(printed), "Letters held out."
        ),
    )


def _taken_for_digits(detector: DigitDetector, images: NDArray[np.float32], name: str) -> Measurement:
    share = float(np.mean(detector.likelihoods_of(images) >= DIGIT_FROM))
    return Measurement(name, share, len(images), "Brought to 28 × 28 by the app's ladder.")
