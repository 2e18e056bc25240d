"""Strokes drawn anew with MNIST's pen."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_app.errors import EmptyDrawing
from mnist_app.ink.drawing import Drawing
from mnist_app.ink.preprocess import crop, preprocess
from mnist_app.ink.re_inking import PEN_SHARE, SIDE, re_ink
from mnist_app.ink.strokes import Stroke

coordinates = st.floats(-1000, 1000)
ways = st.lists(st.tuples(coordinates, coordinates), min_size=1, max_size=20).map(np.array)
drawings = st.lists(st.builds(Stroke, ways, st.floats(1, 40)), min_size=1, max_size=5)


def line(length: float, width: float) -> Stroke:
    return Stroke(np.array([[100.0, 50.0], [100.0, 50.0 + length]]), width)


def test_no_strokes_are_not_re_inked() -> None:
    assert re_ink([]) is None


@given(drawn=drawings)
def test_the_larger_side_is_always_the_same(drawn: list[Stroke]) -> None:
    ink = re_ink(drawn)
    extent = np.ptp(np.concatenate([stroke.points for stroke in drawn]), axis=0).max()
    if extent < 0.75 * max(stroke.width for stroke in drawn):
        assert ink is None
        return
    assert ink is not None and ink.max() == 255
    box = np.ptp(np.argwhere(ink), axis=0) + 1
    assert SIDE - 2 <= box.max() <= SIDE + 2


@pytest.mark.parametrize("width", [1, 8, 32])
def test_the_pen_is_mnists_whatever_the_brush(width: float) -> None:
    ink = re_ink([line(200, width)])
    assert ink is not None
    across = (ink[ink.shape[0] // 2] / 255).sum()
    assert across == pytest.approx(PEN_SHARE * SIDE, abs=0.5)


def test_a_dot_keeps_its_pixels() -> None:
    wobble = [line(3, 20)]
    assert re_ink(wobble) is None
    drawing = Drawing.from_strokes(wobble, 280)
    ladder = preprocess(drawing)
    assert ladder.re_inked is None
    np.testing.assert_array_equal(ladder.cropped, crop(ladder.ink))


def test_strokes_off_the_canvas_are_no_ink() -> None:
    outside = line(100, 20).moved(500, 0)
    with pytest.raises(EmptyDrawing):
        preprocess(Drawing.from_strokes([outside], 280))
    seen = Drawing.from_strokes([line(150, 20)], 280)
    both = Drawing.from_strokes([line(150, 20), outside], 280)
    np.testing.assert_array_equal(preprocess(both).image, preprocess(seen).image)
