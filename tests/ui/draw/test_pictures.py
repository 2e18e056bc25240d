"""Pictures as the small files that the page and the browser keep."""

import io

import numpy as np
from PIL import Image

from mnist_app.ink.drawing import Drawing
from mnist_app.ink.preprocess import preprocess
from mnist_app.ui.draw.pictures import small_file


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
