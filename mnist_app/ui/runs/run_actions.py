"""The actions on chosen runs: open, draw with, test, download, continue, rename, delete."""

import html
from collections.abc import Sequence
from functools import partial

import streamlit as st

from mnist_app.errors import AppError
from mnist_app.learning.training.configuration import LONGEST_NAME
from mnist_app.learning.training.keras_script import write_script
from mnist_app.ui.frame.dialog_buttons import choose_keep_or
from mnist_app.ui.frame.navigation import go_to
from mnist_app.ui.lesson_link.class_rules import is_shown
from mnist_app.ui.outside_text import escaped, show_error
from mnist_app.ui.ownership import changes
from mnist_app.ui.ownership.visitor import may, why_not
from mnist_app.ui.parts.live import live
from mnist_app.ui.parts.run_buttons import show_continue, show_draw_with, show_test_images
from mnist_app.ui.parts.training_watch import status_sentence
from mnist_app.ui.runs.run_comparison import history_csv
from mnist_app.ui.runs.runs_table import REFRESH_SECONDS
from mnist_app.ui.session.buttons import button, form_button
from mnist_app.ui.session.session import session
from mnist_app.ui.shared import resources
from mnist_app.workspace.classroom.permissions import Action
from mnist_app.workspace.runs.records import Run
from mnist_app.workspace.runs.run_label import run_label


def show_actions(run: Run) -> None:
    """Show the run's name, its status, and the actions that the visitor may take."""
    # The name is text from outside, so it is escaped.
    st.html(f'<h3 class="run-name">{html.escape(run_label(run))}</h3>')
    live(partial(_show_status, run.id), is_live=not run.status.ended, seconds=REFRESH_SECONDS)
    with st.container(horizontal=True, gap="xsmall"):
        _open(run)
        show_draw_with(run)
        show_test_images(run, "Test images")
        if may(Action.DOWNLOAD_RUN):
            _download(run)
        if may(Action.CONTINUE_RUN, run.owner):
            show_continue(run, "Continue")
        if may(Action.RENAME_RUN, run.owner):
            _rename(run)
        if may(Action.DELETE_RUN, run.owner):
            _delete([run])
    if refusal := why_not(Action.RENAME_RUN, run.owner):
        st.caption(escaped(refusal))


def _show_status(run_id: str) -> bool:
    """Show the run's present status, and return whether the run is still active or waiting."""
    run = resources.store().run(run_id)
    st.text(status_sentence(run))
    return not run.status.ended


def show_actions_of_several(runs: Sequence[Run]) -> None:
    """Offer to delete several runs, as many of them as the visitor may delete."""
    own = [run for run in runs if may(Action.DELETE_RUN, run.owner)]
    st.markdown(f"### {len(runs)} runs")
    if not is_shown("delete_runs"):
        return
    if own:
        is_all = len(own) == len(runs)
        _delete(own, f"Delete {len(own)} runs" if is_all else f"Delete {len(own)} of {len(runs)} runs")
    else:
        st.caption("You cannot delete any of these runs. Choose one of them alone to see why.")


def _open(run: Run) -> None:
    if button("Open", icon=":material/monitoring:", help="See it on the Train page.", key=f"open-{run.id}"):
        go_to("train", run=run.id)


def _download(run: Run) -> None:
    with st.popover("Download", icon=":material/download:"):
        try:
            path = resources.model_files().load_model(run)
            st.download_button(
                "Model (.keras)",
                changes.on_download(path.read_bytes),
                f"{run.id}.keras",
                "application/octet-stream",
                help="The whole network as Keras keeps it: keras.saving.load_model reads it.",
                key=f"model-{run.id}",
                on_click="ignore",
                width="stretch",
            )
        except AppError as error:
            st.markdown(escaped(error))
        st.download_button(
            "History (.csv)",
            changes.on_download(lambda: history_csv(resources.store().points(run.id))),
            f"{run.id}.csv",
            "text/csv",
            help="Every point of its curves: split, step, epoch, loss, accuracy.",
            key=f"history-{run.id}",
            on_click="ignore",
            width="stretch",
        )
        _download_script(run)


def _download_script(run: Run) -> None:
    try:
        script = write_script(run.config)
        st.download_button(
            "Keras script (.py)",
            changes.on_download(lambda: script),
            f"{run.id}.py",
            "text/x-python",
            help="A plain Keras program that trains the same. Its first lines say what it needs.",
            key=f"script-{run.id}",
            on_click="ignore",
            width="stretch",
        )
    except AppError as error:
        st.markdown(escaped(error))


def _rename(run: Run) -> None:
    key = f"name-{run.id}"
    _follow_name(run, key)
    with (
        st.popover("Rename", icon=":material/edit:"),
        st.form(f"rename-{run.id}", border=False),
    ):
        name = st.text_input("Name", max_chars=LONGEST_NAME, key=key)
        if form_button("Rename", type="primary", key=f"rename_now-{run.id}"):
            try:
                changes.rename_run(run.id, name.strip())
            except AppError as error:
                show_error(error)
                return
            st.rerun()


def _follow_name(run: Run, key: str) -> None:
    """Set the field to the run's present name, which another tab may have changed, unless it was edited."""
    page = session().runs
    if key not in st.session_state or st.session_state[key].strip() == page.names_in_fields.get(run.id):
        st.session_state[key] = run.name
    page.names_in_fields[run.id] = run.name


def _delete(runs: Sequence[Run], label: str = "Delete") -> None:
    if button(label, icon=":material/delete:", key=f"delete-{runs[0].id}-{len(runs)}"):
        ask_before_deleting(runs)


@st.dialog("Delete for good?")
def ask_before_deleting(runs: Sequence[Run]) -> None:
    """Ask for confirmation, and delete the runs with their curves and models."""
    names = "".join(f"<li>{html.escape(run_label(run))}</li>" for run in runs)
    st.html(f'<ul class="run-names">{names}</ul>')
    st.markdown("The curves and the models are deleted too. This cannot be undone.")
    choice = choose_keep_or("Delete")
    try:
        for run in runs if choice.is_destroyed else ():
            changes.delete_run(run.id)
    except AppError as error:
        show_error(error)
        return
    if choice.is_made:
        st.rerun()
