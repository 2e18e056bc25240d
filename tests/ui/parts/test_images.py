"""Images inside a page's HTML."""

import base64
import io

import numpy as np
from PIL import Image

from mnist_app.ui.parts.images import crisp_image, png_uri, to_pixels


def shown(uri: str) -> np.ndarray:
    """The pixels in the data URI of a PNG."""
    kind, text = uri.split(",")
    assert kind == "data:image/png;base64"
    return np.array(Image.open(io.BytesIO(base64.b64decode(text))))


def test_an_image_keeps_its_pixels() -> None:
    image = np.linspace(0, 1, 28 * 28).reshape(28, 28)
    assert np.array_equal(shown(png_uri(to_pixels(image))), np.round(image * 255))


def test_a_large_image_is_made_smaller_in_its_shape() -> None:
    assert shown(png_uri(np.zeros((300, 600), np.uint8), most=128)).shape == (64, 128)


def test_an_image_has_a_name_shown_as_text_and_its_size() -> None:
    html = crisp_image(np.zeros((28, 28), np.uint8), 'A "meaning"', side=96)
    assert 'alt="A &quot;meaning&quot;" width="96" height="96"' in html
