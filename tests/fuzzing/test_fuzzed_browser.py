"""What a browser brings back, damaged: it is taken over or left out, and the page goes on."""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import streamlit as st
from damage import PATIENCE, VALUES, altered, damaged, fuzzed, only_sentences
from hypothesis import given
from originals import canvas_json, canvas_png, pictures
from streamlit.testing.v1 import AppTest

from mnist_app.ink.preprocess import preprocess
from mnist_app.ui.session import browser_storage
from mnist_app.ui.session.browser_storage import as_kept, take_over
from mnist_app.ui.session.draw_page import BRUSHES, CANVAS_SIDE, INPUT_WAYS, CanvasMessage, DrawPage
from mnist_app.ui.session.drawing_in_use import drawing_in_use
from mnist_app.ui.session.session import session
from mnist_app.workspace.classroom.person_name import check_person

pytestmark = pytest.mark.timeout(PATIENCE)

TOKEN = "a" * 32
URL = "data:image/png;base64," + base64.b64encode(canvas_png(CANVAS_SIDE)).decode("ascii")


@pytest.fixture(autouse=True)
def _own_session(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A session of this test's own, outside of a page."""
    monkeypatch.setattr(st, "session_state", {})
    yield


def kept_text() -> str:
    """What the browser keeps of a page on which much was done."""
    page = DrawPage(brush_width=12, input_way="Picture", picture=pictures()[0], photo=pictures()[5])
    page.put_on_canvas(CanvasMessage(canvas_png(CANVAS_SIDE), canvas_json()))
    page.written = 7
    return as_kept(page)


def use(page: DrawPage) -> None:
    """What the Draw page does with what it was given, and what the browser then keeps of it."""
    for way in INPUT_WAYS:
        page.input_way = way
        with only_sentences():
            drawing = drawing_in_use(page)
            if drawing is not None:
                preprocess(drawing)
    page.begin_canvas()
    assert isinstance(as_kept(page), str)


KEPT = kept_text()


@fuzzed
@given(
    altered(json.loads(KEPT)).map(json.dumps)
    | damaged([KEPT.encode()]).map(lambda text: text.decode("latin-1"))
)
def test_what_was_kept_is_taken_over_or_left_out(text: str) -> None:
    page = DrawPage()
    browser_storage.restore(page, text)
    assert page.is_restored and page.input_way in INPUT_WAYS
    assert BRUSHES[0] <= page.brush_width <= BRUSHES[1]
    use(page)


@fuzzed
@given(altered({"owner": TOKEN, "person": "Zoë", "text": '{"brush_width": 12}'}))
def test_an_answer_of_the_browser_gives_a_token_and_a_name_or_none(answer: Any) -> None:
    for key in list(st.session_state):
        del st.session_state[key]
    take_over(DrawPage(), answer)
    assert 20 <= len(session().owner) <= 64 and session().owner.isascii()
    assert check_person(session().person) == session().person


Heard = Callable[[Any, Any], CanvasMessage | None]


@pytest.fixture(scope="module")
def read_canvas() -> Heard:
    """Reads strokes and picture as the canvas gives them; the canvas is imported by pages alone."""
    assert not AppTest.from_string("import mnist_app.ui.draw.canvas").run(timeout=60).exception
    from streamlit_drawable_canvas import CanvasResult

    from mnist_app.ui.draw.canvas import read_message

    return lambda strokes, image: read_message(CanvasResult(strokes, image, return_image_data=True))


@fuzzed
@given(altered({"raw": canvas_json(), "data": URL}), VALUES)
def test_a_message_of_the_canvas_is_heard_or_left_out(read_canvas: Heard, message: Any, image: Any) -> None:
    values = message if isinstance(message, dict) else {}
    page = DrawPage(is_restored=True)
    heard = read_canvas(values.get("raw"), values.get("data", image))
    if heard is not None:
        page.hear(heard)
    use(page)


def test_what_is_not_damaged_is_taken_over() -> None:
    page = DrawPage()
    take_over(page, {"owner": TOKEN, "person": "Zoë", "text": KEPT})
    assert (session().owner, session().person, page.written) == (TOKEN, "Zoë", 7)
    assert drawing_in_use(page) is not None
