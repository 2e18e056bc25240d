"""Buttons whose press counts even when the page begins anew before it was acted on.

Streamlit tells of a press to one run of the page alone. That run ends early when the browser answers, a timer
asks for the page or another control is used in the same moment, and the press would be gone. Here it is
remembered until the page comes to the button, or until its visitor goes on to another page.
"""

from typing import Any

import streamlit as st

from mnist_app.ui import state


def button(label: str, *, key: str, **look: Any) -> bool:
    """A button of the page, as `st.button`; whether it was pressed and nothing has come of it yet."""
    st.button(label, key=key, on_click=state.press, args=(key,), **look)
    return state.take_press(key)


def form_button(label: str, *, key: str, **look: Any) -> bool:
    """The button of a form, as `st.form_submit_button`; for forms that keep what was entered."""
    st.form_submit_button(label, key=key, on_click=state.press, args=(key,), **look)
    return state.take_press(key)
