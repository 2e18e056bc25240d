"""Measures how alike pictures are to a network: nearest neighbours, and a flat map. NumPy only.

A picture's features are the outputs of the network's last hidden layer for it, one number for each neuron.
Two pictures are as alike as their features are near, by the Euclidean distance.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOST_ALIKE = 10
"""Number of nearest test images that are shown."""
MAP_POINTS = 2_000
"""Most points of a map; more would hide each other."""
_PIECE = 1_000
"""Rows of features that are read at a time, which bounds the memory for distances."""

_FLOAT32 = np.arange(1 << 16, dtype=np.uint16).view(np.float16).astype(np.float32)
"""Every float16 as float32, by its bits: to look them up is several times faster than to convert them."""

Floats = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Features:
    """The features of n pictures, as float16, which is a quarter of the memory of NumPy's own numbers."""

    values: NDArray[np.float16]
    """(n, d): features divided by `scale`, in [-1, 1], because float16 ends at 65,504."""
    scale: float
    """The largest absolute feature; 1 if all are 0."""

    @classmethod
    def pack(cls, features: Floats) -> "Features":
        """Return finite features (n, d) as float16, each to three digits of the largest one's scale."""
        scale = float(np.abs(features).max(initial=0)) or 1.0
        return cls((features / scale).astype(np.float16), scale)

    def unpack(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return the features of the given rows, (len(rows), d)."""
        unpacked: NDArray[np.float64] = self.values[rows].astype(np.float64) * self.scale
        return unpacked

    def distances(self, point: Floats) -> NDArray[np.float64]:
        """Return the Euclidean distance (n,) of each picture from a point (d,)."""
        wanted = (point / self.scale).astype(np.float32)
        distances = np.empty(len(self.values))
        for start in range(0, len(self.values), _PIECE):
            apart = np.take(_FLOAT32, self.values[start : start + _PIECE].view(np.uint16)) - wanted
            distances[start : start + _PIECE] = np.sqrt(np.einsum("ij,ij->i", apart, apart))
        return distances * self.scale


def nearest(distances: Floats, count: int = MOST_ALIKE) -> NDArray[np.intp]:
    """Return the rows of the smallest distances, nearest first, ties by row; all rows if there are fewer."""
    return np.argsort(distances, kind="stable")[:count]


def choose_sample(count: int, most: int = MAP_POINTS) -> NDArray[np.intp]:
    """Return the same `most` of `count` rows each time, in order; all rows if there are fewer."""
    return np.sort(np.random.default_rng(0).permutation(count)[:most])


@dataclass(frozen=True, eq=False)
class FlatMap:
    """A map of features: their two first principal components (PCA).

    The map shows points from the side from which they are spread out most. A projection only shortens
    distances: what is far apart on it is far apart, but what is close on it need not be.
    """

    mean: NDArray[np.float64]
    """(d,)"""
    axes: NDArray[np.float64]
    """(d, 2): orthogonal directions of length 1; 0 for a direction that one feature alone does not have."""
    share: float
    """Share of the points' variance that the two directions hold, 0 to 1; 1 if the points do not differ."""

    @classmethod
    def fit(cls, points: Floats) -> "FlatMap":
        """Find the directions in which points (n, d), n and d at least 1, vary most."""
        mean = points.mean(axis=0, dtype=np.float64)
        centred = points - mean
        variances, directions = np.linalg.eigh(centred.T @ centred / len(points))  # in rising order
        axes = np.zeros((len(mean), 2))
        chosen = directions[:, ::-1][:, :2]
        axes[:, : chosen.shape[1]] = chosen * _signs(chosen)
        total = float(variances.sum())
        return cls(mean, axes, float(variances[-2:].sum()) / total if total > 0 else 1.0)

    def place(self, points: Floats) -> NDArray[np.float64]:
        """Return the places on the map (…, 2) of points (…, d)."""
        places: NDArray[np.float64] = (points - self.mean) @ self.axes
        return places


def _signs(directions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return signs that make each column's largest number positive, so that a map is never mirrored."""
    largest = np.abs(directions).argmax(axis=0)
    return np.where(directions[largest, np.arange(directions.shape[1])] < 0, -1.0, 1.0)
