"""Digits written by rule: pen strokes by a simulated hand, and images of them in MNIST's format.

A digit begins as the control points of a variant in `digit_glyphs`. A simulated hand, drawn anew for each
digit, moves the points, rounds the corners, hooks the ends, and slants, stretches and bends the whole. A pen
of random width, a little wider where the hand is slow, inks it. Images are made as MNIST's were: fitted to 20
× 20 with anti-aliasing, then placed by their centre of mass in 28 × 28 (LeCun et al., 1998, "Gradient-based
learning applied to document recognition").

One seed gives the same digits on every machine. Each digit has its own PCG64 generator. Points are rounded to
1/1024 before anything is drawn, and all later operations have results that IEEE 754 fixes.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mnist_app.errors import InvalidSetting
from mnist_app.ink.preprocess import FITTED_SIDE, IMAGE_SIDE, place_by_centre_of_mass
from mnist_app.ink.synthetic.digit_glyphs import GLYPHS, Glyph

Points = NDArray[np.float64]
Uniform = Callable[[float, float], float]

GRID = 1024
"""Points are multiples of 1/GRID of the digit's larger side."""
SPACING = 0.03
"""Distance between neighbouring points of a stroke."""


def write_digit(digit: int, rng: np.random.Generator, haste: float | None = None) -> list[Points]:
    """Write a digit as a hand would.

    Args:
        digit: 0 to 9.
        rng: Source of all chance.
        haste: Carelessness from 0 (neat) to about 1.5 (a scrawl); None to draw it at random, mostly neat.

    Returns:
        The strokes in the order of writing. Each is float64 of shape (n, 2), 8 <= n <= 80: x to the right and
        y down, evenly spaced, within [0, 1]. The digit's larger side is 1 and the other is centred.

    Raises:
        InvalidSetting: This is not a digit.
    """
    if digit not in GLYPHS:
        raise InvalidSetting(f"{digit!r} is not a digit; give a whole number from 0 to 9.")
    strokes = _choose(GLYPHS[digit], rng)(rng.uniform)
    if haste is None:
        haste = 0.3 + 1.2 * rng.uniform() * rng.uniform() + 0.3 * rng.uniform()
    rounding = int(rng.integers(0, 4))
    strokes_of_hand = [round_corners(spline(_jitter(stroke, haste, rng)), rounding) for stroke in strokes]
    return fit_unit_box(bend(strokes_of_hand, haste, rng))


def synthesise(
    count: int, seed: int, progress: Callable[[int, int], None] | None = None
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Write `count` digits, shuffled, each of the ten equally often (give or take one).

    Args:
        count: Number of digits, at least 1.
        seed: Seed of all chance, at least 0.
        progress: Called about a hundred times with (done, count).

    Returns:
        x uint8 (count, 28, 28), white ink on black, and y uint8 (count,).

    Raises:
        InvalidSetting: The count or the seed is too small.
    """
    if count < 1 or seed < 0:
        raise InvalidSetting(
            f"Synthetic digits need a count of at least 1 and a seed of at least 0; got {count} and {seed}."
        )
    y = np.random.Generator(np.random.PCG64(seed)).permutation(np.arange(count) % 10).astype(np.uint8)
    x = np.empty((count, IMAGE_SIDE, IMAGE_SIDE), np.uint8)
    step = max(1, count // 100)
    for index in range(count):
        sequence = np.random.SeedSequence(seed, spawn_key=(index,))
        rng = np.random.Generator(np.random.PCG64(sequence))
        x[index] = _ink(write_digit(int(y[index]), rng), rng)
        if progress is not None and ((index + 1) % step == 0 or index + 1 == count):
            progress(index + 1, count)
    return x, y


def _choose(variants: list[tuple[float, Glyph]], rng: np.random.Generator) -> Glyph:
    mark = rng.uniform(0, sum(share for share, _ in variants))
    for share, glyph in variants:
        mark -= share
        if mark < 0:
            return glyph
    return variants[-1][1]


def between(rng: np.random.Generator, size: int | tuple[int, int] | None = None) -> Points:
    """Return random numbers in (-1, 1), more often near 0 (the sum of two uniform ones)."""
    return np.asarray(rng.uniform(-0.5, 0.5, size) + rng.uniform(-0.5, 0.5, size))


def _jitter(stroke: list[tuple[float, float]], haste: float, rng: np.random.Generator) -> Points:
    """Move each control point a little, the stroke as a whole, and hook its ends now and then."""
    points = np.array(stroke)
    noise = 0.09 * haste * between(rng, points.shape)
    corner = (points[1:] == points[:-1]).all(axis=1)
    noise[1:][corner] = noise[:-1][corner]
    points += noise + 0.05 * haste * between(rng, (1, 2))
    if rng.uniform() < 0.25:
        points = np.concatenate([points[:1] + 0.1 * between(rng, (1, 2)), points])
    if rng.uniform() < 0.25:
        points = np.concatenate([points, points[-1:] + 0.1 * between(rng, (1, 2))])
    return points


def spline(points: Points, most: int = 80) -> Points:
    """Return points every SPACING, 8 to `most`, on Catmull-Rom splines through the control points (n, 2).

    The splines break at corners: control points that come twice in a row.
    """
    corners = np.flatnonzero((points[1:] == points[:-1]).all(axis=1)) + 1
    pieces = [_catmull_rom(piece) for piece in np.split(points, corners)]
    return _resample(np.concatenate(pieces), most)


_T = np.linspace(0, 1, 9)[:, None]
_BASIS = 0.5 * np.hstack(
    [-_T + 2 * _T**2 - _T**3, 2 - 5 * _T**2 + 3 * _T**3, _T + 4 * _T**2 - 3 * _T**3, -(_T**2) + _T**3]
)
"""Weights of the four points around a segment, at nine places along it (Catmull and Rom, 1974)."""


def _catmull_rom(points: Points) -> Points:
    padded = np.concatenate([2 * points[:1] - points[1:2], points, 2 * points[-1:] - points[-2:-1]])
    around = np.stack([padded[:-3], padded[1:-2], padded[2:-1], padded[3:]], axis=1)
    pieces = (_BASIS[None, :, :, None] * around[:, None, :, :]).sum(axis=2)
    return np.asarray(pieces.reshape(-1, 2))


def _resample(points: Points, most: int) -> Points:
    """Return the same line with evenly spaced points, between 8 and `most` of them."""
    steps = points[1:] - points[:-1]
    along = np.concatenate([[0.0], np.cumsum(np.sqrt((steps * steps).sum(axis=1)))])
    places = np.linspace(0, along[-1], int(np.clip(along[-1] / SPACING, 8, most)))
    return np.stack([np.interp(places, along, points[:, 0]), np.interp(places, along, points[:, 1])], axis=1)


def round_corners(points: Points, reach: int) -> Points:
    """Average each point with `reach` neighbours on either side; the ends stay where they are."""
    if reach == 0:
        return points
    reach = min(reach, len(points) - 1)
    before = 2 * points[:1] - points[reach:0:-1]
    after = 2 * points[-1:] - points[-2 : -reach - 2 : -1]
    sums = np.cumsum(np.concatenate([np.zeros((1, 2)), before, points, after]), axis=0)
    width = 2 * reach + 1
    return np.asarray((sums[width:] - sums[:-width]) / width)


def bend(strokes: list[Points], haste: float, rng: np.random.Generator) -> list[Points]:
    """Slant, stretch and bend all strokes together, as one plane."""
    points = np.concatenate(strokes) - 0.5
    x, y = points[:, 0], points[:, 1]
    bends = 0.6 * haste * between(rng, (2, 6))
    terms = np.stack([x * y, x * x, y * y, x * y * y, x * x * y, 2 * y * y * y])
    x, y = x + (bends[0, :, None] * terms).sum(axis=0), y + (bends[1, :, None] * terms).sum(axis=0)
    x = x * rng.uniform(0.6, 1.4)
    x, y = x - (0.2 + 0.6 * float(between(rng))) * y, y + 0.25 * float(between(rng)) * x
    bent = np.stack([x, y], axis=1)
    return np.split(bent, np.cumsum([len(stroke) for stroke in strokes])[:-1])


def fit_unit_box(strokes: list[Points]) -> list[Points]:
    """Scale the strokes to a larger side of 1, centred in [0, 1], rounded to 1/GRID."""
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    size = (high - low).max()
    return [_to_grid((stroke - (low + high) / 2) / size + 0.5) for stroke in strokes]


def _to_grid(values: Points) -> Points:
    return np.asarray(np.rint(values * GRID) / GRID)


def _ink(strokes: list[Points], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw the strokes with a pen of its own width: uint8 (28, 28), as in MNIST."""
    weight = rng.uniform()
    pen = [0.75 + 0.9 * weight + 0.5 * weight**8, rng.uniform(0.0, 0.3), rng.uniform(0.9, 1.2)]
    radius, swing, softness = _to_grid(np.array(pen)).tolist()
    points, radii = [], []
    for stroke in strokes:
        dense = _halve_steps(stroke)
        points.append(dense)
        radii.append(radius * (1 + swing * (_slowness(dense) - 0.5)))
    image = _draw(np.concatenate(points), np.concatenate(radii), radius, softness)
    return place_by_centre_of_mass(image)


def _halve_steps(points: Points) -> Points:
    dense = np.empty((2 * len(points) - 1, 2))
    dense[::2] = points
    dense[1::2] = (points[1:] + points[:-1]) / 2
    return dense


def _slowness(points: Points) -> Points:
    """Return the pen's slowness at each point, 0 (on straights) to 1 (in curves and at the ends)."""
    turn = np.abs(points[4:] - 2 * points[2:-2] + points[:-4]).sum(axis=1)
    slowness = turn / (turn + 0.006)
    return np.concatenate([[1.0, 0.75], slowness, [0.5, 0.25]])


def _draw(points: Points, radii: Points, radius: float, softness: float) -> NDArray[np.uint8]:
    """Draw discs at the points: grey values (height, width), the digit's larger side fitted to 20 pixels."""
    scaled = (points - points.min(axis=0)) * (FITTED_SIDE - 2 * radius) + radius
    extent = np.minimum(np.ceil(scaled.max(axis=0) + radius), FITTED_SIDE).astype(int)
    columns, rows = (np.arange(size) + 0.5 for size in extent)
    dx = (columns - scaled[:, :1]).astype(np.float32)
    dy = (rows - scaled[:, 1:]).astype(np.float32)
    distance = (
        np.sqrt((dx * dx)[:, None, :] + (dy * dy)[:, :, None]) - radii.astype(np.float32)[:, None, None]
    )
    cover = np.clip(0.5 - distance.min(axis=0) / np.float32(softness), 0, 1)
    return np.asarray(np.rint(cover * np.float32(255)), np.uint8)
