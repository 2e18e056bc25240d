"""Calibration: whether of the answers given with 90 % nine in ten are right. NumPy alone.

After Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks" (2017).
"""

import numpy as np
from numpy.typing import NDArray

BINS = 15
TEMPERATURES = np.geomspace(0.25, 4.0, 401)
"""Those that are tried: below 1 an answer becomes surer, above 1 less sure."""
_SMALLEST = 1e-12


def expected_calibration_error(probabilities: NDArray[np.floating], truth: NDArray[np.integer]) -> float:
    """The mean distance between confidence and accuracy, over `BINS` bins of equal width, 0 to 1.

    `probabilities` is (n, 10), `truth` (n,). Each bin counts by its number of answers.
    """
    confidence = probabilities.max(axis=1).astype(np.float64)
    is_right = probabilities.argmax(axis=1) == truth
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    surplus = np.bincount(bins, weights=confidence - is_right, minlength=BINS)
    return float(np.abs(surplus).sum() / len(truth))


def best_temperature(probabilities: NDArray[np.floating], truth: NDArray[np.integer]) -> float:
    """The temperature of `TEMPERATURES` at which the cross-entropy is the smallest."""
    losses = []
    for temperature in TEMPERATURES:
        of_truth = with_temperature(probabilities, float(temperature))[np.arange(len(truth)), truth]
        losses.append(-np.log(np.maximum(of_truth, _SMALLEST)).mean())
    return float(TEMPERATURES[int(np.argmin(losses))])


def with_temperature(probabilities: NDArray[np.floating], temperature: float) -> NDArray[np.float64]:
    """The probabilities (n, 10) that logits divided by the temperature would have given."""
    logits = np.log(np.maximum(probabilities.astype(np.float64), _SMALLEST)) / temperature
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    scaled: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return scaled
