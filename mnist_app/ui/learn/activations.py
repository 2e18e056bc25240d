"""The activation functions that the Learn page draws."""

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
"""By their usual names, each of any number of sums at once."""
