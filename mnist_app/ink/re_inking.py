"""Re-inking: strokes drawn anew with a pen as wide as those of MNIST.

A thick brush fills the holes of a small digit. A thin one leaves a large digit pale once it is scaled down.
If the pen's paths are known, both can be avoided: drawn with a pen whose width is a fixed share of the
digit's size, they look the same for every brush and size.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mnist_app.ink.strokes import Stroke, render

PEN_SHARE = 0.13
"""The pen's width as a share of the larger side of the re-inked digit: 2.6 of MNIST's 20 pixels."""
SIDE = 80
"""Larger side in pixels, pen included: four for each of the 20 that it is scaled to afterwards."""
SMALLEST_PATH = 0.75
"""Least extent of the paths as a share of the brush's width; smaller drawings are dots without a shape."""


def re_ink(strokes: Sequence[Stroke]) -> NDArray[np.uint8] | None:
    """Draw the strokes' paths with MNIST's pen.

    Returns:
        Ink (height, width) from 0 to 255, its larger side about `SIDE`; None without strokes or for a mere
        dot.
    """
    if not strokes:
        return None
    points = np.concatenate([stroke.points for stroke in strokes])
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    if extent.max() < SMALLEST_PATH * max(stroke.width for stroke in strokes):
        return None
    pen = PEN_SHARE * SIDE
    scale = (SIDE - pen) / extent.max()
    drawn = [Stroke((stroke.points - low) * scale + pen / 2 + 1, pen) for stroke in strokes]
    width, height = np.ceil(extent * scale + pen + 2).astype(int).tolist()
    return render(drawn, (height, width))
