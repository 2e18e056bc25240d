"""Parts of a page that refresh themselves while their data changes, and a bar while a job is at work."""

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from mnist_app.errors import AppError
from mnist_app.ui.frame.fragments import fragment
from mnist_app.ui.outside_text import show_error
from mnist_app.ui.shared.evaluation_job import Job
from mnist_app.wording import percent

T = TypeVar("T")

LOADING = "Loading the images and the network."

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

    fragment(show_now, seconds if is_live else None)()


def wait_for(job: Job[T], doing: str) -> T:
    """Return a job's result; show a progress bar until then. Leaving the page does not stop the job.

    Args:
        job: Work on all test images.
        doing: A sentence that says what the network does, without its end.

    Raises:
        AppError: The job failed.
    """
    if not job.wait(0.3):
        bar = st.progress(0.0, LOADING)
        while not job.wait(0.2):
            share = job.asked / job.total if job.total else 0.0
            # Where the visitor does something else meanwhile, Streamlit ends this run here.
            bar.progress(share, f"{doing}: {percent(share, 0)}." if share else LOADING)
        bar.empty()
    return job.result()
