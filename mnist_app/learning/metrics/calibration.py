"""Calibration: answers given with 90 % should be right nine times in ten. NumPy only.

After Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks" (2017).
"""

import numpy as np
from numpy.typing import NDArray

BINS = 15
TEMPERATURES = np.geomspace(0.25, 4.0, 401)
"""Temperatures that are tried: below 1 an answer becomes surer, above 1 less sure."""
_SMALLEST = 1e-12


def expected_calibration_error(probabilities: NDArray[np.floating], truth: NDArray[np.integer]) -> float:
    """Return the mean distance between confidence and accuracy, 0 to 1, over `BINS` bins of equal width.

    Each bin is weighted by its number of answers.

    Args:
        probabilities: (n, 10).
        truth: The true digits, (n,).
    """
    confidence = probabilities.max(axis=1).astype(np.float64)
    is_right = probabilities.argmax(axis=1) == truth
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    surplus = np.bincount(bins, weights=confidence - is_right, minlength=BINS)
    return float(np.abs(surplus).sum() / len(truth))


def best_temperature(probabilities: NDArray[np.floating], truth: NDArray[np.integer]) -> float:
    """Return the temperature of `TEMPERATURES` with the smallest cross-entropy."""
    losses = []
    for temperature in TEMPERATURES:
        of_truth = with_temperature(probabilities, float(temperature))[np.arange(len(truth)), truth]
        losses.append(-np.log(np.maximum(of_truth, _SMALLEST)).mean())
    return float(TEMPERATURES[int(np.argmin(losses))])


def with_temperature(probabilities: NDArray[np.floating], temperature: float) -> NDArray[np.float64]:
    """Return the probabilities (n, 10) for logits divided by the temperature."""
    logits = np.log(np.maximum(probabilities.astype(np.float64), _SMALLEST)) / temperature
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    scaled: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return scaled
