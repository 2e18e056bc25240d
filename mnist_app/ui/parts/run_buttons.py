"""What every page with a run needs: find it, queue one, stop it, and draw with its model."""

from collections.abc import Callable

import streamlit as st

from mnist_app.errors import AppError
from mnist_app.ui.frame.navigation import go_to
from mnist_app.ui.frame.person import made_something
from mnist_app.ui.lesson_link.class_rules import rules
from mnist_app.ui.outside_text import escaped, show_error
from mnist_app.ui.ownership import changes
from mnist_app.ui.ownership.visitor import may
from mnist_app.ui.parts.terms import show_text
from mnist_app.ui.session.buttons import button, do, form_button
from mnist_app.ui.session.session import session
from mnist_app.ui.shared import resources
from mnist_app.workspace.classroom.permissions import Action
from mnist_app.workspace.runs.queue import check_continuable
from mnist_app.workspace.runs.records import ACTIVE, Run, Status

_EPOCHS_MORE = 5


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


def show_ways_on(run: Run) -> None:
    """Show what one can do with a run that has ended: draw, see its mistakes, train further, compare."""
    if run.model_sha256:
        show_draw_with(run)
        show_test_images(run, "See its mistakes")
    if may(Action.CONTINUE_RUN, run.owner) and run.checkpoint_sha256:
        show_continue(run, "Train further")
    if button(
        "Compare", icon=":material/stacked_line_chart:", help="Among all runs.", key=f"compare-{run.id}"
    ):
        session().runs.chosen = (run.id,)
        go_to("runs")


def show_test_images(run: Run, label: str) -> None:
    """Show the button that leads to the test images, with the run's answers to them."""
    pressed = button(
        label,
        icon=":material/grid_on:",
        disabled=run.model_sha256 is None,
        help="See which test images it gets wrong.",
        key=f"test-{run.id}",
    )
    if pressed:
        go_to("test_images", model=run.id)


def show_continue(run: Run, label: str) -> None:
    """Show a popover in which a run is trained further, as a new run, and open that."""
    with st.popover(label, icon=":material/resume:"):
        try:
            done, allowed = check_continuable(run), rules().most_epochs
        except AppError as error:
            st.markdown(escaped(error))
            return
        most = allowed - done
        if most < 1:
            show_text(f"It has had {done} [[epochs]]. A run can have at most {allowed}.")
            return
        with st.form(f"continue-{run.id}", border=False):
            epochs = st.number_input(
                "More epochs",
                1,
                most,
                min(_EPOCHS_MORE, most),
                help="It goes on from where it ended, as a new run; this one stays as it is.",
            )
            pressed = form_button(
                "Train further", type="primary", icon=":material/play_arrow:", key=f"train_on-{run.id}"
            )
        if pressed and (new := queue_run(lambda: changes.continue_run(run.id, epochs))):
            go_to("train", run=new.id)


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
