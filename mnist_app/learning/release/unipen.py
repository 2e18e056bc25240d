"""Real pen strokes of many hands: the digits of UNIPEN.

International Unipen Foundation (1999), train_r01_v07, category 1a, doi 10.5281/zenodo.1195803, Creative
Commons Attribution 4.0. The file has one JSON object a line.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_app.errors import DatasetUnavailable
from mnist_app.learning.release.packed_text import read_text
from mnist_app.learning.release.pendigits import PenDigit

LARGEST_FILE = 64_000_000
"""Bytes, unpacked; the digits have under 6 million."""
SMALLEST = 4.0
"""Larger side, in the tablet's units, below which a digit is a dot that was cut out by mistake."""


def read_unipen(path: Path) -> list[PenDigit]:
    """Read the digits of a file of JSON lines, plain or gzipped, in the file's order.

    Digits without extent are left out. A digit's units differ from writer to writer.

    Raises:
        DatasetUnavailable: The file cannot be read or is malformed; the error names the file and the line.
    """
    digits = []
    for number, line in enumerate(read_text(path, LARGEST_FILE).splitlines(), start=1):
        try:
            digit = _digit(json.loads(line), number)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise DatasetUnavailable(
                f'{path}, line {number}: expected {{"writer": 1, "digit": 0, "strokes": [[[x, y], …], …]}}, '
                f"got {line[:60]!r}."
            ) from error
        if _extent(digit.strokes) >= SMALLEST:
            digits.append(digit)
    if not digits:
        raise DatasetUnavailable(f"{path} has no digits.")
    return digits


def _digit(values: dict[str, Any], number: int) -> PenDigit:
    """Return the digit of a line; raise `ValueError`, `KeyError` or `TypeError` if it is malformed."""
    digit, writer = values["digit"], values["writer"]
    strokes = [_stroke(points) for points in values["strokes"]]
    if type(digit) is not int or not 0 <= digit <= 9 or type(writer) is not int or not strokes:
        raise ValueError("no digit with a writer and strokes")
    return PenDigit(digit, writer, number, strokes)


def _stroke(points: Any) -> NDArray[np.float64]:
    stroke = np.array(points, dtype=np.float64)
    if stroke.ndim != 2 or stroke.shape[1] != 2 or not np.isfinite(stroke).all():
        raise ValueError("no points")
    return stroke


def _extent(strokes: list[NDArray[np.float64]]) -> float:
    return float(np.ptp(np.concatenate(strokes), axis=0).max())
