"""Activation functions for the plots of the Learn page."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ACTIVATIONS: dict[str, Callable[[Floats], Floats]] = {
    "ReLU": lambda sums: np.maximum(sums, 0.0),
    "sigmoid": lambda sums: 1 / (1 + np.exp(-sums)),
    "tanh": np.tanh,
    "none": lambda sums: sums,
}
"""Functions by their usual names. Each maps an array of sums to an array of the same shape."""
