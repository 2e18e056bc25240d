"""Where on a drawing something lies, in words: "at the top left", "in the middle"."""

import numpy as np
from numpy.typing import NDArray

NARROW = 9
"""Pixels: ink that is narrower, or lower, is not divided that way."""
_ROWS, _COLUMNS = ("top", "", "bottom"), ("left", "", "right")


def strongest_places(amounts: NDArray[np.floating], ink: NDArray[np.floating], most: int = 2) -> list[str]:
    """Return the parts of the ink's box with most of an amount, the largest first.

    `amounts` (28, 28), of 0 or more, are added up in each of up to 3 × 3 parts of the box that holds all of
    `ink` (28, 28); a part that has less than half as much as the largest is left out, and so is the rest
    after `most`. Nothing anywhere, no place.
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
    """Return the parts of a side between the first ink and the last, by number from 0 to 2."""
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
