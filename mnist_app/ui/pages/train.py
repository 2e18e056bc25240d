"""The Train page: the settings of a training, its start, and the view of a run."""

import contextlib

import streamlit as st

from mnist_app.errors import AppError, RunNotFound
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.ui.frame.lesson_offer import show_lesson_offer
from mnist_app.ui.frame.person import ask_if_due
from mnist_app.ui.lesson_link.class_rules import lesson_rules
from mnist_app.ui.lesson_link.lesson_address import show_lesson_address
from mnist_app.ui.outside_text import show_error
from mnist_app.ui.ownership import changes
from mnist_app.ui.parts.run_buttons import find_run_shown, queue_run
from mnist_app.ui.parts.terms import show_text
from mnist_app.ui.parts.watched_digit import Image, choose_watched_digit
from mnist_app.ui.session.buttons import take_press
from mnist_app.ui.session.session import session
from mnist_app.ui.shared import resources
from mnist_app.ui.train.folded_settings import are_folded, show_cancel, show_folded
from mnist_app.ui.train.run_view import watch
from mnist_app.ui.train.test_image_viewer import show_viewer
from mnist_app.ui.train.training_settings import choose_settings, invalid_settings
from mnist_app.workspace.runs.records import Run

TRAIN = "train"
"""Key of the Train button."""


def show_page() -> None:
    """Show the settings, the Train button, and a run."""
    show_lesson_offer()
    keep_run_in_address()
    try:
        run_id = find_run_shown(is_fine_tuning=False)
        run = None if run_id is None else resources.store().run(run_id)
    except AppError as error:
        show_settings(None)
        show_error(error)
        return
    with st.container():  # or the run would be there twice for a moment, at its old place and the new one
        if run is not None and are_folded(run):
            show_folded(run)
        else:
            show_settings(run)
    show_run(run)


def show_settings(run: Run | None) -> None:
    """Show the settings, and the Train button with what belongs to it.

    Args:
        run: The run that is shown, whose settings can be folded again.
    """
    config = choose_settings()
    invalid = invalid_settings()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Train",
            type="primary",
            icon=":material/play_arrow:",
            width=160,
            disabled=bool(invalid),
            key=TRAIN,
            on_click=session().press,
            args=(TRAIN,),
        )
        if run is not None:
            show_cancel(run)
        watched_digit = choose_watched_digit(config.dataset)
        with st.popover("Copy link to these settings", icon=":material/link:"):
            show_lesson_address(config, lesson_rules())
    if invalid:
        st.caption(f"Train waits until these are corrected: {invalid}.")
    if take_press(TRAIN) and not invalid:  # taken only here, because the watched digit must be known
        submit(config, watched_digit)
    st.divider()


def submit(config: TrainingConfig, watched_digit: Image | None) -> None:
    """Queue a run, write its id into the address, and fold the settings.

    Args:
        config: The configuration.
        watched_digit: The image to watch, (28, 28) in [0, 1]; None for none.
    """
    run = queue_run(lambda: changes.train(config, watched_digit))
    if run is not None:
        session().train.submitted_run = run.id
        st.query_params["run"] = run.id
        ask_if_due()
        st.rerun()


def show_run(run: Run | None) -> None:
    """Show a run, or say how to start one."""
    if run is None:
        show_text(
            "Press **Train**: the curves of [[loss]] and [[accuracy]] grow here while the network learns."
        )
        return
    try:
        watch(run.id)
        show_viewer(run.id)
    except AppError as error:
        show_error(error)


def keep_run_in_address() -> None:
    """Write the run just submitted into the address again if a rerun has dropped it.

    The page may rerun before the changed address has reached the browser.
    """
    page = session().train
    if page.submitted_run is None or "run" in st.query_params:
        return
    submitted, page.submitted_run = page.submitted_run, None
    with contextlib.suppress(RunNotFound):  # deleted meanwhile, on another page
        st.query_params["run"] = resources.store().run(submitted).id


st.title("Train a network", anchor=False)
try:
    resources.supervisor().ensure_started()
    show_page()
except AppError as error:
    show_error(error)
