"""What every page with a run needs: find it, queue one, stop it, and draw with its model."""

from collections.abc import Callable

import streamlit as st

from mnist_app.errors import AppError
from mnist_app.ui.frame.navigation import go_to
from mnist_app.ui.frame.person import made_something
from mnist_app.ui.outside_text import show_error
from mnist_app.ui.ownership import changes
from mnist_app.ui.ownership.visitor import may
from mnist_app.ui.session.buttons import button, do
from mnist_app.ui.session.session import session
from mnist_app.ui.shared import resources
from mnist_app.workspace.classroom.permissions import Action
from mnist_app.workspace.runs.records import ACTIVE, Run, Status


def find_run_shown(*, is_fine_tuning: bool) -> str | None:
    """Return the id of the run that the page shows, and have the address name it.

    A refresh right after *Train* comes before the browser has the new address. The visitor's own run is
    found all the same.

    Args:
        is_fine_tuning: Whether the page shows fine-tunings; else it shows the other trainings.

    Returns:
        The id in the address, unchecked; without one, that of the visitor's newest run that waits or trains;
        None if there is none.

    Raises:
        StorageUnavailable: The store cannot be read.
    """
    run_id = st.query_params.get("run")
    if run_id is not None or not session().is_known:
        return run_id
    unfinished = resources.store().runs(owner=session().owner, statuses=[Status.QUEUED, *ACTIVE])
    own = (run.id for run in unfinished if bool(run.config.fine_tuned_from) == is_fine_tuning)
    run_id = next(own, None)
    if run_id is not None:
        st.query_params["run"] = run_id
    return run_id


def queue_run(queue: Callable[[], Run]) -> Run | None:
    """Queue a run, and start the worker if there is none; on an error show the reason.

    Args:
        queue: Puts the run into the queue, and returns it.

    Returns:
        The run; None after an error.
    """
    try:
        resources.supervisor().ensure_started()
        run = queue()
        made_something()
    except AppError as error:
        show_error(error)
        return None
    return run


def show_stop(run: Run) -> None:
    """Show the button that stops a run if the visitor may stop it."""
    if may(Action.STOP_RUN, run.owner):
        st.button(
            "Stop",
            icon=":material/stop_circle:",
            disabled=run.status.ended or run.cancel,
            on_click=do,
            args=(changes.stop_run, run.id),
            key=f"stop-{run.id}",
        )


def show_draw_with(run: Run) -> None:
    """Show the button that leads to the Draw page with the run's model; it is disabled without a model."""
    has_model = run.model_sha256 is not None
    pressed = button(
        "Draw with it",
        icon=":material/draw:",
        type="primary",
        disabled=not has_model,
        help="Let this network read what you draw."
        if has_model
        else "There is no model yet. It is kept when the training ends.",
        key=f"draw-{run.id}",
    )
    if not pressed:
        return
    try:
        resources.model_files().load_model(run)
    except AppError as error:
        show_error(error)
        return
    session().chosen_model = run.id
    go_to("draw")
