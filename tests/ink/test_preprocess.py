"""The ladder's properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mnist_app.errors import EmptyDrawing
from mnist_app.ink.drawing import Drawing
from mnist_app.ink.preprocess import preprocess

inks = arrays.arrays(
    np.uint8, st.tuples(st.integers(1, 60), st.integers(1, 60)), elements=st.integers(0, 255)
)


@given(ink=inks)
def test_any_ink_becomes_an_image_or_is_empty(ink):
    drawing = Drawing.from_ink(ink)
    if not ink.any():
        with pytest.raises(EmptyDrawing):
            preprocess(drawing)
        return
    image = preprocess(drawing).image
    assert image.shape == (28, 28) and image.dtype == np.float32
    assert image.min() >= 0 and image.max() <= 1


@given(ink=inks, places=st.tuples(*[st.integers(0, 100)] * 4))
def test_moving_a_drawing_changes_nothing(ink, places):
    ink[0, 0] = 255
    y1, x1, y2, x2 = places
    images = []
    for y, x in ((y1, x1), (y2, x2)):
        canvas = np.zeros((160, 160), np.uint8)
        canvas[y : y + ink.shape[0], x : x + ink.shape[1]] = ink
        images.append(preprocess(Drawing.from_ink(canvas)).image)
    np.testing.assert_array_equal(*images)


def test_a_one_stays_narrow():
    ink = np.zeros((100, 100), np.uint8)
    ink[10:90, 50:58] = 255
    fitted = preprocess(Drawing.from_ink(ink)).fitted
    assert fitted.shape == (20, 2)
