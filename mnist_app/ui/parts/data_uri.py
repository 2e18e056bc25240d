"""Images as data URIs, which a page's HTML shows without asking the server for them."""

import base64
import io
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image


@lru_cache(maxsize=2000)
def data_uri(pixels: bytes) -> str:
    """Return a grey image as the data URI of a PNG.

    Args:
        pixels: 28 × 28 bytes, row by row; 255 is ink, which is white.
    """
    image: NDArray[np.uint8] = np.frombuffer(pixels, np.uint8).reshape(28, 28)
    file = io.BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode('ascii')}"
