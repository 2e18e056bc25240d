"""Drawings that are no digits as the app meets them: on its canvas, in any size, brought to 28 × 28."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from mnist_app.ink.drawing import Drawing
from mnist_app.ink.preprocess import preprocess
from mnist_app.ink.strokes import Points, Stroke
from mnist_app.ink.synthetic.non_digits import draw_non_digits, pen_width, printed_letter
from mnist_app.learning.release.pen_digit_images import BRUSHES, CANVAS

LARGEST_SIDE = 0.9 * CANVAS
"""Of a drawing, in pixels; where a brush would need more to leave visible what was drawn, it is thinner."""
SHARE_WITH_STROKES = 0.5
"""Of the drawings: the app is given the strokes, and draws them anew; of the others it has the pixels."""


def images_of_others(
    count: int, seed: int, kinds: Sequence[str], progress: Callable[[int, int], None] | None = None
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """`count` drawings of these `ink.synthetic.non_digits`: x (count, 28, 28) and their indices in `kinds`.

    `progress` is told (done, count) about ten times. Raises as `draw_non_digits` does.
    """
    drawings, indices = drawings_of_others(count, seed, kinds)
    x = np.empty((count, 28, 28), np.uint8)
    step = max(1, count // 10)
    for number, drawing in enumerate(drawings):
        x[number] = preprocess(drawing).centred
        if progress is not None and (number + 1) % step == 0:
            progress(number + 1, count)
    return x, indices


def drawings_of_others(
    count: int, seed: int, kinds: Sequence[str]
) -> tuple[Iterator[Drawing], NDArray[np.int64]]:
    """`count` drawings of these kinds, made one after another, and each one's index in them: (count,)."""
    ways, indices = draw_non_digits(count, seed, kinds)
    generators = (np.random.default_rng([seed, number]) for number in range(count))
    drawings = (
        _on_canvas(strokes, pen_width(kinds[kind], rng), rng)
        for strokes, kind, rng in zip(ways, indices, generators, strict=True)
    )
    return drawings, indices


def images_of_print(count: int, seed: int, letters: Sequence[str]) -> NDArray[np.uint8]:
    """(count, 28, 28): these letters in turn, printed, each otherwise."""
    rng = np.random.default_rng(seed)
    inks = (printed_letter(letters[number % len(letters)], rng) for number in range(count))
    return np.array([preprocess(Drawing.from_ink(ink)).centred for ink in inks], np.uint8)


def _on_canvas(ways: Sequence[Points], pen: float, rng: np.random.Generator) -> Drawing:
    """Drawn with some brush, in the size of which that brush is the share `pen`."""
    brush = rng.uniform(*BRUSHES)
    side = min(brush / pen, LARGEST_SIDE)
    drawing = Drawing.from_strokes([Stroke(points * side, max(pen * side, 1.0)) for points in ways])
    return drawing if rng.uniform() < SHARE_WITH_STROKES else Drawing(drawing.pixels, "canvas")
