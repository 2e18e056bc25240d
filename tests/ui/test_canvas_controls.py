"""Digits written onto the canvas by rule, and what the canvas is told and says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_app.ink.drawing import Drawing
from mnist_app.ui.canvas_controls import draw_one, message_of, written_strokes
from mnist_app.ui.state import CANVAS_SIDE, DrawPage


@given(st.integers(0, 9), st.integers(0, 2**32), st.integers(8, 40))
def test_a_written_digit_lies_on_the_canvas(digit: int, seed: int, brush: int) -> None:
    strokes = written_strokes(digit, brush, np.random.default_rng(seed))
    points = np.vstack([stroke.points for stroke in strokes])
    assert points.min() > brush / 2 and points.max() < CANVAS_SIDE - brush / 2
    assert np.ptp(points, axis=0).max() == pytest.approx(0.62 * CANVAS_SIDE)


def test_what_is_written_is_a_message_that_the_canvas_could_have_sent() -> None:
    strokes = written_strokes(8, 20, np.random.default_rng(1))
    message = message_of(strokes)
    drawing = Drawing.from_canvas(message.png, message.json_data, CANVAS_SIDE)
    assert len(drawing.strokes) == len(strokes)
    for read, written in zip(drawing.strokes, strokes, strict=True):
        assert np.allclose(read.points[-1], written.points[-1], atol=0.02)
        assert read.width == written.width
    assert not message.is_empty


def test_each_digit_drawn_for_someone_is_another_than_the_last() -> None:
    page, rng = DrawPage(), np.random.default_rng(3)
    last = None
    for _ in range(30):
        draw_one(page, rng)
        assert page.written is not None and page.written != last
        last = page.written


def test_replacing_the_drawing_makes_a_new_canvas() -> None:
    page = DrawPage()
    draw_one(page, np.random.default_rng(0))
    revision = page.revision
    page.put_on_canvas(None)
    assert page.revision == revision + 1
    assert page.canvas is None and page.written is None
    assert page.initial_drawing == {"objects": []}
