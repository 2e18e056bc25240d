"""The comparison of runs: curves in shared charts, a table of differing settings, and the history as CSV."""

import csv
import html
import io
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import streamlit as st

from mnist_app.learning.networks.designs import DESIGNS
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.ui.parts import charts
from mnist_app.ui.parts.live import live
from mnist_app.ui.runs.runs_table import REFRESH_SECONDS, person
from mnist_app.ui.session.session import session
from mnist_app.ui.shared import resources
from mnist_app.ui.train.training_settings import OPTIMIZER_TITLES, SHARE_TITLES
from mnist_app.wording import percent
from mnist_app.workspace.runs.records import Point, Run, Split
from mnist_app.workspace.runs.run_label import preset_title, run_label

MOST_COMPARED = len(charts.RUN_COLOURS)
_POINTS_EACH = 150
_LONGEST_LABEL = 40
SETTING = ""
"""Key of the column that names the settings. It differs from all runs' labels, which are never empty."""
_SETTINGS = {
    "preset": "network",
    "dataset": "data set",
    "train_size": "training images",
    "validation_share": "held out for validation",
    "epochs": "epochs",
    "batch_size": "batch size",
    "optimizer": "optimiser",
    "learning_rate": "learning rate",
    "momentum": "momentum",
    "seed": "seed",
    "fine_tuned_from": "fine-tuned from",
    "initializer": "weights at the start",
}
INITIALIZER_TITLES = {"glorot_uniform": "Glorot", "he_uniform": "He"}
"""The rules of the first weights by their authors."""
_PERSON = "trained by"
_SPLITS: dict[str, tuple[Split, ...]] = {
    "Both": ("train", "validation"),
    "Training": ("train",),
    "Validation": ("validation",),
}


def show_comparison(runs: Sequence[Run]) -> None:
    """Show the curves of the runs in shared charts, and the settings in which the runs differ.

    Args:
        runs: The runs, of which the first `MOST_COMPARED` are shown. A single run has all its settings shown.
    """
    if len(runs) > MOST_COMPARED:
        st.info(f"The first {MOST_COMPARED} of the {len(runs)} chosen runs are compared.")
        runs = runs[:MOST_COMPARED]
    is_live = any(not run.status.ended for run in runs)
    live(partial(_show_curves, runs), is_live, REFRESH_SECONDS)
    _show_settings(runs)


def _show_curves(runs: Sequence[Run]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        chosen = st.segmented_control(
            "Curves",
            list(_SPLITS),
            default="Both",
            required=True,
            key="compared_splits",
            help="Training: on the images that it learns from, as it goes. Validation: after each epoch, on "
            "images held out for checking.",
        )
        zoomed = st.toggle("Zoom into accuracy", key="compared_zoom")
    splits = _SPLITS[chosen or "Both"]
    epochs = max(run.config.epochs for run in runs)
    found = [(label, _points(run, splits)) for label, run in zip(labels(runs), runs, strict=True)]
    if not any(points for _, points in found):
        st.markdown("There are no points to show yet.")
        return
    st.html(legend_html(labels(runs)))
    left, right = st.columns(2)
    with left:
        st.markdown("**Loss**", help=charts.MEANINGS["loss"])
        st.altair_chart(
            charts.compared_curves(found, "loss", epochs),
            key="compared_loss",
            alt=f"Loss over epochs of {len(runs)} runs",
        )
    with right:
        st.markdown("**Accuracy**", help=charts.MEANINGS["accuracy"])
        st.altair_chart(
            charts.compared_curves(found, "accuracy", epochs, zoomed),
            key="compared_accuracy",
            alt=f"Accuracy over epochs of {len(runs)} runs",
        )


def legend_html(names: Sequence[str]) -> str:
    """Return the legend with each run's colour and sign, as HTML. Names are escaped."""
    rows = "".join(
        f'<li><span style="color: {colour}" aria-hidden="true">{sign}</span> {html.escape(name)}</li>'
        for name, colour, sign in zip(names, charts.RUN_COLOURS, charts.RUN_SIGNS.values(), strict=False)
    )
    return f'<ul class="run-legend" aria-label="Runs in the charts">{rows}</ul>'


def _points(run: Run, splits: Sequence[Split]) -> list[Point]:
    return [point for split in splits for point in resources.store().points(run.id, split, most=_POINTS_EACH)]


def _show_settings(runs: Sequence[Run]) -> None:
    st.markdown("**What differs**" if len(runs) > 1 else "**Settings**")
    rows = settings_table(runs, session().owner)
    if not rows[SETTING]:
        st.markdown("Nothing: these runs have the same settings, the seed among them.")
        return
    st.dataframe(
        rows,
        hide_index=True,
        key="compared_settings",
        column_config={SETTING: st.column_config.TextColumn("Setting", pinned=True)},
        alt="Settings of the chosen runs",
    )


def labels(runs: Sequence[Run]) -> list[str]:
    """Return a short, unique label for each run."""
    names = [_shortened(run_label(run)) for run in runs]
    return [
        name if names.count(name) == 1 else f"{name}, #{run.number}"
        for name, run in zip(names, runs, strict=True)
    ]


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST_LABEL else name[: _LONGEST_LABEL - 1] + "…"


def settings_table(runs: Sequence[Run], owner: str) -> dict[str, list[str]]:
    """Return the table of settings, by column.

    Args:
        runs: The runs. For several runs only the settings that differ are included.
        owner: The visitor's token, which tells their own runs.

    Returns:
        A column with the names of the settings, under `SETTING`, and one with the values for each run.
    """
    values = {name: [setting(run.config, name) for run in runs] for name in _SETTINGS}
    values[_PERSON] = [person(run, owner) for run in runs]
    shown = [name for name in values if len(runs) == 1 or len(set(values[name])) > 1]
    columns = {label: [values[name][place] for name in shown] for place, label in enumerate(labels(runs))}
    return {SETTING: [_SETTINGS.get(name, name) for name in shown], **columns}


def setting(config: TrainingConfig, name: str) -> str:
    """Return a setting's value in words; "–" if the setting does not apply."""
    value = getattr(config, name)
    words: dict[str, Callable[[Any], str]] = {
        "preset": preset_title,
        "optimizer": lambda name: OPTIMIZER_TITLES.get(name, name),
        "validation_share": lambda share: SHARE_TITLES.get(share, percent(share)),
    }
    if name in words:
        return words[name](value)
    if name == "initializer":
        return INITIALIZER_TITLES[value] if config.preset in DESIGNS else "–"
    if name == "momentum" and config.optimizer != "momentum":
        return "–"
    if value is None:  # only the number of training images can be None
        return "all"
    if value == "":
        return "–"
    return f"{value:g}" if isinstance(value, float) else str(value)


def history_csv(points: Sequence[Point]) -> str:
    """Return all points of a run's curves as CSV, with a header and a line for each point."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["split", "step", "epoch", "loss", "accuracy"])
    writer.writerows((point.split, point.step, point.epoch, point.loss, point.accuracy) for point in points)
    return file.getvalue()
