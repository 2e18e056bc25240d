"""Drawings from outside: read right, or refused in one sentence."""

import io

import numpy as np
import pytest
from PIL import Image

from mnist_app.errors import UnreadableDrawing
from mnist_app.ink.drawing import MAX_FILE_BYTES, Drawing


def encoded(pixels, format="PNG", **options):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format, **options)
    return buffer.getvalue()


GREY = np.arange(32 * 32, dtype=np.uint32).reshape(32, 32).astype(np.uint8)


@pytest.mark.parametrize("format", ["PNG", "BMP", "WEBP"])
def test_a_picture_is_decoded_to_rgba(format):
    drawing = Drawing.from_picture(encoded(GREY, format, **({"lossless": True} if format == "WEBP" else {})))
    assert drawing.source == "picture"
    np.testing.assert_array_equal(drawing.pixels, np.dstack([GREY, GREY, GREY, np.full_like(GREY, 255)]))


@pytest.mark.parametrize("data", [b"", b"not an image", encoded(GREY)[:-40], encoded(GREY, "GIF")])
def test_what_is_no_whole_picture_is_refused(data):
    with pytest.raises(UnreadableDrawing):
        Drawing.from_picture(data)


def test_a_file_over_the_limit_is_refused(tmp_path):
    path = tmp_path / "large.png"
    path.write_bytes(encoded(GREY) + bytes(MAX_FILE_BYTES))
    with pytest.raises(UnreadableDrawing, match="at most 5 MB"):
        Drawing.from_file(path)


@pytest.mark.parametrize("png", [b"", b"no PNG", encoded(GREY, "BMP")])
def test_a_canvas_message_that_is_no_png_is_refused(png):
    with pytest.raises(UnreadableDrawing, match="not a PNG"):
        Drawing.from_canvas(png, None, 32)


def test_a_canvas_message_of_another_size_is_refused():
    with pytest.raises(UnreadableDrawing, match="32 × 32"):
        Drawing.from_canvas(encoded(GREY), None, 320)
