"""Parts of a page that a tab goes on showing after the teacher has hidden the page, or a control of it."""

import ast

import pytest
from streamlit.testing.v1 import AppTest

from mnist_app.settings import PROJECT
from mnist_app.ui.look_inside.frame import NOTHING_DRAWN
from mnist_app.ui.session.session import SESSION_KEY, Session

UI = PROJECT / "mnist_app" / "ui"


def learn_hidden_meanwhile() -> None:
    """A page with a fragment. The teacher hides the page after the navigation has let the tab in."""
    import streamlit as st

    from mnist_app.errors import NotAllowed
    from mnist_app.ui.frame.fragments import fragment
    from mnist_app.ui.lesson_link.class_rules import check_page_is_shown
    from mnist_app.ui.shared import resources
    from mnist_app.workspace.classroom.class_settings import ClassSettings

    def show() -> None:
        st.markdown("the lesson")

    try:
        check_page_is_shown()
    except NotAllowed as error:
        st.markdown(str(error))
    else:
        resources.keep_class_settings(ClassSettings(hidden_pages=frozenset({"learn"})))
        fragment(show)()


def look_inside_hidden_meanwhile() -> None:
    """A page with Look inside, which the teacher hides after the page has let it in."""
    from mnist_app.ui.lesson_link.class_rules import is_shown
    from mnist_app.ui.look_inside.frame import show_look_inside
    from mnist_app.ui.shared import resources
    from mnist_app.workspace.classroom.class_settings import ClassSettings

    if is_shown("look_inside"):
        resources.keep_class_settings(ClassSettings(hidden_controls=frozenset({"look_inside"})))
        show_look_inside(None, None)


def shown(script: object, page: str, is_teacher: bool = False) -> AppTest:
    test = AppTest.from_function(script, default_timeout=240)
    test.session_state[SESSION_KEY] = known = Session(page=page, is_teacher=is_teacher)
    known.look_inside.view = "What if"
    test.run()
    assert not test.exception
    return test


@pytest.mark.usefixtures("class_store")
@pytest.mark.parametrize(
    ("is_teacher", "said"), [(False, "Your teacher has hidden this for now."), (True, "the lesson")]
)
def test_a_fragment_of_a_hidden_page_shows_the_page_again(is_teacher: bool, said: str) -> None:
    test = shown(learn_hidden_meanwhile, "learn", is_teacher)
    assert [each.value for each in test.markdown] == [said]


@pytest.mark.usefixtures("class_store")
@pytest.mark.parametrize("is_teacher", [False, True])
def test_look_inside_shows_nothing_once_it_is_hidden(is_teacher: bool) -> None:
    test = shown(look_inside_hidden_meanwhile, "draw", is_teacher)
    assert [each.value for each in test.markdown] == ([NOTHING_DRAWN] if is_teacher else [])


def test_every_fragment_looks_whether_its_page_is_hidden() -> None:
    """`st.fragment` is used in one place alone."""
    found = [
        file.relative_to(UI).as_posix()
        for file in sorted(UI.rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if (isinstance(node, ast.Attribute) and node.attr == "fragment")
        or (isinstance(node, ast.ImportFrom) and node.module == "streamlit")
        and any(each.name == "fragment" for each in node.names)
    ]
    assert found == ["frame/fragments.py"]
