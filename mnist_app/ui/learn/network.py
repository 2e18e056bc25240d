"""Whose weights a chapter works with: those of a finished run, or fresh ones."""

from collections.abc import Sequence

import streamlit as st

from mnist_app.errors import AppError, ModelUnavailable
from mnist_app.learning.lessons.network_weights import NetworkWeights, draw_fresh, name_arrays, shapes_of
from mnist_app.ui.frame.navigation import PAGES
from mnist_app.ui.outside_text import show_warning
from mnist_app.ui.parts.terms import show_caption
from mnist_app.ui.session.widgets import live_key
from mnist_app.ui.shared import resources
from mnist_app.wording import counted, percent
from mnist_app.workspace.runs.records import Run, Status
from mnist_app.workspace.runs.run_label import distinct_label

FRESH = "fresh"
"""Stands for a network that has learned nothing, where a run's id names another."""
_MOST_RUNS = 50


def choose_network(preset: str) -> tuple[NetworkWeights, str]:
    """Return the weights of a finished run, or fresh ones, and a name for them."""
    runs = finished_runs(preset)
    titles = {run.id: _title(run) for run in runs} | {FRESH: "One that has learned nothing yet"}
    key = live_key(f"network-{preset}")
    if st.session_state.get(key) not in titles:
        st.session_state[key] = _best(runs)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "The network of this chapter", list(titles), format_func=titles.__getitem__, key=key, width=440
        )
        if not runs:
            st.page_link(f"{PAGES}/train.py", label="Train one", icon=":material/model_training:")
    run = next((run for run in runs if run.id == chosen), None)
    if run is None:
        show_caption(
            "Its [[weights]] are drawn by chance, so what it finds and says below means nothing yet."
        )
        return fresh_network(preset)
    try:
        sha256 = run.checkpoint_sha256 or ""
        return _weights_of(run.id, sha256), sha256
    except AppError as error:
        show_warning(f"{error} Fresh weights are shown instead.")
        return fresh_network(preset)


def _best(runs: Sequence[Run]) -> str:
    """Return the run that is right most often on the test images, or `FRESH` without any.

    Not simply the newest: that may be the one that learned 500 images by heart.
    """
    best = max(runs, key=lambda run: run.test_accuracy or 0.0, default=None)
    return FRESH if best is None else best.id


def fresh_network(preset: str) -> tuple[NetworkWeights, str]:
    """Return weights that have learned nothing, the same ones each time, and a name for them."""
    return draw_fresh(preset), f"fresh-{preset}"


def finished_runs(preset: str) -> list[Run]:
    """Return the runs whose final weights are there, the newest first."""
    try:
        finished = resources.store().runs(statuses=[Status.FINISHED], limit=_MOST_RUNS)
    except AppError as error:
        show_warning(error)
        return []
    return [
        run for run in finished if run.config.preset == preset and run.checkpoint_epoch == run.config.epochs
    ]


def _title(run: Run) -> str:
    epochs = counted(run.config.epochs, "epoch")
    if run.test_accuracy is None:
        return f"{distinct_label(run)}: {epochs}"
    return f"{distinct_label(run)}: {epochs}, {percent(run.test_accuracy, 2)} right"


@st.cache_resource(show_spinner=False, max_entries=8)
def _weights_of(run_id: str, sha256: str) -> NetworkWeights:
    """Return a run's weights at the moment that the checkpoint's digest names."""
    run = resources.store().run(run_id)
    arrays = resources.model_files().read_checkpoint(run)
    try:
        return name_arrays(run.config.preset, arrays[: len(shapes_of(run.config.preset))])
    except ValueError as error:
        raise ModelUnavailable(f"The run {run_id} is of another network: {error}") from error
