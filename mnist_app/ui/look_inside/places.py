"""Words for places on a drawing, such as "at the top left" or "in the middle"."""

import numpy as np
from numpy.typing import NDArray

NARROW = 9
"""Size in pixels below which the ink is not divided in that direction."""
_ROWS, _COLUMNS = ("top", "", "bottom"), ("left", "", "right")


def strongest_places(amounts: NDArray[np.floating], ink: NDArray[np.floating], most: int = 2) -> list[str]:
    """Return the places with the largest amounts.

    The box that holds all ink is divided into up to 3 × 3 parts, and the amounts are added up in each. A part
    with no more than half of the largest sum is left out.

    Args:
        amounts: (28, 28), 0 or more.
        ink: (28, 28); 0 without ink.
        most: The largest number of places.

    Returns:
        The places in words, the one with the largest sum first; empty if all amounts are 0.
    """
    rows, columns = _thirds(ink, axis=0), _thirds(ink, axis=1)
    sums = {
        _name(row, column): float(amounts[rows[row]][:, columns[column]].sum())
        for row in rows
        for column in columns
    }
    largest = max(sums.values(), default=0.0)
    found = sorted((name for name in sums if sums[name] > largest / 2), key=lambda name: -sums[name])
    return found[:most]


def _thirds(ink: NDArray[np.floating], axis: int) -> dict[int, slice]:
    """Divide the extent of the ink along an axis into thirds.

    Returns:
        Slices by number from 0 to 2; only number 1 if the ink is narrow; empty without ink.
    """
    places = np.unique(np.nonzero(ink)[axis])
    if not len(places):
        return {}
    start, end = int(places[0]), int(places[-1]) + 1
    if end - start < NARROW:
        return {1: slice(start, end)}
    edges = np.linspace(start, end, 4).round().astype(int)
    return {number: slice(edges[number], edges[number + 1]) for number in range(3)}


def _name(row: int, column: int) -> str:
    words = " ".join(filter(None, (_ROWS[row], _COLUMNS[column])))
    return f"at the {words}" if words else "in the middle"
