"""Evaluation of a model's answers: accuracy, loss, confusion matrix, mistakes. NumPy only."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_app.learning.networks.designs import CLASSES

SMALLEST_PROBABILITY = 1e-7
"""Smallest probability in the loss, in place of 0; Keras's cross-entropy uses the same."""


@dataclass(frozen=True)
class Mistake:
    """One image that the model took for another digit."""

    index: int
    truth: int
    answer: int
    confidence: float
    """Probability of the wrong answer."""


@dataclass(frozen=True)
class Evaluation:
    """Results of a model on a set of labelled images."""

    accuracy: float
    """Share of images answered correctly, 0 to 1."""
    loss: float
    """Mean cross-entropy in nats."""
    per_digit: tuple[float, ...]
    """Accuracy on each digit's images; NaN for a digit without images."""
    confusion: NDArray[np.int64]
    """(10, 10): row, the true digit; column, the answer; counts of images."""
    mistakes: tuple[Mistake, ...]
    """The most confident first."""


def evaluate(probabilities: NDArray[np.floating], truth: NDArray[np.integer]) -> Evaluation:
    """Compare probabilities (n, 10) with the true digits (n,).

    Raises:
        ValueError: The shapes do not match, there are no images, or a label is not a digit.
    """
    _check(probabilities, truth)
    confusion = confusion_matrix(truth, probabilities.argmax(axis=1))
    return Evaluation(
        accuracy=accuracy(probabilities, truth),
        loss=cross_entropy(probabilities, truth),
        per_digit=accuracy_per_digit(confusion),
        confusion=confusion,
        mistakes=mistakes(probabilities, truth),
    )


def accuracy(probabilities: NDArray[np.floating], truth: NDArray[np.integer]) -> float:
    """Return the share of images whose most probable digit is the true one; ties go to the smaller digit."""
    return float(np.mean(probabilities.argmax(axis=1) == truth))


def cross_entropy(probabilities: NDArray[np.floating], truth: NDArray[np.integer]) -> float:
    """Return the mean over the n images of −ln(probability of the true digit), in nats."""
    of_truth = probabilities[np.arange(len(truth)), truth].astype(np.float64)
    return float(np.mean(-np.log(np.clip(of_truth, SMALLEST_PROBABILITY, 1.0))))


def confusion_matrix(truth: NDArray[np.integer], answer: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return counts (10, 10): row, the true digit; column, the answer."""
    cells = truth.astype(np.int64) * CLASSES + answer.astype(np.int64)
    return np.bincount(cells, minlength=CLASSES * CLASSES).reshape(CLASSES, CLASSES).astype(np.int64)


def accuracy_per_digit(confusion: NDArray[np.int64]) -> tuple[float, ...]:
    """Return each row's share on the diagonal; NaN for a digit without images."""
    rows = zip(np.diag(confusion), confusion.sum(axis=1), strict=True)
    return tuple(float(right / total) if total else float("nan") for right, total in rows)


def mistakes(probabilities: NDArray[np.floating], truth: NDArray[np.integer]) -> tuple[Mistake, ...]:
    """Return the images answered wrongly, by falling confidence and then in their order."""
    answer = probabilities.argmax(axis=1)
    confidence = probabilities.max(axis=1)
    wrong = np.flatnonzero(answer != truth)
    ordered = wrong[np.argsort(-confidence[wrong], kind="stable")]
    return tuple(Mistake(int(i), int(truth[i]), int(answer[i]), float(confidence[i])) for i in ordered)


def _check(probabilities: NDArray[np.floating], truth: NDArray[np.integer]) -> None:
    if probabilities.ndim != 2 or probabilities.shape[1] != CLASSES or len(probabilities) == 0:
        raise ValueError(f"The probabilities have the shape {probabilities.shape}; expected (n, {CLASSES}).")
    if truth.shape != (len(probabilities),):
        raise ValueError(f"The labels have the shape {truth.shape}; expected ({len(probabilities)},).")
    if truth.min() < 0 or truth.max() >= CLASSES:
        raise ValueError(f"The labels go from {truth.min()} to {truth.max()}; expected digits, 0 to 9.")
