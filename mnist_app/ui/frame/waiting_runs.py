"""Runs that wait although nobody has opened a page that trains, as after a restart of the server."""

import logging
import threading

import streamlit as st

from mnist_app.errors import AppError
from mnist_app.ui.shared import resources

logger = logging.getLogger(__name__)


def see_to_waiting_runs() -> None:
    """Have what waits trained: once in the server's life, when its first page has been built.

    Streamlit runs nothing of an app before somebody visits it. Opening the store takes a third of a second,
    so it is done beside the pages.
    """
    begin_once()


@st.cache_resource(show_spinner=False)
def begin_once() -> threading.Thread:
    """The thread that looks, begun when it is first asked for."""
    thread = threading.Thread(target=_start_if_needed, name="waiting runs", daemon=True)
    thread.start()
    return thread


def _start_if_needed() -> None:
    """On a cluster there may be runs, too, that were lost with the server that had begun them."""
    try:
        if resources.settings().cluster is not None or resources.queue().waiting() > 0:
            resources.supervisor().ensure_started()
    except AppError as error:
        logger.warning("Whether runs wait cannot be seen: %s", error)  # a page that needs the store says so
