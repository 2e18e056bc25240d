"""Pen digits drawn on the canvas: as a protocol says, and otherwise each time."""

import numpy as np
import pytest

from mnist_app.ink.synthetic.synthesis import write_digit
from mnist_app.learning.release.pen_digit_images import (
    CANVAS,
    Way,
    draw,
    images_of,
    images_to_learn_from,
    labels_of,
)
from mnist_app.learning.release.pendigits import BOX, PenDigit


@pytest.fixture(scope="module")
def pen_digits() -> list[PenDigit]:
    rng = np.random.default_rng(0)
    ways = [[points * 150 + 200 for points in write_digit(n % 10, rng)] for n in range(30)]
    return [PenDigit(n % 10, n // 10 + 1, n, strokes) for n, strokes in enumerate(ways)]


def box_of_ink(way: Way, digit: PenDigit) -> tuple[np.ndarray, np.ndarray]:
    """The ink's upper left and lower right pixel on the canvas, y before x."""
    pixels = draw(digit, way).pixels
    assert pixels.shape == (CANVAS, CANVAS, 4)
    places = np.argwhere(pixels[..., 0] > 127)
    return places.min(axis=0), places.max(axis=0) + 1


@pytest.mark.parametrize("brush", [8, 32])
def test_as_written_a_digit_stays_in_its_place(pen_digits: list[PenDigit], brush: float) -> None:
    for digit in pen_digits[:10]:
        points = np.concatenate(digit.strokes) * (CANVAS / BOX)
        low, high = box_of_ink(Way(brush, None, has_strokes=False), digit)
        np.testing.assert_allclose(low, points.min(axis=0)[::-1] - brush / 2, atol=1.5)
        np.testing.assert_allclose(high, points.max(axis=0)[::-1] + brush / 2, atol=1.5)


@pytest.mark.parametrize("size", [0.2, 0.9])
def test_a_size_is_a_share_of_the_canvas(pen_digits: list[PenDigit], size: float) -> None:
    low, high = box_of_ink(Way(8, size, has_strokes=False), pen_digits[3])
    assert (high - low).max() == pytest.approx(size * CANVAS + 8, abs=2)
    np.testing.assert_allclose((low + high) / 2, CANVAS / 2, atol=2)


def test_strokes_are_given_only_where_the_way_says_so(pen_digits: list[PenDigit]) -> None:
    assert draw(pen_digits[0], Way(20, None, has_strokes=False)).strokes == ()
    thin, thick = (images_of(pen_digits, Way(brush, None, has_strokes=True)) for brush in (8, 24))
    np.testing.assert_array_equal(thin, thick)
    thin, thick = (images_of(pen_digits, Way(brush, None, has_strokes=False)) for brush in (8, 24))
    assert thick.sum() > 1.5 * thin.sum()
    assert thin.dtype == np.float32 and thin.min() == 0 and thin.max() == 1


def test_no_digits_are_no_images() -> None:
    assert images_of([], Way(20, 0.5, has_strokes=True)).shape == (0, 28, 28)
    assert labels_of([]).shape == (0,)


def test_each_copy_is_drawn_otherwise_and_always_the_same(pen_digits: list[PenDigit]) -> None:
    told: list[tuple[int, int]] = []
    x, y = images_to_learn_from(pen_digits, 3, seed=5, progress=lambda *done: told.append(done))
    assert x.shape == (90, 28, 28) and x.dtype == np.uint8 and (x.max(axis=(1, 2)) == 255).all()
    np.testing.assert_array_equal(y, np.tile(labels_of(pen_digits), 3))
    copies = x.reshape(3, 30, 28, 28)
    assert (copies[0] != copies[1]).any(axis=(1, 2)).all()
    np.testing.assert_array_equal(images_to_learn_from(pen_digits, 3, seed=5)[0], x)
    assert not np.array_equal(images_to_learn_from(pen_digits, 3, seed=6)[0], x)
    assert told == [(30, 90), (60, 90), (90, 90)]


def test_a_way_says_what_it_is() -> None:
    assert str(Way(20, None, has_strokes=False)) == "pixels, brush 20, as written"
    assert str(Way(8, 0.3, has_strokes=True)) == "strokes, brush 8, 30 % of the canvas"
