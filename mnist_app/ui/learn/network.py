"""The choice of the weights for a chapter: those of a finished run, or fresh ones."""

from collections.abc import Sequence

import streamlit as st

from mnist_app.errors import AppError, ModelUnavailable
from mnist_app.learning.lessons.network_weights import NetworkWeights, draw_fresh, name_arrays, shapes_of
from mnist_app.ui.frame.navigation import PAGES
from mnist_app.ui.outside_text import show_warning
from mnist_app.ui.parts.choices import replace_lost_choice
from mnist_app.ui.parts.terms import show_caption
from mnist_app.ui.session.widgets import live_key
from mnist_app.ui.shared import resources
from mnist_app.wording import counted, percent
from mnist_app.workspace.runs.records import Run, Status
from mnist_app.workspace.runs.run_label import distinct_label

FRESH = "fresh"
"""Name of the untrained network in the choice of runs."""
_MOST_RUNS = 50


def choose_network(preset: str) -> tuple[NetworkWeights, str]:
    """Show the choice of a network, and return its weights and their name.

    The name is the digest of the run's checkpoint; for fresh weights, `fresh-` and the preset. Fresh weights
    also replace a run's weights that cannot be read.
    """
    runs = finished_runs(preset)
    titles = {run.id: _title(run) for run in runs} | {FRESH: "One that has learned nothing yet"}
    key = live_key(f"network-{preset}")
    replace_lost_choice(key, titles, _best(runs))
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
    """Return the id of the run with the highest test accuracy; `FRESH` without runs.

    The newest run would be a poor default: it may be the one that chapter 6 trains on 500 images.
    """
    best = max(runs, key=lambda run: run.test_accuracy or 0.0, default=None)
    return FRESH if best is None else best.id


def fresh_network(preset: str) -> tuple[NetworkWeights, str]:
    """Return untrained weights, always the same ones, and their name."""
    return draw_fresh(preset), f"fresh-{preset}"


def finished_runs(preset: str) -> list[Run]:
    """Return the finished runs of a preset whose final weights are stored, the newest first."""
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
    """Return the weights of a run's checkpoint.

    Args:
        run_id: The run's id.
        sha256: Digest of the checkpoint, which only keys the cache.

    Raises:
        RunNotFound: There is no such run.
        ModelUnavailable: The checkpoint is missing, damaged, or of another network.
    """
    run = resources.store().run(run_id)
    arrays = resources.model_files().read_checkpoint(run)
    try:
        return name_arrays(run.config.preset, arrays[: len(shapes_of(run.config.preset))])
    except ValueError as error:
        raise ModelUnavailable(f"The run {run_id} is of another network: {error}") from error
