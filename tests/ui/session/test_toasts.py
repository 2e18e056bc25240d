"""Toasts: callbacks leave them, and the run after shows each once."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

from mnist_app.settings import PROJECT

UI = PROJECT / "mnist_app" / "ui"


def page() -> None:
    import streamlit as st

    from mnist_app.errors import RunNotFound
    from mnist_app.ui.frame.fragments import fragment
    from mnist_app.ui.session.buttons import do
    from mnist_app.ui.session.session import session

    def fail() -> None:
        raise RunNotFound("There is no *run*.")

    session().draw.is_restored = True
    fragment(lambda: st.button("Press", on_click=do, args=(fail,)) and None)()


def test_a_refused_press_is_told_once_and_as_text() -> None:
    test = AppTest.from_function(page).run()
    test.button[0].click().run()
    assert not test.exception
    assert [toast.value for toast in test.toast] == [r"There is no \*run\*."]
    test.run()
    assert not test.toast


def test_toasts_are_shown_in_one_place_which_no_callback_calls() -> None:
    """Streamlit warns in the log of each element that a callback shows while a fragment runs."""
    showing = [file for file in UI.rglob("*.py") if "st.toast(" in file.read_text(encoding="utf-8")]
    assert [file.relative_to(UI) for file in showing] == [Path("session/toasts.py")]
