"""What the tests of a class with a teacher share."""

from opened import new_tab, open_page
from shown import session_of
from streamlit.testing.v1 import AppTest

from mnist_app.ui.session.draw_page import DrawPage

TEACHER_CODE = "the teacher's own code"
"""What opens the teacher's page while the fixture `class_store` is in use."""


def visit(page: str, is_teacher: bool = False, **address: str) -> AppTest:
    """A page at an address, as one of the class or the teacher sees it."""
    test = new_tab(DrawPage(is_restored=True))
    session_of(test).is_teacher = is_teacher
    return open_page(test, page, **address)
