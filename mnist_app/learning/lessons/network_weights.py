"""The weights of the two explained networks as plain arrays, each by the name of its layer."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

FILTERS = 32
UNITS = {"cnn": 100, "dense": 128}
"""Neurons of the layer before the last."""
FLAT = {"cnn": 13 * 13 * FILTERS, "dense": 28 * 28}
"""How many numbers each of them gets."""
CLASSES = 10


@dataclass(frozen=True, eq=False)
class NetworkWeights:
    """All parameters of one network of the preset `cnn` or `dense`."""

    filters: Floats | None
    """(3, 3, 32); None for `dense`, which has none."""
    filter_biases: Floats | None
    """(32,)"""
    hidden: Floats
    """(5408, 100) for `cnn`, (784, 128) for `dense`."""
    hidden_biases: Floats
    """(100,) or (128,)"""
    output: Floats
    """(100, 10) or (128, 10)"""
    output_biases: Floats
    """(10,)"""

    @property
    def preset(self) -> str:
        """`cnn` or `dense`."""
        return "dense" if self.filters is None else "cnn"


def shapes_of(preset: str) -> list[tuple[int, ...]]:
    """The shapes of the preset's arrays, in Keras's order."""
    units = UNITS[preset]
    convolution: list[tuple[int, ...]] = [(3, 3, 1, FILTERS), (FILTERS,)] if preset == "cnn" else []
    return [*convolution, (FLAT[preset], units), (units,), (units, CLASSES), (CLASSES,)]


def name_arrays(preset: str, arrays: Sequence[NDArray[np.generic]]) -> NetworkWeights:
    """The arrays that Keras's `get_weights` gives for the preset's network, by their names.

    Raises ValueError for arrays of other shapes.
    """
    if [array.shape for array in arrays] != shapes_of(preset):
        raise ValueError(f"{[array.shape for array in arrays]} came; {shapes_of(preset)} was expected.")
    floats = [array.astype(np.float32) for array in arrays]
    filters, filter_biases = (floats[0][:, :, 0], floats[1]) if preset == "cnn" else (None, None)
    return NetworkWeights(filters, filter_biases, *floats[-4:])


def draw_fresh(preset: str, seed: int = 0) -> NetworkWeights:
    """The weights that a network begins with: drawn by the rules that its program names, biases 0.

    He's uniform rule (He et al., 2015) before ReLU in `cnn`; Glorot's (Glorot and Bengio, 2010) elsewhere,
    which is Keras's own choice.
    """
    rng = np.random.default_rng(seed)
    by_he = {"cnn": 2, "dense": 0}[preset]
    arrays: list[Floats] = []
    for number, shape in enumerate(shapes_of(preset)[::2]):
        fan_in, fan_out = int(np.prod(shape[:-1])), int(np.prod(shape[:-2])) * shape[-1]
        limit = np.sqrt(6 / fan_in if number < by_he else 6 / (fan_in + fan_out))
        arrays += [rng.uniform(-limit, limit, shape).astype(np.float32), np.zeros(shape[-1], np.float32)]
    return name_arrays(preset, arrays)
