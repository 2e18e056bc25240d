"""Pen digits as the app meets them: drawn on its canvas with any brush, in any size, brought to 28 × 28.

For measuring, each digit is drawn once in a fixed way. For training it is drawn many times, each time with
another brush, size, slant and bend.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_app.ink.drawing import Drawing
from mnist_app.ink.preprocess import preprocess
from mnist_app.ink.strokes import Points, Stroke
from mnist_app.learning.release.pendigits import BOX, PenDigit

CANVAS = 280
BRUSHES = (8.0, 32.0)
"""Thinnest and thickest brush for training, in pixels of the canvas."""
SIZES = (0.2, 0.9)
"""Smallest and largest larger side of the pen's paths, as a share of the canvas's side."""
SHARE_RE_INKED = 0.25
"""Share of the training digits that are drawn as `ink.re_inking` does it."""
SHARE_AS_WRITTEN = 0.4
"""Share of the others that keep the size in which they were written."""
SHARE_UNDISTORTED = 0.3
LARGEST_TURN = 0.12
"""In radians."""
LARGEST_SHEAR = 0.15
LARGEST_STRETCH = 0.3
"""Largest natural logarithm of width to height."""
LARGEST_BEND = 0.125


@dataclass(frozen=True)
class Way:
    """One way of drawing every digit for measuring."""

    brush: float
    """Width in pixels of the canvas."""
    size: float | None
    """Larger side of the pen's paths as a share of the canvas; None for size and place as written."""
    has_strokes: bool
    """True if the app gets the strokes, False if it gets only the canvas's pixels."""

    def __str__(self) -> str:
        """Describe the way in words, for a table."""
        size = "as written" if self.size is None else f"{self.size:.0%} of the canvas".replace("%", " %")
        return f"{'strokes' if self.has_strokes else 'pixels'}, brush {self.brush:g}, {size}"


def draw(digit: PenDigit, way: Way) -> Drawing:
    """Draw the digit on a canvas of `CANVAS` × `CANVAS`, white on black, with a round brush."""
    ways = _place(digit.strokes, way.size)
    drawing = Drawing.from_strokes([Stroke(points, way.brush) for points in ways], CANVAS)
    return drawing if way.has_strokes else Drawing(drawing.pixels, "canvas")


def images_of(pen_digits: Sequence[PenDigit], way: Way) -> NDArray[np.float32]:
    """Return the network's inputs (n, 28, 28) in [0, 1] for the digits drawn that way."""
    images = [preprocess(draw(digit, way)).image for digit in pen_digits]
    return np.array(images, np.float32).reshape(-1, 28, 28)


def labels_of(pen_digits: Sequence[PenDigit]) -> NDArray[np.uint8]:
    """Return the digits' labels (n,)."""
    return np.array([digit.digit for digit in pen_digits], np.uint8)


def images_to_learn_from(
    pen_digits: Sequence[PenDigit], copies: int, seed: int, progress: Callable[[int, int], None] | None = None
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Draw each digit `copies` times, each time with other random variations from the seed.

    Args:
        progress: Called with (done, all) after each copy.

    Returns:
        x (copies · n, 28, 28) and y (copies · n,).
    """
    x = np.empty((copies * len(pen_digits), 28, 28), np.uint8)
    for copy in range(copies):
        for number, digit in enumerate(pen_digits):
            rng = np.random.default_rng([seed, copy, number])
            x[copy * len(pen_digits) + number] = preprocess(_draw_varied(digit, rng)).centred
        if progress is not None:
            progress((copy + 1) * len(pen_digits), len(x))
    return x, np.tile(labels_of(pen_digits), copies)


def _draw_varied(digit: PenDigit, rng: np.random.Generator) -> Drawing:
    """Draw the digit as somebody else might have drawn it."""
    ways = digit.strokes if rng.uniform() < SHARE_UNDISTORTED else _distort(digit.strokes, rng)
    is_re_inked = rng.uniform() < SHARE_RE_INKED
    size = None if rng.uniform() < SHARE_AS_WRITTEN else rng.uniform(*SIZES)
    brush = rng.uniform(*BRUSHES)
    strokes = [Stroke(points, brush) for points in _place(ways, size)]
    drawing = Drawing.from_strokes(strokes)  # on a canvas that is large enough for any bend
    return drawing if is_re_inked else Drawing(drawing.pixels, "canvas")


def _place(ways: Sequence[Points], size: float | None) -> list[Points]:
    """Return the paths in pixels of the canvas: as written, or in its middle in the given size."""
    if size is None:
        return [points * (CANVAS / BOX) for points in ways]
    low, high = _box(ways)
    scale = size * CANVAS / max(float((high - low).max()), 1.0)
    return [(points - (low + high) / 2) * scale + CANVAS / 2 for points in ways]


def _distort(ways: Sequence[Points], rng: np.random.Generator) -> list[Points]:
    """Bend the paths as one plane by a polynomial of the third degree; stretch, shear and turn them."""
    low, high = _box(ways)
    extent = max(float((high - low).max()), 1.0)
    bends = LARGEST_BEND * (rng.uniform(-1, 1, (6, 2)) + rng.uniform(-1, 1, (6, 2)))
    matrix = _random_matrix(rng)
    distorted = []
    for points in ways:
        x, y = ((points - (low + high) / 2) / extent).T
        terms = np.stack([x * y, x * x, y * y, x * y * y, x * x * y, 2 * y * y * y], axis=1)
        bent = np.stack([x, y], axis=1) + terms @ bends
        distorted.append(bent @ matrix.T * extent + (low + high) / 2)
    return distorted


def _random_matrix(rng: np.random.Generator) -> NDArray[np.float64]:
    """Return a random (2, 2): a stretch that keeps the area, then a shear, then a turn."""
    turn = rng.uniform(-LARGEST_TURN, LARGEST_TURN)
    shear = rng.uniform(-LARGEST_SHEAR, LARGEST_SHEAR)
    stretch = np.exp(rng.uniform(-LARGEST_STRETCH, LARGEST_STRETCH) / 2)
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    sheared = np.array([[1.0, shear], [0.0, 1.0]])
    matrix: NDArray[np.float64] = turned @ sheared @ np.diag([stretch, 1 / stretch])
    return matrix


def _box(ways: Sequence[Points]) -> tuple[Points, Points]:
    points = np.concatenate(ways)
    return points.min(axis=0), points.max(axis=0)
