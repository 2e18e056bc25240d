"""Look inside, on the Draw page, without a browser."""

import pytest
from shown import drawn, html
from streamlit.testing.v1 import AppTest

from mnist_app.settings import PROJECT
from mnist_app.ui.look_inside import frame
from mnist_app.ui.state import DrawPage, LookInside

pytestmark = pytest.mark.usefixtures("warm")


def show(view: str | None = None, digit: int | None = 3) -> AppTest:
    """The Draw page with a digit on the canvas, its view opened; closed without one."""
    test = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
    canvas = None if digit is None else drawn(digit)
    test.session_state["draw_page"] = DrawPage(is_restored=True, canvas=canvas)
    if view is not None:
        test.session_state["look_inside_memory"] = LookInside(True, view)
    test.run()
    assert [title.value for title in test.title] == ["Draw a digit"]
    assert not test.exception
    return test


def views_offered(test: AppTest) -> list[str]:
    return [group.key for group in test.button_group if group.key == "look_inside_view"]


def test_closed_it_computes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setitem(frame.VIEWS, "Each layer", asked.append)
    assert views_offered(show()) == [] and asked == []
    assert views_offered(show("Each layer")) == ["look_inside_view"] and len(asked) == 1


@pytest.mark.parametrize("view", frame.VIEWS)
def test_without_a_drawing_it_invites(view: str) -> None:
    assert frame.NOTHING_DRAWN in [markdown.value for markdown in show(view, digit=None).markdown]


@pytest.mark.parametrize("view", frame.VIEWS)
def test_each_view_shows_something_of_what_was_drawn(view: str) -> None:
    assert len(html(show(view))) > len(html(show()))
