"""Fragments: parts of a page that rerun alone, for as long as their page is shown."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import streamlit as st

from mnist_app.errors import NotAllowed
from mnist_app.ui.lesson_link.class_rules import check_page_is_shown, is_shown
from mnist_app.ui.session.toasts import show_toasts

P = ParamSpec("P")


def fragment(show: Callable[P, None], every: float | None = None, control: str = "") -> Callable[P, None]:
    """Return `show` as a fragment that reruns the whole page once the teacher has hidden it.

    A fragment reruns without the navigation, so a tab would go on using a page that was hidden since.

    Args:
        show: Shows a part of a page.
        every: Seconds after which the fragment reruns by itself; None for never.
        control: The control that the fragment belongs to, if the teacher can hide it.
    """

    @wraps(show)
    def show_unless_hidden(*args: P.args, **kwargs: P.kwargs) -> None:
        if _is_hidden(control):
            st.rerun()
        show(*args, **kwargs)
        show_toasts()

    return st.fragment(show_unless_hidden, run_every=every)


def _is_hidden(control: str) -> bool:
    """Return whether the teacher hides the page of this tab, or a control of it."""
    try:
        check_page_is_shown()
    except NotAllowed:
        return True
    return bool(control) and not is_shown(control)
