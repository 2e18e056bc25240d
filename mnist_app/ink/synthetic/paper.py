"""Handwriting on paper, as a scanner or a camera sees it: pencil, thin pen, ruled and squared sheets.

Every sheet is a rule that can be checked. No sheet is a photo.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from mnist_app.ink.strokes import Points, Stroke, render

SIDE = 400
"""Side of a sheet's picture in pixels."""
_RULING = (130.0, 150.0, 190.0)
"""Colour of the rules, a printer's light blue."""

Picture = NDArray[np.float64]


@dataclass(frozen=True)
class Sheet:
    """A pen, its paper, and how the sheet becomes a picture."""

    name: str
    pen: tuple[float, float]
    """Thinnest and thickest width, as a share of the writing's larger side."""
    darkness: tuple[float, float]
    """Share of the paper's light that the ink takes away, at least and at most."""
    roughness: float = 0.0
    """Share of the ink that the paper's grain leaves out."""
    ruling: str = ""
    """`"lines"`, `"squares"` or nothing."""
    shade: float = 0.0
    """Share of the light that is missing at the darkest corner."""
    noise: float = 2.0
    """Standard deviation of a pixel's noise, of 255."""
    blur: float = 0.0
    """Radius in pixels."""
    quality: int | None = None
    """Quality of the JPEG; None for a PNG."""


SHEETS = (
    Sheet("pencil", (0.02, 0.04), (0.35, 0.65), roughness=0.45, shade=0.15, noise=4.0, quality=85),
    Sheet("scan", (0.04, 0.08), (0.75, 0.95), noise=1.5, blur=0.8, quality=70),
    Sheet("thin pen", (0.012, 0.022), (0.6, 0.9), shade=0.1, noise=3.0, quality=85),
    Sheet("squared paper", (0.03, 0.06), (0.7, 0.9), ruling="squares", shade=0.15, noise=3.0, quality=85),
    Sheet("lined paper", (0.03, 0.06), (0.7, 0.9), ruling="lines", shade=0.15, noise=3.0, quality=85),
)


def on_paper(ways: Sequence[Points], sheet: Sheet, rng: np.random.Generator) -> bytes:
    """Write on a sheet and take its picture.

    Args:
        ways: The pen's paths, (n, 2) each, in units of any size.
        sheet: The sheet.
        rng: Chooses place, size, pen, paper and noise.

    Returns:
        The picture as a PNG or JPEG of `SIDE` × `SIDE` pixels.
    """
    points = np.concatenate(ways)
    low, high = points.min(axis=0), points.max(axis=0)
    size = SIDE * rng.uniform(0.35, 0.65)
    scale = size / max(float((high - low).max()), 1e-9)
    middle = SIDE / 2 + rng.uniform(-0.08, 0.08, 2) * SIDE
    width = max(1.5, rng.uniform(*sheet.pen) * size)
    strokes = [Stroke((way - (low + high) / 2) * scale + middle, width) for way in ways]
    ink = render(strokes, (SIDE, SIDE)) / 255.0 * rng.uniform(*sheet.darkness)
    if sheet.roughness:
        ink = ink * (1 - sheet.roughness * _grain(rng))
    paper = _paper(sheet, rng)
    colour = rng.uniform(0.0, 60.0, 3)  # black, blue or brown, never bright
    picture = paper * (1 - ink[..., None]) + colour * ink[..., None]
    return _taken(picture + rng.normal(0.0, sheet.noise, (SIDE, SIDE, 1)), sheet)


def _paper(sheet: Sheet, rng: np.random.Generator) -> Picture:
    """Return an empty sheet, (SIDE, SIDE, 3), 0 to 255."""
    paper = np.ones((SIDE, SIDE, 1)) * rng.uniform((232.0, 230.0, 222.0), (252.0, 252.0, 248.0))
    if sheet.ruling:
        strength = rng.uniform(0.25, 0.5)
        rules = _rules(sheet.ruling, rng)[..., None] * strength
        paper = paper * (1 - rules) + np.array(_RULING) * rules
    y, x = np.mgrid[0:SIDE, 0:SIDE] / (SIDE - 1)
    corner = rng.integers(0, 2, 2)
    distance = (np.abs(y - corner[0]) + np.abs(x - corner[1])) / 2
    shaded: Picture = paper * (1 - sheet.shade * rng.uniform(0.3, 1.0) * distance)[..., None]
    return shaded


def _rules(ruling: str, rng: np.random.Generator) -> Picture:
    """Return where the printed rules are, (SIDE, SIDE), 0 to 1."""
    distance = SIDE * (rng.uniform(0.09, 0.16) if ruling == "squares" else rng.uniform(0.2, 0.35))
    places = (np.arange(SIDE) - rng.uniform(0.0, distance)) % distance
    line = np.where(places < 2.0, 1.0, 0.0)  # two pixels wide
    across = np.broadcast_to(line[:, None], (SIDE, SIDE))
    return np.maximum(across, across.T) if ruling == "squares" else across


def _grain(rng: np.random.Generator) -> Picture:
    """Return how much the paper's grain leaves out, (SIDE, SIDE), 0 to 1, in spots of a few pixels."""
    spots = Image.fromarray(rng.integers(0, 256, (SIDE // 2, SIDE // 2), np.uint8)).resize((SIDE, SIDE))
    return np.asarray(spots, np.float64) / 255.0


def _taken(picture: Picture, sheet: Sheet) -> bytes:
    image = Image.fromarray(np.clip(np.rint(picture), 0, 255).astype(np.uint8))
    if sheet.blur:
        image = image.filter(ImageFilter.GaussianBlur(sheet.blur))
    file = io.BytesIO()
    if sheet.quality is None:
        image.save(file, "PNG")
    else:
        image.save(file, "JPEG", quality=sheet.quality)
    return file.getvalue()
