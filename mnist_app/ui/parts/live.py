"""Parts of a page that refresh themselves while their data changes."""

from collections.abc import Callable

import streamlit as st

from mnist_app.errors import AppError
from mnist_app.ui.outside_text import show_error

REFRESH_SECONDS = 1.0


def live(show: Callable[[], bool | None], is_live: bool, seconds: float = REFRESH_SECONDS) -> None:
    """Show a part of a page, and refresh it at intervals while it is live.

    The whole page reruns when a refresh finds that the part has become live or has ended, because only a page
    run starts or stops the timer.

    Args:
        show: Shows the part's present state and returns whether it is live; None leaves the timer unchanged.
        is_live: Whether the part is live now.
        seconds: Time between two refreshes.
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
