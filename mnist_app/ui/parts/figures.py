"""Figures made of numbers, as HTML: pictures, frames, grids of numbers, captions, legends.

Pictures and grids have a description for screen readers, `meaning`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from mnist_app.ui.parts.images import Pixels, png_uri
from mnist_app.wording import number

Numbers = NDArray[np.floating] | NDArray[np.integer]
POSITIVE, NEGATIVE = (126, 170, 255), (255, 158, 84)
"""Colours (red, green, blue) of the largest positive and the most negative value; 0 is black."""
SIGNED_LEGEND = "Blue: positive. Orange: negative. Black: 0."


@dataclass(frozen=True)
class Frame:
    """A rectangle of pixels that is framed on a picture."""

    row: int
    column: int
    height: int = 1
    width: int = 1


def grey_picture(values: Numbers, meaning: str, side: int, frame: Frame | None = None) -> str:
    """Return values (h, w), 0 or more, as a picture from black for 0 to white for the largest.

    Args:
        values: The values.
        meaning: Description for screen readers.
        side: Largest width in pixels of the screen.
        frame: The part to be framed.
    """
    highest = float(values.max()) or 1.0
    return picture(np.round(values / highest * 255).astype(np.uint8), meaning, side, frame)


def signed_picture(values: Numbers, meaning: str, side: int, largest: float | None = None) -> str:
    """Return values (h, w) of both signs as a picture in the colours of `SIGNED_LEGEND`.

    Args:
        values: The values.
        meaning: Description for screen readers.
        side: Largest width in pixels of the screen.
        largest: The absolute value with the full colour; by default the largest of `values`.
    """
    shares = values / (largest or float(np.abs(values).max()) or 1.0)
    return picture(np.round(signed_colours(shares)).astype(np.uint8), meaning, side)


def signed_colours(shares: Numbers) -> NDArray[np.float64]:
    """Return colours (h, w, 3), 0 to 255, for values (h, w) from -1 to 1."""
    colours = np.where((shares >= 0)[..., None], np.array(POSITIVE), np.array(NEGATIVE))
    return np.abs(shares)[..., None] * colours


def picture(pixels: Pixels, meaning: str, side: int, frame: Frame | None = None) -> str:
    """Return pixels as a picture.

    Args:
        pixels: (h, w) or (h, w, 3), 0 to 255.
        meaning: Description for screen readers.
        side: Largest width in pixels of the screen.
        frame: The part to be framed.
    """
    height, width = pixels.shape[:2]
    mark = "" if frame is None else frame_html(frame, height, width)
    return (
        f'<span class="framed" style="max-width:{side}px;aspect-ratio:{width}/{height}">'
        f'<img src="{png_uri(pixels)}" alt="{escape(meaning, quote=True)}">{mark}</span>'
    )


def frame_html(frame: Frame, height: int, width: int) -> str:
    """Return a frame on a picture. It belongs inside an element of the class `framed`.

    Args:
        frame: The part to be framed.
        height: Height of the picture in its own pixels.
        width: Width of the picture in its own pixels.
    """
    place = {
        "left": frame.column / width,
        "top": frame.row / height,
        "width": frame.width / width,
        "height": frame.height / height,
    }
    style = ";".join(f"{name}:{share:.3%}" for name, share in place.items())
    return f'<span class="frame" style="{style}"></span>'


def grid(texts: Sequence[Sequence[str]], shades: Numbers, meaning: str, kind: str = "") -> str:
    """Return a grid of texts on grey cells.

    Args:
        texts: h lines of w texts; they are escaped.
        shades: Grey of each cell, (h, w), from 0 for black to 1 for white.
        meaning: Description for screen readers.
        kind: CSS class that sets the size.
    """
    return _cells(texts, [[_grey(shade) for shade in line] for line in shades], meaning, kind)


def signed_grid(values: Numbers, meaning: str, kind: str = "") -> str:
    """Return a grid of numbers (h, w) of both signs on cells in the colours of `SIGNED_LEGEND`."""
    texts = [[number(value) for value in line] for line in values]
    shares = values / (float(np.abs(values).max()) or 1.0)
    return _cells(texts, [[signed_style(share) for share in line] for line in shares], meaning, kind)


def _cells(texts: Sequence[Sequence[str]], styles: Sequence[Sequence[str]], meaning: str, kind: str) -> str:
    cells = "".join(
        f'<span style="{style}">{escape(text)}</span>'
        for line, line_styles in zip(texts, styles, strict=True)
        for text, style in zip(line, line_styles, strict=True)
    )
    columns = f"grid-template-columns:repeat({len(texts[0])},minmax(var(--cell),1fr))"
    return (
        f'<div class="number-grid {kind}" tabindex="0" role="img" aria-label="{escape(meaning, quote=True)}">'
        f'<div style="{columns}">{cells}</div></div>'
    )


def _grey(shade: float) -> str:
    """Return the style of a grey cell, 0 to 1. Its text has a contrast of at least 4.5 : 1."""
    level = round(255 * float(shade))
    text = "#000" if shade > 0.5 else "#fff" if shade > 0.25 else "#c9c5ba"
    return f"background:#{level:02x}{level:02x}{level:02x};color:{text}"


def signed_style(share: float) -> str:
    """Return the style of a cell for a value from -1 to 1. Its text has a contrast of at least 4.5 : 1."""
    full, dark_text_from = (POSITIVE, 0.69) if share >= 0 else (NEGATIVE, 0.65)
    red, green, blue = (round(abs(float(share)) * part) for part in full)
    return f"background:rgb({red} {green} {blue});color:{'#000' if abs(share) > dark_text_from else '#fff'}"


def figure(content: str, caption: str, kind: str = "") -> str:
    """Return content with a caption, both HTML. A figure of the kind `strip` has a row of its own."""
    return f'<figure class="{kind}">{content}<figcaption>{caption}</figcaption></figure>'


def sign(text: str) -> str:
    """Return an arithmetic sign to be put between two figures; screen readers skip it."""
    return f'<span class="sign" aria-hidden="true">{text}</span>'


def row(*figures: str) -> str:
    """Return figures side by side. They wrap if there is no room."""
    return f'<div class="figure-row">{"".join(figures)}</div>'


def grey_legend(highest: float, meaning: str) -> str:
    """Return a legend from black for 0 to white for the highest value, as HTML."""
    return _legend(["0", number(highest)], ["#000", "#fff"], meaning)


def signed_legend(largest: float, meaning: str, middle: str = "#000") -> str:
    """Return a legend of values of both signs, as HTML.

    Args:
        largest: The largest absolute value.
        meaning: What the values are.
        middle: CSS colour of 0.
    """
    ends = [number(-largest), "0", f"+{number(largest)}"]
    return _legend(ends, [_rgb(NEGATIVE), middle, _rgb(POSITIVE)], meaning)


def _legend(numbers: list[str], colours: list[str], meaning: str) -> str:
    labels = "".join(f"<span>{text}</span>" for text in numbers)
    return (
        f'<div class="legend"><i style="background:linear-gradient(90deg,{",".join(colours)})"></i>'
        f"<div>{labels}</div><p>{meaning}</p></div>"
    )


def _rgb(colour: tuple[int, int, int]) -> str:
    return "rgb({} {} {})".format(*colour)
