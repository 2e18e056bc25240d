"""Pages as a tab shows them, without a browser."""

from shown import session_of
from streamlit.testing.v1 import AppTest

from mnist_app.settings import PROJECT
from mnist_app.ui.session.draw_page import DrawPage

HEADINGS = {
    "draw": "Draw a digit",
    "train": "Train a network",
    "runs": "Runs",
    "test_images": "Test images",
    "class_drawings": "Class drawings",
    "learn": "Learn",
}
PATIENCE = 240
"""Seconds that a page may take on a busy machine."""


def new_tab(draw: DrawPage | None = None) -> AppTest:
    """Return a tab that shows nothing yet.

    Args:
        draw: what the Draw page remembers; without it the page first asks the browser.
    """
    test = AppTest.from_file(str(PROJECT / "mnist_app/ui/frame/page_script.py"), default_timeout=PATIENCE)
    if draw is not None:
        session_of(test).draw = draw
    return test


def open_page(test: AppTest, page: str = "draw", **address: str) -> AppTest:
    """Open a page at an address in a tab, and check that it shows its heading and no exception."""
    test.run()
    for name, value in address.items():
        test.query_params[name] = value
    if page != "draw" or address:
        test.switch_page(f"../pages/{page}.py").run()
    assert not test.exception
    if page in HEADINGS:
        assert [title.value for title in test.title] == [HEADINGS[page]]
    return test
