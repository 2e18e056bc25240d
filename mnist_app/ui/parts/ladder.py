"""The ladder of `ink.preprocess` as a row of pictures, under the heading "What the network sees"."""

import numpy as np
from numpy.typing import NDArray

from mnist_app.ink.preprocess import Ladder
from mnist_app.ui.parts.images import png_uri

_SHOWN_SIDE = 128


def ladder_html(ladder: Ladder) -> str:
    """Return five pictures with captions, from the drawing to the network's 28 × 28 pixels, as HTML."""
    rungs = [
        (ladder.as_drawn, "as drawn", "", "What was drawn, as it came."),
        _ink_rung(ladder),
        (ladder.cropped, "cropped", "", "The box that holds all ink."),
        (ladder.fitted, "fitted", "", "Scaled to fit 20 by 20 pixels, its shape kept."),
        (ladder.centred, "centred", ", 0 to 1", "Its centre of mass in the middle: what the network sees."),
    ]
    figures = "".join(
        f'<figure><img src="{png_uri(pixels, _SHOWN_SIDE)}" alt="{meaning}" title="{meaning}">'
        f"<figcaption>{caption}<br><small>{_size(pixels)}{values}</small></figcaption></figure>"
        for pixels, caption, values, meaning in rungs
    )
    return (
        '<section class="ladder" aria-label="What the network sees"><h2>What the network sees</h2>'
        f"<div>{figures}</div></section>"
    )


def _ink_rung(ladder: Ladder) -> tuple[NDArray[np.uint8], str, str, str]:
    """Return the step before cropping: the redrawn strokes, or the ink found in a picture.

    Returns:
        Pixels, caption, words on the range of values, and description.
    """
    if ladder.re_inked is not None:
        return (ladder.re_inked, "re-inked", "", "Your strokes, drawn anew with a pen as wide as MNIST's.")
    return (ladder.ink, "ink alone", "", "The ink alone, white on black.")


def _size(pixels: NDArray[np.uint8]) -> str:
    height, width = pixels.shape[:2]
    return f"{width} × {height}"
