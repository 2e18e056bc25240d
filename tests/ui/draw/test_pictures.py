"""Pictures as the small files that the page and the browser keep."""

import io

import numpy as np
import pytest
from PIL import Image

from mnist_app.ink.drawing import Drawing
from mnist_app.ink.preprocess import preprocess
from mnist_app.ui.draw.pictures import lends_camera, small_file


def file_of(image: Image.Image, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


def test_a_small_picture_is_kept_to_the_pixel() -> None:
    image = Image.new("RGBA", (90, 60), (255, 255, 255, 0))
    image.paste((10, 20, 200, 255), (30, 10, 40, 50))
    drawing = Drawing.from_picture(file_of(image))
    again = Drawing.from_picture(small_file(drawing))
    assert np.array_equal(preprocess(again).centred, preprocess(drawing).centred)


def test_a_large_noisy_photo_becomes_small_enough_for_the_browser() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (1600, 1200, 3), dtype=np.uint8)
    kept = small_file(Drawing.from_picture(file_of(Image.fromarray(noise), "JPEG")))
    assert len(kept) < 400_000
    assert max(Image.open(io.BytesIO(kept)).size) == 512


@pytest.mark.parametrize(
    ("address", "is_lent"),
    [
        (None, True),
        ("https://digits.school.example", True),
        ("http://localhost:8501/", True),
        ("http://app.localhost:8501/draw", True),
        ("http://127.0.0.1:8501", True),
        ("http://[::1]:8501", True),
        ("http://192.168.1.20:8501", False),
        ("http://digits.school.example/https", False),
        ("http://localhost.school.example", False),
    ],
)
def test_browsers_lend_the_camera_to_pages_with_https_or_of_this_machine(
    address: str | None, is_lent: bool
) -> None:
    assert lends_camera(address) is is_lent
