"""What the browser keeps of the Draw page, and what comes back from it."""

import json

import pytest
import streamlit
from hypothesis import given
from hypothesis import strategies as st

from mnist_app.ui.session.browser_storage import as_kept, restore
from mnist_app.ui.session.draw_page import CanvasMessage, DrawPage
from mnist_app.ui.session.drawing_in_use import drawing_in_use
from mnist_app.ui.session.session import session

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
KEYS = ["canvas", "brush_width", "input_way", "picture", "photo", "written", "look_inside"]


@pytest.fixture(autouse=True)
def _own_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit keeps no session outside of a page."""
    monkeypatch.setattr(streamlit, "session_state", {})


def test_what_was_kept_comes_back_as_it_was() -> None:
    page = DrawPage(brush_width=12, input_way="Picture", picture=b"\x00\xffpicture", photo=b"photo")
    page.put_on_canvas(CanvasMessage(b"\x89PNG", {"objects": [{"type": "Path"}]}))
    page.written = 7
    session().look_inside.view = "What if"
    kept = as_kept(page)
    session().look_inside.view = None
    again = DrawPage()
    restore(again, kept)
    assert again.is_restored
    assert again.canvas == page.canvas
    assert again.initial_drawing["objects"] == [{"type": "Path"}]
    assert (again.brush_width, again.input_way, again.written) == (12, "Picture", 7)
    assert session().look_inside.view == "What if"
    assert (again.picture, again.photo) == (page.picture, page.photo)


def test_strokes_that_no_page_run_knew_come_back_with_a_picture() -> None:
    strokes = {"objects": [{"type": "Path", "path": [["M", 50, 50], ["L", 200, 260]], "strokeWidth": 20}]}
    page = DrawPage()
    restore(page, json.dumps({"canvas": {"png": None, "json_data": strokes}}))
    assert page.canvas and page.canvas.json_data == strokes
    drawing = drawing_in_use(page)
    assert drawing and len(drawing.strokes) == 1 and drawing.pixels[155, 125, 0] == 255


@pytest.mark.parametrize("objects", [[], [{"type": "Rect"}], [3]])
def test_without_valid_strokes_the_canvas_is_empty(objects: list[object]) -> None:
    page = DrawPage()
    restore(page, json.dumps({"canvas": {"png": None, "json_data": {"objects": objects}}}))
    assert page.canvas is None and drawing_in_use(page) is None


@pytest.mark.parametrize("kept", [None, "", "no JSON", "[]", "null", '{"canvas": 3}', "9" * 5_000_000])
def test_nothing_usable_leaves_the_page_as_it_begins(kept: str | None) -> None:
    page = DrawPage()
    restore(page, kept)
    assert page == DrawPage(is_restored=True)


@given(st.dictionaries(st.sampled_from(KEYS), JSON) | JSON)
def test_whatever_comes_back_is_taken_over_or_left_out(values: object) -> None:
    page = DrawPage()
    restore(page, json.dumps(values))
    assert page.input_way in ("Pen", "Picture", "Camera")
    assert isinstance(page.brush_width, int)
    assert page.canvas is None or isinstance(page.canvas.json_data, dict)
