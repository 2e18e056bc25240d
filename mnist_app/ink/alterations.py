"""Alterations of the 28 × 28 ink that a network reads, to see how its answer changes.

The pen changes first. Then come size, turn and shift in one step, and noise last. Each pixel is divided into
4 × 4 parts, which are averaged at the end. So no edge is jagged, alterations of zero change nothing, and a
shift by whole pixels only moves them.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Ink = NDArray[np.uint8]
PARTS = 4
"""Parts of a pixel along each side."""
_NOISE_SEED = 28


@dataclass(frozen=True)
class Alterations:
    """Amount of each alteration; the defaults alter nothing."""

    right: float = 0.0
    """Shift to the right in pixels; negative values shift to the left."""
    down: float = 0.0
    """Shift down in pixels; negative values shift up."""
    turn: float = 0.0
    """Degrees clockwise about the middle of the image."""
    size: float = 100.0
    """Per cent of the original size, about the middle of the image; more than 0."""
    thicker: float = 0.0
    """Growth of the strokes' width in pixels, in steps of half a pixel; negative values make them thinner."""
    noise: float = 0.0
    """Per cent of noise mixed into each pixel."""


def alter(ink: Ink, alterations: Alterations) -> Ink:
    """Alter ink in the order pen, place, noise.

    The result depends on the arguments only, noise included.

    Args:
        ink: (height, width), 0 to 255.
        alterations: The amounts.

    Returns:
        The altered ink in the same shape. Ink that leaves the image is lost.
    """
    drawn = change_pen(ink, alterations.thicker)
    placed = move(drawn, alterations)
    return add_noise(placed, alterations.noise)


def change_pen(ink: Ink, thicker: float) -> Ink:
    """Widen or narrow strokes by grey-scale dilation or erosion with a disc.

    Each part of a pixel takes the lightest or darkest value within half of the change (J. Serra, "Image
    analysis and mathematical morphology", 1982). There is no ink beyond the edge.

    Args:
        ink: (height, width), 0 to 255.
        thicker: Change of the width in pixels, rounded to halves; negative to narrow.
    """
    radius = round(abs(thicker) * PARTS / 2)
    if radius == 0:
        return ink
    return _change_pen(ink.tobytes(), ink.shape, radius, thicker < 0)


@lru_cache(maxsize=64)
def _change_pen(pixels: bytes, shape: tuple[int, int], radius: int, is_thinner: bool) -> Ink:
    """Change the pen by a radius in parts of a pixel.

    Cached, because the other alterations vary more often.
    """
    ink = np.frombuffer(pixels, np.uint8).reshape(shape)
    parts = np.kron(ink, np.ones((PARTS, PARTS), np.uint8))
    if is_thinner:  # the ink shrinks as the paper grows
        changed = 255 - _dilate(255 - parts, radius, beyond=255)
    else:
        changed = _dilate(parts, radius, beyond=0)
    return _average(Image.fromarray(changed))


def _dilate(parts: Ink, radius: int, beyond: int) -> Ink:
    """Return for each place the largest value within a disc around it."""
    height, width = parts.shape
    around = np.pad(parts, radius, constant_values=beyond)
    lightest = parts.copy()
    for y, x in _disc(radius):
        np.maximum(lightest, around[y : y + height, x : x + width], out=lightest)
    return lightest


def move(ink: Ink, alterations: Alterations) -> Ink:
    """Scale and turn ink about the middle of the image, then shift it; each new pixel is an average."""
    height, width = ink.shape
    scale = 100 / alterations.size / PARTS
    cos, sin = (scale * function(math.radians(alterations.turn)) for function in (math.cos, math.sin))
    # Pillow needs the inverse: where in the ink each part of the new image comes from.
    x, y = (width / 2 + alterations.right) * PARTS, (height / 2 + alterations.down) * PARTS
    back = (cos, sin, width / 2 - cos * x - sin * y, -sin, cos, height / 2 + sin * x - cos * y)
    parts = Image.fromarray(ink).transform(
        (width * PARTS, height * PARTS), Image.Transform.AFFINE, back, Image.Resampling.NEAREST
    )
    return _average(parts)


def add_noise(ink: Ink, noise: float) -> Ink:
    """Mix each pixel with a random grey; `noise` is the grey's share in per cent."""
    share = noise / 100
    mixed: Ink = np.rint((1 - share) * ink + share * _greys(ink.shape)).astype(np.uint8)
    return mixed


def _average(parts: Image.Image) -> Ink:
    ink: Ink = np.asarray(parts.reduce(PARTS))
    return ink


def _disc(radius: int) -> Iterator[tuple[int, int]]:
    """Yield the (row, column) places of a disc within its bounding square."""
    for y in range(-radius, radius + 1):
        for x in range(-radius, radius + 1):
            if x * x + y * y <= radius * radius:
                yield y + radius, x + radius


@lru_cache(maxsize=4)
def _greys(shape: tuple[int, int]) -> Ink:
    """Return the same random greys for every amount, so that more noise is more of the same."""
    return np.random.default_rng(_NOISE_SEED).integers(0, 256, shape, np.uint8)
