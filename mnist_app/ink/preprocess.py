"""The steps from a `Drawing` to the 28 × 28 image that a network reads.

This is MNIST's own recipe: scale the ink to fit 20 × 20 with anti-aliasing, keep its aspect ratio, and place
it by its centre of mass in 28 × 28 (LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to
document recognition", 1998). Known strokes are first drawn anew with a pen of MNIST's width. Every step is
kept, so that the page can show it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mnist_app.errors import EmptyDrawing
from mnist_app.ink.drawing import Drawing
from mnist_app.ink.picture_ink import Ink, ink_of_picture
from mnist_app.ink.re_inking import re_ink
from mnist_app.ink.strokes import Stroke, within

IMAGE_SIDE = 28
FITTED_SIDE = 20


@dataclass(frozen=True, eq=False)
class Ladder:
    """All steps from the drawing to the network's input."""

    as_drawn: NDArray[np.uint8]
    """RGBA, (height, width, 4)."""
    ink: Ink
    """Ink alone, 0 to 255, (height, width)."""
    re_inked: Ink | None
    """The strokes drawn with a pen of MNIST's width, in a size of their own; None if no strokes are known."""
    cropped: Ink
    """The ink's bounding box."""
    fitted: Ink
    """At most 20 × 20, its larger side 20, aspect kept."""
    centred: Ink
    """(28, 28), the centre of mass in the middle."""
    image: NDArray[np.float32]
    """(28, 28) in [0, 1]: the network's input."""


def preprocess(drawing: Drawing) -> Ladder:
    """Take all steps from a drawing to the network's input.

    Raises:
        EmptyDrawing: There is no ink.
    """
    ink = find_ink(drawing)
    re_inked = re_ink(drawing.strokes)
    cropped = crop(ink if re_inked is None else re_inked)
    fitted = fit(cropped)
    centred = place_by_centre_of_mass(fitted)
    return Ladder(drawing.pixels, ink, re_inked, cropped, fitted, centred, scaled_to_one(centred))


def preprocess_strokes(strokes: Sequence[Stroke], side: int) -> Ink:
    """Return only the last step of the ladder for strokes on a canvas, several times faster.

    Args:
        strokes: In pixels of the canvas.
        side: Pixels of the canvas's side.

    Returns:
        Ink (28, 28), 0 to 255: `Ladder.centred` of the same drawing.

    Raises:
        EmptyDrawing: No stroke leaves ink on the canvas.
        UnreadableDrawing: There is so much ink that drawing it would take many seconds.
    """
    re_inked = re_ink(within(strokes, side, side))
    if re_inked is None:  # a dot, of which only the pixels tell
        return preprocess(Drawing.from_strokes(strokes, side)).centred
    return place_by_centre_of_mass(fit(crop(re_inked)))


def scaled_to_one(centred: Ink) -> NDArray[np.float32]:
    """Return pixels from 0 to 255 as the network takes them, in [0, 1]."""
    image: NDArray[np.float32] = centred.astype(np.float32) / np.float32(255)
    return image


def find_ink(drawing: Drawing) -> Ink:
    """Return the ink, 0 to 255: the white of a canvas, or the difference from a picture's background.

    Raises:
        EmptyDrawing: A picture is blank. A canvas without ink passes; `crop` refuses it.
    """
    if drawing.source == "picture":
        return ink_of_picture(drawing.pixels)
    red, alpha = drawing.pixels[..., 0], drawing.pixels[..., 3]
    return np.minimum(red, alpha)


def crop(ink: Ink) -> Ink:
    """Return the smallest box that holds all ink.

    Raises:
        EmptyDrawing: There is no ink.
    """
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        raise EmptyDrawing("There is no ink yet. Draw a digit from 0 to 9.")
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def fit(cropped: Ink) -> Ink:
    """Scale ink so that its larger side is 20 pixels, with anti-aliasing and the same factor both ways.

    The smaller side is rounded up to whole pixels with the ink in its middle; stretching would make a 1 up to
    a third wider. The strongest ink becomes full ink, because a thin line, averaged over much wider pixels,
    would almost vanish.
    """
    height, width = cropped.shape
    scale = FITTED_SIDE / max(height, width)
    if scale == 1:
        return cropped
    fitted_height, fitted_width = (max(1, int(np.ceil(side * scale - 1e-9))) for side in (height, width))
    # Add empty pixels around, because the resampled box may reach beyond the ink.
    margin = int(np.ceil(1 / scale)) + 1
    padded = Image.fromarray(np.pad(cropped, margin).astype(np.float32))
    middle_x, middle_y = margin + width / 2, margin + height / 2
    half_width, half_height = fitted_width / scale / 2, fitted_height / scale / 2
    box = (middle_x - half_width, middle_y - half_height, middle_x + half_width, middle_y + half_height)
    resampling = Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR
    fitted = np.asarray(padded.resize((fitted_width, fitted_height), resampling, box=box))
    full: Ink = np.rint(fitted * (255 / fitted.max())).astype(np.uint8)
    return full


def place_by_centre_of_mass(fitted: Ink) -> Ink:
    """Put ink of at most 28 × 28 pixels into 28 × 28 so that its centre of mass is in the middle.

    As in MNIST the ink moves by whole pixels, so nothing is blurred. It never crosses the edge. There must be
    ink.
    """
    rows, columns = fitted.sum(axis=1, dtype=np.float64), fitted.sum(axis=0, dtype=np.float64)
    centred = np.zeros((IMAGE_SIDE, IMAGE_SIDE), dtype=np.uint8)
    top, left = (_offset(mass) for mass in (rows, columns))
    centred[top : top + len(rows), left : left + len(columns)] = fitted
    return centred


def _offset(mass: NDArray[np.float64]) -> int:
    """Return where a line of pixels with this mass must begin for its centre of mass to be in the middle.

    In MNIST's own images the centre of mass lies at 14 to 15 pixels from the left and the top.
    """
    centre = float(mass @ (np.arange(len(mass)) + 0.5) / mass.sum())
    return int(np.clip(np.ceil(IMAGE_SIDE / 2 - centre), 0, IMAGE_SIDE - len(mass)))
