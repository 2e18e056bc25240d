"""Images inside a page's HTML, as data URIs, which need no further requests."""

import base64
import io
from html import escape

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]


def to_pixels(image: NDArray[np.floating]) -> Pixels:
    """Return an image in [0, 1] as pixels from 0 to 255, of the same shape."""
    pixels: Pixels = np.round(image * 255).astype(np.uint8)
    return pixels


def png_uri(pixels: Pixels, most: int | None = None, palette: Pixels | None = None) -> str:
    """Return an image as the data URI of a PNG.

    Args:
        pixels: (h, w) or (h, w, channels), 0 to 255.
        most: The longest side in pixels; a larger image is scaled down.
        palette: Colours (n, 3) of which `pixels` (h, w) has the numbers. It makes a small file.
    """
    image = Image.fromarray(pixels)
    if palette is not None:
        image.putpalette(palette.tobytes())
    if most is not None:
        image.thumbnail((most, most), Image.Resampling.BOX)
    file = io.BytesIO()
    image.save(file, "PNG", compress_level=1)
    return _data_uri("image/png", file.getvalue())


def svg_uri(svg: str) -> str:
    """Return an SVG as a data URI, because `st.html` removes inline SVG."""
    return _data_uri("image/svg+xml", svg.encode())


def crisp_image(pixels: Pixels, meaning: str, side: int) -> str:
    """Return a square image as HTML that the browser scales without smoothing.

    Args:
        pixels: (h, w) or (h, w, channels), 0 to 255.
        meaning: Description for screen readers.
        side: Width and height in pixels of the screen.
    """
    return (
        f'<img class="crisp" src="{png_uri(pixels)}" alt="{escape(meaning, quote=True)}" '
        f'width="{side}" height="{side}">'
    )


def _data_uri(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
