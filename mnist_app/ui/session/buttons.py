"""Buttons whose press is not lost when another run of the page interrupts the one that was told of it.

Streamlit tells a single run of the page about a press. That run ends early when the browser answers, a timer
fires or another control is used at the same moment. Here a press is remembered until the page reaches the
button, or until the visitor goes to another page.

A press waits until the browser has told the visitor's token, because that owns what the press makes.
"""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, ParamSpec

import streamlit as st

from mnist_app.errors import AppError
from mnist_app.ui.session.session import session

P = ParamSpec("P")


def button(label: str, *, key: str, **look: Any) -> bool:
    """Show a button, as `st.button` does, and return once whether it was pressed."""
    st.button(label, key=key, on_click=session().press, args=(key,), **look)
    return take_press(key)


def form_button(label: str, *, key: str, **look: Any) -> bool:
    """Show the button of a form that keeps what was entered, and return once whether it was pressed."""
    st.form_submit_button(label, key=key, on_click=session().press, args=(key,), **look)
    return take_press(key)


def take_press(key: str) -> bool:
    """Return once whether that button was pressed, and not before the visitor is known."""
    return session().is_known and session().take_press(key)


def when_known(act: Callable[P, None]) -> Callable[P, None]:
    """Make a callback wait until the visitor is known."""

    @wraps(act)
    def act_or_wait(*args: P.args, **kwargs: P.kwargs) -> None:
        if session().is_known:
            act(*args, **kwargs)
        else:
            session().waiting_acts.append(partial(act, *args, **kwargs))

    return act_or_wait


@when_known
def do(act: Callable[..., object], *arguments: object) -> None:
    """Call `act` as the `on_click` of a button, and leave its error as a toast."""
    try:
        act(*arguments)
    except AppError as error:
        session().toasts.append(str(error))
