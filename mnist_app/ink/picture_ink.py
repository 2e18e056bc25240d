"""Separation of ink from background on a picture of unknown colours.

Ink differs from the background around it, in the direction of colour in which it differs most. It does not
matter which of the two is lighter, so a picture and its negative have the same ink. To make that exact,
colours are measured from the middle of the scale: a negative has the opposite sign, and every step below
keeps this symmetry.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mnist_app.errors import EmptyDrawing

Ink = NDArray[np.uint8]
Planes = NDArray[np.float32]
"""(channels, height, width), from -127.5 (black) to 127.5 (white); one channel for a grey picture."""

_BLANK = "There is no ink in this picture. Use one with a digit that stands out from its paper."
_BORDER_TOLERANCE = 3
"""Levels (of 255) by which the border of an even background varies through the file's rounding."""
_EVEN_SHARE = 0.6
"""Least share of border pixels in the background's colour for a background to count as even."""
_EVEN_PAPER = 0.85
"""Least share of such pixels among all of the picture that are no ink. A photo has shade and noise."""
_LEAST_CONTRAST = 24
"""Levels by which ink must differ from an even background; less is noise."""
_LEAST_INK = 0.05
"""Least share of full ink on an even background, away from other ink; less is a ripple of JPEG's."""
_LEAST_PHOTOGRAPH_CONTRAST = 26
"""Levels, of 128 on the paper's own scale, by which a photograph's ink must differ; a faint pencil has 30."""
_STRONGEST = 0.998
"""Quantile of a photograph's differences from its background that counts as full ink. A 1 in thin pencil
covers hardly more than the remaining 0.2 %."""
_RAMP = (0.2, 0.45)
"""Shares of full ink between which a photograph's pixel turns from paper to ink; in a shadow ink has half."""
_WORKING_SIDE = 256
_BACKGROUND_SIDE = 48
_BACKGROUND_WINDOW = 27
_LEAST_PATCH = 0.04
"""Least area of a patch of ink as a share of the largest one's; less is a speck."""
_LONGEST_CONTACT = 0.45
"""Longest share of one side of a picture along which a digit's ink touches that side."""
_LEAST_REACH = 0.25
"""Least share of a picture that a digit at its edge reaches inwards; a table's edge is thinner."""
_MOST_FILLED = 0.45
"""Largest share of its bounding box that a digit at two edges fills."""
_LEAST_INSIDE = 0.5
"""Least area of the ink inside a picture, as a share of the ink at its edge, to be the digit alone."""


def ink_of_picture(rgba: NDArray[np.uint8]) -> Ink:
    """Find the ink on a picture.

    Args:
        rgba: (height, width, 4).

    Returns:
        Ink from 0 (none) to 255 (full), (height, width); smaller if the picture is larger than needed.

    Raises:
        EmptyDrawing: The picture is blank.
    """
    alpha = rgba[..., 3]
    if np.mean(_border(alpha) < 128) > 0.5:
        return alpha.copy()  # on a transparent background every opaque pixel is ink
    colours = _on_white(rgba)
    border = _border(colours)
    background = np.median(border, axis=1).astype(np.float32)[:, None]
    is_even = np.mean(np.abs(border - background).max(axis=0) <= _BORDER_TOLERANCE) >= _EVEN_SHARE
    departure = colours - background[..., None]
    strength = np.abs(departure).max(axis=0)
    paper = strength[strength <= _LEAST_CONTRAST]
    if is_even and len(paper) > strength.size / 2 and np.mean(paper <= _BORDER_TOLERANCE) >= _EVEN_PAPER:
        return _along_main_colour(departure, strength)
    return _ink_of_photograph(colours)


def _border(values: NDArray[Any]) -> NDArray[Any]:
    """Return the outermost pixels of the last two axes, in a row."""
    sides = (values[..., 0, :], values[..., -1, :], values[..., :, 0], values[..., :, -1])
    return np.concatenate(sides, axis=-1)


def _on_white(rgba: NDArray[np.uint8]) -> Planes:
    """Return the colours over white paper, which shows through transparent pixels."""
    red, green, blue, alpha = rgba.transpose(2, 0, 1)
    is_grey = np.array_equal(red, green) and np.array_equal(green, blue)
    colours = np.stack([red] if is_grey else [red, green, blue]).astype(np.float32) - np.float32(127.5)
    if alpha.min() < 255:
        opacity = alpha.astype(np.float32) / np.float32(255)
        colours = colours * opacity + np.float32(127.5) * (1 - opacity)
    return colours


def _along_main_colour(departure: Planes, strength: NDArray[np.float32]) -> Ink:
    """Return how far each pixel lies between the background's colour and the strongest ink's."""
    strongest = float(strength.max())
    if strongest < _LEAST_CONTRAST:
        raise EmptyDrawing(_BLANK)
    share = _share(departure, strength >= 0.98 * strongest)
    share /= share.max()
    share[~_dilate(share >= _LEAST_INK)] = 0
    ink: Ink = (np.clip(share, 0, 1) * 255 + 0.5).astype(np.uint8)
    return ink


def _share(departure: Planes, is_full: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return how much ink each pixel has; pixels of the ink's colour have 1 on average.

    Args:
        departure: Difference of each pixel from the background.
        is_full: Mask of the pixels that differ most; at least one, and it differs from the background.
    """
    colour = _ink_colour(departure[:, is_full])
    weights = colour / (colour @ colour)
    share: NDArray[np.float32] = (departure * weights[:, None, None]).sum(axis=0)
    return share


def _ink_colour(full: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean difference of the strongest pixels on one side of the background.

    It is the side where most of them lie: pixels on both sides, such as black and white ones on grey paper,
    would cancel each other out.

    Args:
        full: (channels, pixels), not all zero.
    """
    strongest = full[:, np.abs(full).max(axis=0).argmax()]
    sides = np.sign(strongest @ full)
    side = -1 if sides.sum() < 0 else 1
    colour: NDArray[np.float32] = full[:, sides == side].mean(axis=1)
    return colour


def _ink_of_photograph(colours: Planes) -> Ink:
    """Find ink on an uneven background: shadows, the paper's grain, the edge of a table.

    The background is the local median. It treats light and dark alike and follows the edge of a shadow
    (Pratt, Digital Image Processing, on median filters).
    """
    colours = _reduce(colours)
    background = _local_median(colours)
    departure = colours - background
    # Light falls on ink and paper alike, so ink is measured as a share of the paper's light.
    departure *= 128 / (_light(background, departure) + 32)
    strength = np.abs(departure).max(axis=0)
    strongest = float(np.quantile(strength, _STRONGEST))
    if strongest < _LEAST_PHOTOGRAPH_CONTRAST:
        raise EmptyDrawing(_BLANK)
    share = _share(departure, strength >= 0.7 * strongest)
    return _remove_specks((np.clip((share - _RAMP[0]) / (_RAMP[1] - _RAMP[0]), 0, 1) * 255).astype(np.uint8))


def _light(background: Planes, departure: Planes) -> NDArray[np.float32]:
    """Return the paper's light, (height, width), from black for dark ink and from white for light ink."""
    strength = np.abs(departure).max(axis=0)
    is_ink = strength >= np.quantile(strength, _STRONGEST)
    light: NDArray[np.float32] = 127.5 - np.sign(departure[:, is_ink].sum()) * background.mean(axis=0)
    return light


def _reduce(colours: Planes) -> Planes:
    """Shrink by a whole factor to about `_WORKING_SIDE` pixels on the larger side."""
    height, width = colours.shape[1:]
    factor = min(round(max(height, width) / _WORKING_SIDE), height, width)
    if factor <= 1:
        return colours
    whole = colours[:, : height - height % factor, : width - width % factor]
    shifts = [whole[:, y::factor, x::factor] for y in range(factor) for x in range(factor)]
    reduced: Planes = sum(shifts[1:], start=shifts[0]) / np.float32(len(shifts))
    return reduced


def _local_median(colours: Planes) -> Planes:
    height, width = colours.shape[1:]
    scale = min(1.0, _BACKGROUND_SIDE / max(height, width))
    small = _resize(colours, (max(1, round(height * scale)), max(1, round(width * scale))))
    margin = _BACKGROUND_WINDOW // 2
    padded = np.pad(small, ((0, 0), (margin, margin), (margin, margin)), mode="symmetric")
    windows = np.lib.stride_tricks.sliding_window_view(
        padded, (_BACKGROUND_WINDOW, _BACKGROUND_WINDOW), axis=(1, 2)
    )
    # Every second pixel of a window is enough for a median.
    sample = windows[..., ::2, ::2].reshape(*small.shape, -1)
    return _resize(np.median(sample, axis=-1).astype(np.float32), (height, width))


def _resize(colours: Planes, shape: tuple[int, int]) -> Planes:
    """Resample to `shape` (height, width): average to shrink, interpolate to enlarge."""
    resampling = Image.Resampling.BOX if shape[0] < colours.shape[1] else Image.Resampling.BILINEAR
    size = (shape[1], shape[0])
    return np.stack([np.asarray(Image.fromarray(plane).resize(size, resampling)) for plane in colours])


def _remove_specks(ink: Ink) -> Ink:
    """Remove patches far smaller than the largest, and patches that reach in from the edge.

    A table's edge, a line of the paper and a shadow reach in from the edge. So may a digit, which stays if
    there is no other.

    Raises:
        EmptyDrawing: Nothing else is there.
    """
    labels, count = label_patches(ink > 96)
    if count == 0:
        raise EmptyDrawing(_BLANK)
    areas = np.bincount(labels.ravel(), minlength=count + 1)
    areas[0] = 0
    at_edge = np.zeros(count + 1, dtype=bool)
    at_edge[_border(labels)] = True
    inside = np.where(at_edge, 0, areas)
    cut = int(np.where(at_edge, areas, 0).argmax())
    if inside.max() < _share_inside(labels == cut) * areas[cut]:
        inside[cut] = areas[cut]
    if inside.max() < _LEAST_PATCH * areas.max():
        raise EmptyDrawing(
            "No digit stands by itself in this picture. Use one with some empty paper all around the digit."
        )
    kept = inside >= _LEAST_PATCH * inside.max()
    # A kept patch keeps its soft rim: the pixels beside it that are partly ink.
    return np.where(_dilate(kept[labels]), ink, np.uint8(0))


def _share_inside(patch: NDArray[np.bool_]) -> float:
    """Return how much ink inside the picture makes a patch at its edge no digit.

    A digit touches its sides for a short way and reaches far into the picture. At two sides it is also tall,
    wide and mostly empty, unlike a line across the paper. The outline of a table's corner can be so, too, so
    any other patch of ink is preferred to it.

    Args:
        patch: Mask, (height, width), of a patch at the edge.

    Returns:
        Area of the ink inside, as a share of the patch's area; 0 if the patch is no digit in any case.
    """
    contacts = [float(side.mean()) for side in (patch[0], patch[-1], patch[:, 0], patch[:, -1])]
    touched = np.flatnonzero(contacts)
    if len(touched) > 2 or max(contacts) > _LONGEST_CONTACT:
        return 0.0
    height, width = float(patch.any(axis=1).mean()), float(patch.any(axis=0).mean())
    if len(touched) == 1:
        return _LEAST_INSIDE if (height if touched[0] < 2 else width) >= _LEAST_REACH else 0.0
    is_filled = float(patch.mean()) > _MOST_FILLED * height * width
    return 0.0 if is_filled or min(height, width) < _LEAST_REACH else _LEAST_PATCH


def _dilate(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Add the eight neighbours of each pixel."""
    tall = mask.copy()
    tall[1:] |= mask[:-1]
    tall[:-1] |= mask[1:]
    grown = tall.copy()
    grown[:, 1:] |= tall[:, :-1]
    grown[:, :-1] |= tall[:, 1:]
    return grown


def label_patches(mask: NDArray[np.bool_]) -> tuple[NDArray[np.intp], int]:
    """Number the connected patches (8 neighbours) from 1; 0 is outside.

    Runs of pixels in each row are joined with the runs above that they touch (Rosenfeld and Pfaltz, 1966, by
    runs and union-find).

    Args:
        mask: (height, width).

    Returns:
        Labels (height, width) and the number of patches.
    """
    parents: list[int] = []
    rows: list[list[tuple[int, int, int]]] = []
    for row in mask:
        edges = np.flatnonzero(np.diff(row, prepend=False, append=False))
        runs = []
        for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            parents.append(len(parents))
            run = (start, end, len(parents) - 1)
            for above_start, above_end, above in rows[-1] if rows else []:
                if above_start <= end and start <= above_end:
                    parents[_root(parents, above)] = _root(parents, run[2])
            runs.append(run)
        rows.append(runs)
    numbers: dict[int, int] = {}
    labels = np.zeros(mask.shape, dtype=np.intp)
    for y, runs in enumerate(rows):
        for start, end, run_number in runs:
            labels[y, start:end] = numbers.setdefault(_root(parents, run_number), len(numbers) + 1)
    return labels, len(numbers)


def _root(parents: list[int], member: int) -> int:
    while parents[member] != member:
        parents[member] = parents[parents[member]]
        member = parents[member]
    return member
