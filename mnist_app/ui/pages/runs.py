"""The Runs page: the table of runs, the actions on the chosen ones, and their comparison."""

import streamlit as st

from mnist_app.errors import AppError
from mnist_app.ui.frame.navigation import PAGES
from mnist_app.ui.outside_text import show_error
from mnist_app.ui.runs.run_actions import show_actions, show_actions_of_several
from mnist_app.ui.runs.run_comparison import show_comparison
from mnist_app.ui.runs.runs_table import choose_runs
from mnist_app.ui.session.page_memory import RUNS_AT_ONCE
from mnist_app.ui.session.session import session
from mnist_app.ui.shared import resources


def show_page() -> None:
    """Show the table and, below it, the actions and the comparison of the chosen runs."""
    runs = resources.store().runs(limit=session().runs.shown)
    if not runs:
        show_empty()
        return
    chosen = choose_runs(runs)
    if len(runs) == session().runs.shown:
        st.button("Show older runs", icon=":material/history:", on_click=show_older)
    if not chosen:
        st.markdown("Tick a run in the first column to open it or draw with it, and several to compare them.")
        return
    if len(chosen) == 1:
        show_actions(chosen[0])
    else:
        show_actions_of_several(chosen)
    show_comparison(chosen)


def show_older() -> None:
    """Add `RUNS_AT_ONCE` older runs to the table."""
    session().runs.shown += RUNS_AT_ONCE


def show_empty() -> None:
    """Say that there are no runs yet, with a link to the Train page."""
    st.markdown("There are no runs yet: each network that you train is kept here.")
    st.page_link(f"{PAGES}/train.py", label="Train a network", icon=":material/model_training:")


st.title("Runs", anchor=False)
try:
    show_page()
except AppError as error:
    show_error(error)
