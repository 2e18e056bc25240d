"""Digits written onto the canvas by rule, and what the canvas is told and says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_app.ink.drawing import Drawing
from mnist_app.ui.parts.canvas_controls import draw_one, message_of, undo, written_strokes
from mnist_app.ui.session.draw_page import CANVAS_SIDE, CanvasMessage, DrawPage


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
    assert message.objects


def test_each_digit_drawn_for_someone_is_another_than_the_last() -> None:
    page, rng = DrawPage(), np.random.default_rng(3)
    last = None
    for _ in range(30):
        draw_one(page, rng, lambda message, digit: True)
        assert page.written is not None and page.written != last
        last = page.written


def test_a_digit_that_is_not_recognised_is_drawn_again_but_not_for_ever() -> None:
    page, tried = DrawPage(), list[tuple[CanvasMessage, int]]()

    def is_the_third(message: CanvasMessage, digit: int) -> bool:
        tried.append((message, digit))
        return len(tried) == 3

    draw_one(page, np.random.default_rng(3), is_the_third)
    assert len(tried) == 3 and len({message.png for message, _ in tried}) == 3
    assert (page.canvas, page.written) == tried[-1]
    tried.clear()
    draw_one(page, np.random.default_rng(3), lambda message, digit: tried.append((message, digit)) or False)
    assert 3 < len(tried) < 20 and page.canvas == tried[-1][0]


def test_what_is_put_on_the_canvas_differs_from_what_was_put_there_before() -> None:
    page = DrawPage()
    page.put_on_canvas(None)
    once = page.initial_drawing
    page.put_on_canvas(None)
    assert page.initial_drawing != once, "the canvas takes over only what is new to it"
    assert page.initial_drawing["objects"] == once["objects"] == []


def said(*strokes: str) -> CanvasMessage:
    """What the canvas says of strokes, as far as the page looks at it."""
    return CanvasMessage(repr(strokes).encode(), {"objects": [{"path": stroke} for stroke in strokes]})


def test_what_the_canvas_still_says_after_clear_is_no_news() -> None:
    page = DrawPage()
    page.hear(said("one"))
    page.put_on_canvas(None)
    page.hear(said("one"))
    assert page.canvas is None
    page.hear(said())
    assert page.canvas is None
    page.hear(said("two"))
    assert page.canvas == said("two")


def test_a_stroke_that_crosses_with_clear_goes_with_it() -> None:
    page = DrawPage()
    page.put_on_canvas(None)
    page.hear(said("late"))
    page.hear(said())
    assert page.canvas is None


def test_the_echo_of_a_digit_drawn_for_someone_leaves_it_as_written() -> None:
    page = DrawPage()
    page.put_on_canvas(said("one", "two"), written=4)
    page.hear(said("one, rounded", "two, rounded"))
    assert (page.canvas, page.written) == (said("one", "two"), 4)
    page.hear(said("one, rounded", "two, rounded", "mine"))
    assert (page.canvas, page.written) == (said("one, rounded", "two, rounded", "mine"), None)


def test_a_canvas_that_appears_again_begins_with_what_was_drawn() -> None:
    page = DrawPage()
    page.put_on_canvas(said("one"), written=1)
    page.begin_canvas()
    assert page.initial_drawing["objects"] == said("one").objects
    assert (page.canvas, page.written) == (said("one"), 1)
    page.hear(said())  # the visitor takes the stroke back
    assert (page.canvas, page.written) == (None, None)


def test_undo_brings_back_what_a_stroke_clear_or_a_digit_drawn_for_someone_replaced() -> None:
    page = DrawPage()
    page.hear(said("one"))
    page.hear(said("one", "two"))
    page.put_on_canvas(None)
    page.hear(said())
    page.put_on_canvas(said("drawn"), written=4)
    page.hear(said("drawn, rounded"))
    states = [(said("drawn"), 4), (None, None), (said("one", "two"), None), (said("one"), None), (None, None)]
    for state in states[1:]:
        undo(page)
        assert (page.canvas, page.written) == state
    undo(page)
    assert page.canvas is None, "there is nothing before"
    for state in states[-2::-1]:
        page.redo()
        assert (page.canvas, page.written) == state
    page.redo()
    assert (page.canvas, page.written) == states[0], "there is nothing after"


def test_a_stroke_ends_what_redo_could_bring_back() -> None:
    page = DrawPage()
    page.hear(said("one"))
    undo(page)
    page.hear(said())
    page.hear(said("another"))
    page.redo()
    assert page.canvas == said("another") and not page.future


def test_what_the_canvas_says_between_two_fast_presses_of_undo_is_no_step() -> None:
    page = DrawPage()
    for strokes in (["one"], ["one", "two"], ["one", "two", "three"]):
        page.hear(said(*strokes))
    undo(page)
    undo(page)
    page.hear(said("one", "two "))  # the canvas confirms the first press only now
    page.hear(said("one "))
    assert page.canvas == said("one")
    undo(page)
    assert page.canvas is None
    page.redo()
    page.redo()
    assert page.canvas == said("one", "two")


def test_undo_takes_the_last_stroke_of_a_drawing_from_before_a_reload() -> None:
    strokes = written_strokes(5, 20, np.random.default_rng(1))
    assert len(strokes) == 2, "a 5 has two strokes"
    page = DrawPage(canvas=message_of(strokes))
    undo(page)
    assert page.canvas and page.canvas.png == message_of(strokes[:1]).png
    undo(page)
    assert page.canvas is None
    page.redo()
    page.redo()
    assert page.canvas == message_of(strokes)
