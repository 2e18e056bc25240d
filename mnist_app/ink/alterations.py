"""Alterations: what can be done to the 28 × 28 ink that a network is given, to see whether it minds.

First the pen, then size, turn and shift in one step, then noise. All of it is done on pixels that are divided
into 4 × 4 parts and averaged again: so nothing is jagged, an alteration of nothing changes nothing, and a
shift by whole pixels moves them as they are.
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
"""Into so many parts a pixel is divided, each way."""
_NOISE_SEED = 28


@dataclass(frozen=True)
class Alterations:
    """How much of each; as it is made, nothing is altered."""

    right: float = 0.0
    """Pixels to the right; to the left where negative."""
    down: float = 0.0
    """Pixels down; up where negative."""
    turn: float = 0.0
    """Degrees clockwise, about the image's middle."""
    size: float = 100.0
    """Per cent of what it is, about the image's middle; more than 0."""
    thicker: float = 0.0
    """Pixels by which strokes grow wider, in half pixels; thinner where negative."""
    noise: float = 0.0
    """Per cent of each pixel that chance decides."""


def alter(ink: Ink, alterations: Alterations) -> Ink:
    """The ink (height, width) of 0 to 255, altered, in the same shape; what leaves the image is lost.

    The same ink and alterations give the same result, noise included.
    """
    drawn = change_pen(ink, alterations.thicker)
    placed = move(drawn, alterations)
    return add_noise(placed, alterations.noise)


def change_pen(ink: Ink, thicker: float) -> Ink:
    """Strokes wider by so many pixels, or narrower where negative: grey-scale dilation or erosion by a disc.

    Each part of a pixel becomes the lightest, or the darkest, within half of that width (J. Serra, "Image
    analysis and mathematical morphology", 1982). Widths are rounded to half pixels; beyond the edge is paper.
    """
    radius = round(abs(thicker) * PARTS / 2)
    if radius == 0:
        return ink
    return _pen_changed(ink.tobytes(), ink.shape, radius, thicker < 0)


@lru_cache(maxsize=64)
def _pen_changed(pixels: bytes, shape: tuple[int, int], radius: int, is_thinner: bool) -> Ink:
    """Kept, because many images are asked for that differ in what comes after the pen."""
    ink = np.frombuffer(pixels, np.uint8).reshape(shape)
    parts = np.kron(ink, np.ones((PARTS, PARTS), np.uint8))
    if is_thinner:  # the ink shrinks as the paper grows
        changed = 255 - _lightest_around(255 - parts, radius, beyond=255)
    else:
        changed = _lightest_around(parts, radius, beyond=0)
    return _averaged(Image.fromarray(changed))


def _lightest_around(parts: Ink, radius: int, beyond: int) -> Ink:
    """For each place the largest value of a disc about it."""
    height, width = parts.shape
    around = np.pad(parts, radius, constant_values=beyond)
    lightest = parts.copy()
    for y, x in _disc(radius):
        np.maximum(lightest, around[y : y + height, x : x + width], out=lightest)
    return lightest


def move(ink: Ink, alterations: Alterations) -> Ink:
    """The ink scaled and turned about the image's middle, then shifted, averaged over each new pixel."""
    height, width = ink.shape
    scale = 100 / alterations.size / PARTS
    cos, sin = (scale * function(math.radians(alterations.turn)) for function in (math.cos, math.sin))
    # Pillow asks where in the ink a part of the new image comes from: the way back.
    x, y = (width / 2 + alterations.right) * PARTS, (height / 2 + alterations.down) * PARTS
    back = (cos, sin, width / 2 - cos * x - sin * y, -sin, cos, height / 2 + sin * x - cos * y)
    parts = Image.fromarray(ink).transform(
        (width * PARTS, height * PARTS), Image.Transform.AFFINE, back, Image.Resampling.NEAREST
    )
    return _averaged(parts)


def add_noise(ink: Ink, noise: float) -> Ink:
    """Each pixel mixed with a grey drawn by lot, of which there are so many per cent; 100 leaves no ink."""
    share = noise / 100
    mixed: Ink = np.rint((1 - share) * ink + share * _greys(ink.shape)).astype(np.uint8)
    return mixed


def _averaged(parts: Image.Image) -> Ink:
    ink: Ink = np.asarray(parts.reduce(PARTS))
    return ink


def _disc(radius: int) -> Iterator[tuple[int, int]]:
    """The places of a disc within the square that holds it, counted from its corner."""
    for y in range(-radius, radius + 1):
        for x in range(-radius, radius + 1):
            if x * x + y * y <= radius * radius:
                yield y + radius, x + radius


@lru_cache(maxsize=4)
def _greys(shape: tuple[int, int]) -> Ink:
    """The same greys whatever their share, so that more noise is more of the same."""
    return np.random.default_rng(_NOISE_SEED).integers(0, 256, shape, np.uint8)
