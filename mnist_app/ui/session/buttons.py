"""Buttons whose press counts even when the page begins anew before it was acted on.

Streamlit tells of a press to one run of the page alone. That run ends early when the browser answers, a timer
asks for the page or another control is used in the same moment, and the press would be gone. Here it is
remembered until the page comes to the button, or until its visitor goes on to another page.

A press also waits until the browser has said who its visitor is, so that what comes of it belongs to them.
"""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, ParamSpec

import streamlit as st

from mnist_app.errors import AppError
from mnist_app.ui.outside_text import escaped
from mnist_app.ui.session.session import session

P = ParamSpec("P")


def button(label: str, *, key: str, **look: Any) -> bool:
    """A button of the page, as `st.button`; whether it was pressed and nothing has come of it yet."""
    st.button(label, key=key, on_click=session().press, args=(key,), **look)
    return take_press(key)


def form_button(label: str, *, key: str, **look: Any) -> bool:
    """The button of a form, as `st.form_submit_button`; for forms that keep what was entered."""
    st.form_submit_button(label, key=key, on_click=session().press, args=(key,), **look)
    return take_press(key)


def take_press(key: str) -> bool:
    """Return whether that button was pressed, once, and not before the visitor is known."""
    return session().is_known and session().take_press(key)


def when_known(act: Callable[P, None]) -> Callable[P, None]:
    """Make a callback wait for the browser's answer, if it has not come yet."""

    @wraps(act)
    def act_or_wait(*args: P.args, **kwargs: P.kwargs) -> None:
        if session().is_known:
            act(*args, **kwargs)
        else:
            session().waiting_acts.append(partial(act, *args, **kwargs))

    return act_or_wait


@when_known
def do(act: Callable[..., object], *arguments: object) -> None:
    """Call `act` for the press of a button, as its `on_click`; what the app can explain is said."""
    try:
        act(*arguments)
    except AppError as error:
        st.toast(escaped(error))
