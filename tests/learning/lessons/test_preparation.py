"""Shapes, values and counts, as the programs make them."""

import numpy as np
import pytest

from mnist_app.learning.lessons import preparation
from mnist_app.learning.lessons.program import program_lines

IMAGES = np.random.default_rng(0).integers(0, 256, (6, 28, 28), np.uint8)


@pytest.mark.parametrize("preset", ["cnn", "dense"])
def test_images_are_prepared_as_the_program_s_own_line_does(preset: str) -> None:
    line = next(line for line in program_lines(preset) if line.startswith("x_train = x_train.reshape"))
    names = {"x_train": IMAGES}
    exec(line, {}, names)  # a line of our own
    reshaped = preparation.reshape(IMAGES, preset)
    prepared = preparation.divide(reshaped, preset)
    np.testing.assert_array_equal(prepared, names["x_train"])
    assert prepared.dtype == names["x_train"].dtype == (np.float32 if preset == "cnn" else np.float64)
    np.testing.assert_allclose(preparation.normalise(reshaped), prepared, rtol=1e-6)


def test_a_pixel_goes_where_the_lesson_says() -> None:
    line, picture = (preparation.reshape(IMAGES, preset) for preset in ("dense", "cnn"))
    assert line[2, 28 * 5 + 9] == picture[2, 5, 9, 0] == IMAGES[2, 5, 9]


def test_digits_are_counted_also_those_that_are_not_there() -> None:
    counts = preparation.count_digits(np.array([1, 1, 9], np.uint8))
    assert counts.tolist() == [0, 2, 0, 0, 0, 0, 0, 0, 0, 1]
