"""Presses that count though the page begins anew before it comes to the button."""

import re
from pathlib import Path

from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parents[3]


def _page() -> None:
    """Begins anew once, as soon as the button was pressed and before it is asked whether it was."""
    import streamlit as st

    from mnist_app.ui.session.buttons import button, form_button
    from mnist_app.ui.session.session import session

    memory = st.session_state
    session().draw.is_restored = True
    session().begin_page(memory.get("page_name", "first"))
    if memory.pop("is_interrupted", False):
        st.rerun()
    if button("Act", key="act"):
        memory["acted"] = memory.get("acted", 0) + 1
    with st.form("form"):
        text = st.text_input("Text", key="text")
        if form_button("Save", key="save"):
            memory["saved"] = text


def test_a_press_is_acted_on_once() -> None:
    test = AppTest.from_function(_page, default_timeout=60).run()
    test.button(key="act").click().run()
    test.run()
    assert test.session_state["acted"] == 1


def test_a_press_counts_though_the_page_begins_anew() -> None:
    test = AppTest.from_function(_page, default_timeout=60).run()
    test.session_state["is_interrupted"] = True
    test.button(key="act").click().run()
    assert test.session_state["acted"] == 1


def test_a_form_is_saved_though_the_page_begins_anew() -> None:
    test = AppTest.from_function(_page, default_timeout=60).run()
    test.session_state["is_interrupted"] = True
    test.text_input(key="text").input("seven")
    test.button(key="save").click().run()
    assert test.session_state["saved"] == "seven"


def test_a_press_is_over_when_its_visitor_goes_on_to_another_page() -> None:
    test = AppTest.from_function(_page, default_timeout=60).run()
    test.session_state["is_interrupted"] = True
    test.session_state["page_name"] = "second"  # as of the next run
    test.button(key="act").click().run()
    assert "acted" not in test.session_state


def test_no_page_asks_streamlit_whether_a_button_was_pressed() -> None:
    # In a dialog it may: there a page that begins anew closes the dialog, and a press must not outlive it.
    found = [
        f"{path.name}: {line.strip()}"
        for path in (ROOT / "mnist_app" / "ui").rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"\b(if|and|or) st\.(button|form_submit_button)\(", line)
    ]
    assert not found, found
