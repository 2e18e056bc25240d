"""Non-digits as the app meets them: drawn on its canvas in any size and brought to 28 × 28."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from mnist_app.ink.drawing import Drawing
from mnist_app.ink.preprocess import preprocess
from mnist_app.ink.strokes import Points, Stroke
from mnist_app.ink.synthetic.non_digits import draw_non_digits, pen_width, printed_letter
from mnist_app.learning.release.pen_digit_images import BRUSHES, CANVAS

LARGEST_SIDE = 0.9 * CANVAS
"""Largest side of a drawing, in pixels. A brush that needs more to keep the drawing visible is made
thinner."""
SHARE_WITH_STROKES = 0.5
"""Share of drawings whose strokes the app gets, and draws anew. Of the others it gets only the pixels."""


def images_of_others(
    count: int, seed: int, kinds: Sequence[str]
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Draw `count` non-digits of these kinds; raise as `draw_non_digits` does.

    Returns:
        x (count, 28, 28) and their indices in `kinds`.
    """
    drawings, indices = drawings_of_others(count, seed, kinds)
    x = np.empty((count, 28, 28), np.uint8)
    for number, drawing in enumerate(drawings):
        x[number] = preprocess(drawing).centred
    return x, indices


def drawings_of_others(
    count: int, seed: int, kinds: Sequence[str]
) -> tuple[Iterator[Drawing], NDArray[np.int64]]:
    """Yield `count` drawings of these kinds one by one, with each one's index in `kinds`."""
    ways, indices = draw_non_digits(count, seed, kinds)
    generators = (np.random.default_rng([seed, number]) for number in range(count))
    drawings = (
        _on_canvas(strokes, pen_width(kinds[kind], rng), rng)
        for strokes, kind, rng in zip(ways, indices, generators, strict=True)
    )
    return drawings, indices


def images_of_print(count: int, seed: int, letters: Sequence[str]) -> NDArray[np.uint8]:
    """Print these letters in turn, each with random variations, (count, 28, 28)."""
    rng = np.random.default_rng(seed)
    inks = (printed_letter(letters[number % len(letters)], rng) for number in range(count))
    return np.array([preprocess(Drawing.from_ink(ink)).centred for ink in inks], np.uint8)


def _on_canvas(ways: Sequence[Points], pen: float, rng: np.random.Generator) -> Drawing:
    """Draw with a random brush, in the size of which that brush is the share `pen`."""
    brush = rng.uniform(*BRUSHES)
    side = min(brush / pen, LARGEST_SIDE)
    drawing = Drawing.from_strokes([Stroke(points * side, max(pen * side, 1.0)) for points in ways])
    return drawing if rng.uniform() < SHARE_WITH_STROKES else Drawing(drawing.pixels, "canvas")
