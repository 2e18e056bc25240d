"""Toasts: short messages about what a press has done, shown by the run after it.

A callback must show nothing by itself: Streamlit writes a warning to the log if a fragment runs for it.
"""

import streamlit as st

from mnist_app.ui.outside_text import escaped
from mnist_app.ui.session.session import session


def show_toasts() -> None:
    """Show the messages that callbacks have left, each once."""
    messages, session().toasts = session().toasts, []
    for message in messages:
        st.toast(escaped(message))
