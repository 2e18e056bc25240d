"""Ink told from its background on a picture of unknown colours.

Ink is what departs from the background around it, in the direction of colour in which it departs
most; which of the two is lighter plays no part, so a picture and its negative have the same ink.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mnist_app.errors import EmptyDrawing

Ink = NDArray[np.uint8]
Colours = NDArray[np.float32]

_BLANK = "There is no ink in this picture. Use one with a digit that stands out from its paper."
_BORDER_TOLERANCE = 3
"""Levels (of 255) by which the border of an even background varies: a file's rounding, not light."""
_EVEN_SHARE = 0.6
"""Of the border's pixels, how many have the background's colour where it is even."""
_LEAST_CONTRAST = 24
"""Levels by which ink must differ from an even background; less is noise."""
_LEAST_INK = 0.05
"""Below this share of the full ink, an even background has JPEG's ripples rather than ink."""
_LEAST_PHOTOGRAPH_CONTRAST = 40
_WORKING_SIDE = 256
_BACKGROUND_SIDE = 48
_BACKGROUND_WINDOW = 21
_LEAST_PATCH = 0.04
"""A patch of ink with less than this share of the largest one's area is a speck."""


def ink_of_picture(rgba: NDArray[np.uint8]) -> Ink:
    """The ink on a picture, 0 (none) to 255 (full).

    Args:
        rgba: (height, width, 4).

    Returns:
        (height, width), or smaller where the picture is larger than is needed.

    Raises:
        EmptyDrawing: the picture is blank.
    """
    alpha = rgba[..., 3]
    if np.mean(_border(alpha) < 128) > 0.5:
        return alpha.copy()  # drawn on nothing: what is opaque is ink, whatever its colour
    colours = _on_white(rgba)
    border = _border(colours)
    background = np.median(border, axis=0).astype(np.float32)
    is_even = np.mean(np.abs(border - background).max(axis=-1) <= _BORDER_TOLERANCE) >= _EVEN_SHARE
    departure = colours - background
    strength = np.abs(departure).max(axis=-1)
    if is_even and np.mean(strength > _LEAST_CONTRAST) < 0.5:
        return _along_main_colour(departure, strength)
    return _ink_of_photograph(colours)


def _border(values: NDArray[Any]) -> NDArray[Any]:
    """The outermost pixels, in a row."""
    return np.concatenate([values[0], values[-1], values[:, 0], values[:, -1]])


def _on_white(rgba: NDArray[np.uint8]) -> Colours:
    """(height, width, 3), or (height, width, 1) where all is grey; the transparent becomes white."""
    is_grey = np.array_equal(rgba[..., 0], rgba[..., 1]) and np.array_equal(rgba[..., 1], rgba[..., 2])
    colours: Colours = rgba[..., : 1 if is_grey else 3].astype(np.float32)
    if rgba[..., 3].min() < 255:
        opacity = rgba[..., 3:].astype(np.float32) / np.float32(255)
        colours = colours * opacity + 255 * (1 - opacity)
    return colours


def _along_main_colour(departure: Colours, strength: Colours) -> Ink:
    """How far each pixel lies on the way from the background to the strongest ink."""
    strongest = float(strength.max())
    if strongest < _LEAST_CONTRAST:
        raise EmptyDrawing(
            "There is no ink in this picture. Use one with a digit that stands out from its paper."
        )
    colour = departure[strength >= 0.98 * strongest].mean(axis=0)
    share = departure @ colour / float(colour @ colour)
    share[share < _LEAST_INK] = 0
    ink: Ink = (np.clip(share, 0, 1) * 255 + 0.5).astype(np.uint8)
    return ink


def _ink_of_photograph(colours: Colours) -> Ink:
    """Ink on an uneven background: shadows, paper's grain, the edge of a table.

    The background is the local median, which is indifferent to which of the two is lighter and
    follows the edge of a shadow (Pratt, Digital Image Processing, on median filters).
    """
    colours = _shrunk(colours, _WORKING_SIDE)
    background = _local_median(colours)
    # Light falls on ink and paper alike, so what counts is the share of the paper's light, not its amount.
    departure = (colours - background) / (_light(background) + 32) * 128
    strength = np.abs(departure).max(axis=-1)
    strongest = float(np.quantile(strength, 0.995))
    if strongest < _LEAST_PHOTOGRAPH_CONTRAST:
        raise EmptyDrawing(
            "There is no ink in this picture. Use one with a digit that stands out from its paper."
        )
    colour = departure[strength >= 0.7 * strongest].mean(axis=0)
    share = departure @ colour / float(colour @ colour)
    return _without_specks((np.clip((share - 0.3) / 0.4, 0, 1) * 255).astype(np.uint8))


def _light(colours: Colours) -> Colours:
    """The larger of a colour's distance to black and to white: alike for a picture and its negative."""
    mean: Colours = colours.mean(axis=-1, keepdims=True)
    light: Colours = np.maximum(mean, 255 - mean)
    return light


def _shrunk(colours: Colours, side: int) -> Colours:
    height, width = colours.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return colours
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    channels = [
        Image.fromarray(colours[..., i]).resize(size, Image.Resampling.BOX) for i in range(colours.shape[-1])
    ]
    return np.stack([np.asarray(channel) for channel in channels], axis=-1)


def _local_median(colours: Colours) -> Colours:
    height, width = colours.shape[:2]
    small = _shrunk(colours, _BACKGROUND_SIDE)
    margin = _BACKGROUND_WINDOW // 2
    padded = np.pad(small, ((margin, margin), (margin, margin), (0, 0)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(
        padded, (_BACKGROUND_WINDOW, _BACKGROUND_WINDOW), axis=(0, 1)
    )
    median = np.median(windows.reshape(*small.shape, -1), axis=-1).astype(np.float32)
    channels = [
        Image.fromarray(median[..., i]).resize((width, height), Image.Resampling.BILINEAR)
        for i in range(colours.shape[-1])
    ]
    return np.stack([np.asarray(channel) for channel in channels], axis=-1)


def _without_specks(ink: Ink) -> Ink:
    """Without patches far smaller than the largest, and without what reaches in from the edge."""
    labels, count = label_patches(ink > 96)
    if count == 0:
        raise EmptyDrawing(
            "There is no ink in this picture. Use one with a digit that stands out from its paper."
        )
    areas = np.bincount(labels.ravel(), minlength=count + 1)
    areas[0] = 0
    at_edge = np.zeros(count + 1, dtype=bool)
    at_edge[_border(labels)] = True
    inside = np.where(at_edge, 0, areas)
    if inside.max() >= 0.1 * areas.max():
        areas = inside
    kept = areas >= _LEAST_PATCH * areas.max()
    # A kept patch keeps its soft rim: the pixels beside it that are partly ink.
    return np.where(_grown(kept[labels]), ink, np.uint8(0))


def _grown(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    padded = np.pad(mask, 1)
    height, width = mask.shape
    shifts = [padded[y : y + height, x : x + width] for y in range(3) for x in range(3)]
    grown: NDArray[np.bool_] = np.logical_or.reduce(shifts)
    return grown


def label_patches(mask: NDArray[np.bool_]) -> tuple[NDArray[np.intp], int]:
    """Connected patches (8 neighbours), numbered from 1; 0 is outside.

    Runs of each row are joined with those of the row above that they touch (Rosenfeld and
    Pfaltz, 1966, by runs and union-find).

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
