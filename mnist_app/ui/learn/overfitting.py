"""Interactive part of chapter 6: a training on 500 images, which overfits."""

from dataclasses import replace
from functools import partial

import streamlit as st

from mnist_app.errors import AppError
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.learning.training.presets import PRESETS
from mnist_app.ui.learn.material import Material
from mnist_app.ui.learn.training import read_curves, show_both_curves
from mnist_app.ui.outside_text import escaped
from mnist_app.ui.ownership import changes
from mnist_app.ui.parts import live_charts
from mnist_app.ui.parts.live import live
from mnist_app.ui.parts.run_buttons import queue_run
from mnist_app.ui.parts.training_watch import status_sentence
from mnist_app.ui.session.buttons import button
from mnist_app.ui.session.widgets import live_key
from mnist_app.ui.shared import resources
from mnist_app.wording import percent
from mnist_app.workspace.runs.records import Run, Status

NAME = "500 images"
_EPOCHS = {"cnn": 30, "dense": 60}
_OF_USE = (Status.QUEUED, Status.STARTING, Status.TRAINING, Status.EVALUATING, Status.FINISHED)


def config_of(preset: str, dataset: str) -> TrainingConfig:
    """Return a preset's configuration with 500 training and 500 validation images and many epochs."""
    return replace(
        PRESETS[preset].defaults,
        dataset=dataset,
        train_size=1000,
        validation_share=0.5,
        epochs=_EPOCHS[preset],
        name=NAME,
    )


def show_overfitting(material: Material) -> None:
    """Show the newest run of this kind, and refresh it until it ends."""
    config = config_of(material.preset, material.dataset.name)
    live(partial(_show, config), is_live=_is_under_way(_find_run(config)))


def _find_run(config: TrainingConfig) -> Run | None:
    """Return the newest run of this configuration that waits, is active or has finished; None without one."""
    try:
        runs = resources.store().runs(statuses=_OF_USE)
    except AppError:
        return None  # a press of the button shows the error
    return next((run for run in runs if run.config == config), None)


def _is_under_way(run: Run | None) -> bool:
    return run is not None and not run.status.ended


def _show(config: TrainingConfig) -> bool:
    """Show the button and the run's present state, and return whether the run is still active or waiting."""
    run = _find_run(config)
    is_busy, key = _is_under_way(run), live_key("overfit")
    is_pressed = button("Train on 500 images", icon=":material/play_arrow:", disabled=is_busy, key=key)
    if is_pressed and queue_run(lambda: changes.train(config)):
        st.rerun()  # the whole page, because only that starts the refresh
    if run is None:
        st.markdown(f"It sees the same 500 images {config.epochs} times, which does not take long.")
        return False
    points = resources.store().points(run.id, most=live_charts.POINTS_SHOWN)
    st.progress(min(run.epoch / run.config.epochs, 1.0), text=escaped(status_sentence(run)))
    show_both_curves(points, run.config.epochs, f"overfit-{run.id}")
    if run.status is Status.FINISHED:
        st.markdown(f"**{read_curves(points)}** {_gap(run)}")
    return is_busy


def _gap(run: Run) -> str:
    if run.train_accuracy is None or run.validation_accuracy is None:
        return ""
    return (
        f"It reads {percent(run.train_accuracy)} of its own 500 images correctly, and "
        f"{percent(run.validation_accuracy)} of the 500 others."
    )
