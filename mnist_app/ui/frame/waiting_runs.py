"""The start of runs that wait although nobody has opened a page that trains, as after a restart."""

import logging
import threading

import streamlit as st

from mnist_app.errors import AppError
from mnist_app.ui.shared import resources

logger = logging.getLogger(__name__)


def see_to_waiting_runs() -> None:
    """Have waiting runs trained. The first page that is complete does so, once in the server's life.

    Streamlit runs nothing of an app before somebody visits it. Opening the store takes a third of a second,
    so a thread does it.
    """
    begin_once()


@st.cache_resource(show_spinner=False)
def begin_once() -> threading.Thread:
    """Begin the thread that looks for waiting runs, once, and return it."""
    thread = threading.Thread(target=_start_if_needed, name="waiting runs", daemon=True)
    thread.start()
    return thread


def _start_if_needed() -> None:
    """Start the supervisor if runs wait. On a cluster, runs of a server that was lost may wait as well."""
    try:
        if resources.settings().cluster is not None or resources.queue().waiting() > 0:
            resources.supervisor().ensure_started()
    except AppError as error:
        logger.warning("Whether runs wait cannot be seen: %s", error)  # a page that needs the store says so
