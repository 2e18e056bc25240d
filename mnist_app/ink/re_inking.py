"""Re-inking: strokes drawn anew with a pen as wide as those that MNIST's digits were written with.

A thick brush fills the holes of a small digit, and a thin one leaves a large digit pale once it is
scaled down. Where the pen's ways are known neither need be: the same ways, drawn with a pen whose width
is a fixed share of the digit's size, look the same whatever the brush and the size were.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mnist_app.ink.strokes import Stroke, render

PEN_SHARE = 0.13
"""The pen's width as a share of the larger side of the re-inked digit: 2.6 of MNIST's 20 pixels."""
SIDE = 80
"""Pixels of the larger side, pen included: four for each of the 20 that it is scaled to afterwards."""
SMALLEST_WAY = 0.75
"""Of the brush's width: ways that reach no farther are a dot, whose wobble says nothing."""


def re_ink(strokes: Sequence[Stroke]) -> NDArray[np.uint8] | None:
    """The strokes' ways with MNIST's pen: ink (height, width) from 0 to 255, its larger side about `SIDE`.

    None where there are no strokes, or none that is more than a dot of its brush.
    """
    if not strokes:
        return None
    points = np.concatenate([stroke.points for stroke in strokes])
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    if extent.max() < SMALLEST_WAY * max(stroke.width for stroke in strokes):
        return None
    pen = PEN_SHARE * SIDE
    scale = (SIDE - pen) / extent.max()
    drawn = [Stroke((stroke.points - low) * scale + pen / 2 + 1, pen) for stroke in strokes]
    width, height = np.ceil(extent * scale + pen + 2).astype(int).tolist()
    return render(drawn, (height, width))
