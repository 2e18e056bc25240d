"""The weights of the two explained networks as plain arrays with names."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_app.learning.networks.designs import DESIGNS, layers_of, weight_shapes

Floats = NDArray[np.float32]

FILTERS = DESIGNS["cnn"].filters


@dataclass(frozen=True, eq=False)
class NetworkWeights:
    """All parameters of one network of the preset `cnn` or `dense`."""

    filters: Floats | None
    """(3, 3, 32); None for `dense`."""
    filter_biases: Floats | None
    """(32,); None for `dense`."""
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
    """Return the shapes of the preset's arrays, in Keras's order."""
    return weight_shapes(DESIGNS[preset])


def name_arrays(preset: str, arrays: Sequence[NDArray[np.generic]]) -> NetworkWeights:
    """Give names to the arrays that Keras's `get_weights` returns for the preset's network.

    Raises:
        ValueError: The arrays have other shapes.
    """
    if [array.shape for array in arrays] != shapes_of(preset):
        raise ValueError(f"{[array.shape for array in arrays]} came; {shapes_of(preset)} was expected.")
    floats = [array.astype(np.float32) for array in arrays]
    filters, filter_biases = (floats[0][:, :, 0], floats[1]) if preset == "cnn" else (None, None)
    return NetworkWeights(filters, filter_biases, *floats[-4:])


def draw_fresh(preset: str) -> NetworkWeights:
    """Draw weights as Keras does for a layer that names no rule (Glorot and Bengio, 2010); biases are 0."""
    rng = np.random.default_rng(0)
    arrays: list[Floats] = []
    for layer in layers_of(DESIGNS[preset]):
        for shape in layer.summary.weight_shapes[:1]:
            fan_in, fan_out = math.prod(shape[:-1]), math.prod(shape[:-2]) * shape[-1]
            limit = math.sqrt(6 / (fan_in + fan_out))
            arrays += [rng.uniform(-limit, limit, shape).astype(np.float32), np.zeros(shape[-1], np.float32)]
    return name_arrays(preset, arrays)
