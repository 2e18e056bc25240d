"""What the live socket answers: the same as a page run of the same strokes."""

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shown import drawn

from mnist_app.ink.drawing import Drawing
from mnist_app.ink.preprocess import preprocess
from mnist_app.ui.draw.answer_panel import live_answer
from mnist_app.ui.parts.answer import answer_html
from mnist_app.ui.session.draw_page import CANVAS_SIDE
from mnist_app.ui.shared import resources
from mnist_app.ui.shared.recogniser import Recogniser

pytestmark = pytest.mark.usefixtures("warm")


@pytest.mark.parametrize("digit", range(10))
def test_a_live_answer_is_the_page_s_own(digit: int) -> None:
    message = drawn(digit)
    drawing = Drawing.from_canvas(message.png, message.json_data, CANVAS_SIDE)
    own = resources.recogniser().verdict(preprocess(drawing).image)
    live = live_answer(resources.recogniser(), message.objects)
    assert live["answer"] == answer_html(own)
    assert live["digit"] == (own.digit if own.is_digit else None)
    assert re.fullmatch(r"data:image/png;base64,[\w+/=]+", live["image"])


def test_there_is_no_answer_without_ink() -> None:
    assert live_answer(resources.recogniser(), []) == {}


def test_there_is_no_answer_before_the_network_is_loaded() -> None:
    def load() -> Any:
        raise AssertionError("A question loads nothing.")

    assert live_answer(Recogniser(load, load), drawn(3).objects) == {}


def test_a_scribble_is_no_digit() -> None:
    rng = np.random.default_rng(0)
    points = rng.uniform(20, 300, (60, 2)).tolist()
    path = [["M", *points[0]], *(["L", *point] for point in points[1:])]
    assert (
        live_answer(resources.recogniser(), [{"type": "path", "path": path, "strokeWidth": 20}])["digit"]
        is None
    )


numbers = st.floats() | st.integers() | st.none() | st.text(max_size=3)
commands = st.lists(
    st.tuples(st.sampled_from(["M", "Q", "L", "C", 7]), numbers, numbers, numbers, numbers), max_size=6
)
objects = st.lists(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["path", "rect", 3]), "path": commands, "strokeWidth": numbers}
    )
    | st.dictionaries(st.text(max_size=5), numbers, max_size=3)
    | numbers,
    max_size=4,
)


@given(objects)
def test_strokes_of_any_kind_are_answered_or_not(strokes: list[Any]) -> None:
    assert set(live_answer(resources.recogniser(), strokes)) in ({"answer", "image", "digit"}, set())
