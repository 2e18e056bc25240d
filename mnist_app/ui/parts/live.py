"""Parts of a page that renew themselves while what they show changes."""

from collections.abc import Callable

import streamlit as st

from mnist_app.errors import AppError
from mnist_app.ui.outside_text import show_error

REFRESH_SECONDS = 1.0


def live(show: Callable[[], bool | None], is_live: bool, seconds: float = REFRESH_SECONDS) -> None:
    """Show a part of a page, and show it again from time to time while it is live.

    The whole page runs again once a renewal finds that the part has come to life or to its end, because
    only that starts or ends the timer.

    Args:
        show: shows the part as it is now, and returns whether it is live; None leaves the timer as it is.
        is_live: whether the part is live as the page runs.
        seconds: time between two renewals.
    """

    def show_now() -> None:
        try:
            now = show()
        except AppError as error:
            show_error(error)
            return
        if now is not None and now != is_live:
            st.rerun()

    st.fragment(show_now, run_every=seconds if is_live else None)()
