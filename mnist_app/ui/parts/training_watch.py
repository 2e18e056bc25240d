"""The view of a run: progress, growing curves, latest numbers, the end, and the sentences on its status."""

import time
from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from mnist_app.ui.outside_text import escaped, show_warning
from mnist_app.ui.parts import live_charts
from mnist_app.ui.parts.charts import MEANINGS
from mnist_app.ui.parts.live import live
from mnist_app.ui.parts.run_buttons import show_draw_with, show_stop
from mnist_app.ui.parts.terms import show_caption, show_sentence
from mnist_app.ui.parts.watched_digit import show_watched_digit
from mnist_app.ui.shared import resources
from mnist_app.wording import duration, percent
from mnist_app.workspace.runs import leases
from mnist_app.workspace.runs.forecast import Turn
from mnist_app.workspace.runs.records import Point, Run, Status

SILENT = "The program that trains does not answer. It is restarted within a minute; this run keeps its place."
_ENDINGS = {
    Status.FINISHED: "Done.",
    Status.DIVERGED: "Diverged.",
    Status.FAILED: "Failed.",
    Status.INTERRUPTED: "Interrupted.",
}
_WAS_STOPPED = "It was stopped."
"""Reason of a stopped run that adds nothing to its status."""
_TURNS = {
    (True, False): "Next in the queue.",
    (True, True): "Next in the queue: its turn comes {when}.",
    (False, False): "Number {place} in the queue.",
    (False, True): "Number {place} in the queue: its turn comes {when}.",
}
"""Sentences by whether the run is the next one, and whether the time of its turn is known."""


def watch(run_id: str) -> None:
    """Show a run, and refresh it until it ends.

    Raises:
        RunNotFound: There is no such run.
        StorageUnavailable: The store cannot be read.
    """
    live(partial(_show_run, run_id), is_live=not resources.store().run(run_id).status.ended)


def _show_run(run_id: str) -> bool:
    """Show a run's present state, and return whether it is still active or waiting."""
    run = resources.store().run(run_id)
    points = resources.store().points(run_id, most=live_charts.POINTS_SHOWN)
    _show_progress(run)
    _show_curves(run, points)
    _show_numbers(run, points)
    if run.status.ended:
        _show_end(run)
    show_watched_digit(run)
    return not run.status.ended


def _show_progress(run: Run) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(min(run.epoch / run.config.epochs, 1.0), text=escaped(status_sentence(run)))
        show_stop(run)


def status_sentence(run: Run) -> str:
    """Return a sentence on the run's status and progress."""
    if run.cancel and not run.status.ended:
        return "Stopping."
    if run.status is Status.QUEUED:
        return _queued_sentence(run)
    if run.status.active:
        return _silence_sentence(run) or _active_sentence(run)
    return (
        _stopped_sentence(run)
        if run.status is Status.STOPPED
        else f"{_ENDINGS[run.status]} {run.reason}".strip()
    )


def _stopped_sentence(run: Run) -> str:
    if not run.epoch:
        return "Stopped before the training began." if run.reason == _WAS_STOPPED else run.reason
    if run.model_sha256 is None:
        return f"Stopped after {run.epoch:.1f} epochs."
    return f"Stopped after {run.epoch:.1f} epochs. You can use this network."


def _silence_sentence(run: Run) -> str:
    """Return a warning that the worker no longer reports; "" while it does."""
    silence = leases.silence(run, time.time())
    if silence < leases.NOTICED_SECONDS:
        return ""
    return (
        f"No news of this training for {silence:.0f} s. "
        f"After {leases.LEASE_SECONDS:.0f} s it counts as interrupted."
    )


def _active_sentence(run: Run) -> str:
    if run.status is Status.STARTING:
        return "Starting: the images are loaded and the network is built."
    if run.status is Status.EVALUATING:
        return "Evaluating on the test set."
    return _training_sentence(run)


def _queued_sentence(run: Run) -> str:
    supervisor = resources.supervisor()
    if supervisor.fault:
        return supervisor.fault
    if supervisor.is_silent:
        return SILENT
    turn = resources.queue().turns().get(run.id, Turn(1, None))
    is_loading = turn.place == 1 and not supervisor.ready
    return "Next in the queue. TensorFlow is being loaded." if is_loading else turn_sentence(turn)


def turn_sentence(turn: Turn) -> str:
    """Return a sentence on a run's place in the queue and, if known, the time of its turn."""
    when = "" if turn.seconds is None else in_about(turn.seconds)
    return _TURNS[turn.place == 1, bool(when)].format(place=turn.place, when=when)


def in_about(seconds: float) -> str:
    """Return a duration from now in rounded words, such as "in about 4 minutes"."""
    minutes, hours = round(seconds / 60), round(seconds / 3600)
    if minutes < 1:
        return "within a minute"
    if minutes < 60:
        return f"in about {minutes} minutes" if minutes > 1 else "in about a minute"
    return f"in about {hours} hours" if hours > 1 else "in about an hour"


def _training_sentence(run: Run) -> str:
    epoch = min(int(run.epoch) + 1, run.config.epochs)
    words = [f"Epoch {epoch} of {run.config.epochs}"]
    if run.images_per_second:
        words.append(f"{run.images_per_second:,.0f} images/s")
    left = seconds_left(run)
    if left is not None:
        words.append(f"{duration(left)} left")
    return " · ".join(words)


def seconds_left(run: Run) -> float | None:
    """Return the remaining seconds of the training at its present speed; None if the speed is unknown."""
    if not run.images_per_second or not run.steps_per_epoch:
        return None
    images = (run.config.epochs - run.epoch) * run.steps_per_epoch * run.config.batch_size
    return max(images / run.images_per_second, 0.0)


def _show_curves(run: Run, points: Sequence[Point]) -> None:
    left, right = st.columns(2)
    with left, st.container(gap=None):
        with st.container(horizontal=True):
            st.markdown("**Loss**", help=MEANINGS["loss"])
        live_charts.curves(points, "loss", run.config.epochs).show(f"loss-{run.id}")
    with right, st.container(gap=None):
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            st.markdown("**Accuracy**", help=MEANINGS["accuracy"])
            zoomed = st.toggle("Zoom", key=f"zoom-{run.id}")
        live_charts.curves(points, "accuracy", run.config.epochs, zoomed).show(f"accuracy-{run.id}")
    if run.config.validation_share == 0:
        show_caption("No images are held out, as in the published program: there is no [[validation]] curve.")


def _show_numbers(run: Run, points: Sequence[Point]) -> None:
    """Show the latest loss and accuracy of both splits; "–" keeps the place of a missing number."""
    training = next((point for point in reversed(points) if point.split == "train"), None)
    validation = next((point for point in reversed(points) if point.split == "validation"), None)
    _show_metrics(
        {
            "Training loss": f"{training.loss:.4f}" if training else "–",
            "Training accuracy": percent(training.accuracy, 2) if training else "–",
            "Validation loss": f"{validation.loss:.4f}" if validation else "–",
            "Validation accuracy": percent(validation.accuracy, 2) if validation else "–",
        }
    )


def _show_metrics(values: Mapping[str, str]) -> None:
    """Show numbers side by side, or below each other if the page is narrow."""
    with st.container(horizontal=True):
        for label, value in values.items():
            st.metric(label, value, width=160)


def _show_end(run: Run) -> None:
    if run.test_accuracy is not None and run.test_loss is not None:
        _show_test(run)
    if run.status in (Status.DIVERGED, Status.FAILED, Status.INTERRUPTED):
        show_warning(run.reason)
    if run.model_sha256:
        show_draw_with(run)


def _show_test(run: Run) -> None:
    assert run.test_accuracy is not None and run.test_loss is not None
    st.markdown("#### On images that it has never seen")
    _show_metrics(
        {
            "Test accuracy": percent(run.test_accuracy, 2),
            "Test loss": f"{run.test_loss:.4f}",
            "Weights": f"{run.parameters or 0:,}",
            "Time": duration(run.seconds or 0.0),
        }
    )
    if run.train_accuracy is not None:
        show_sentence(difference_sentence(run.train_accuracy, run.test_accuracy))


def difference_sentence(train_accuracy: float, test_accuracy: float) -> str:
    """Return an explanation of the difference between training and test accuracy, both from 0 to 1."""
    points = 100 * (train_accuracy - test_accuracy)
    if points <= 0.5:
        return "It does as well on new images as on those it learned from: what it learned holds in general."
    if points <= 2:
        return (
            f"It is right {points:.1f} points more often on the images it learned from than on new ones: "
            "a small difference, as is usual."
        )
    return (
        f"It is right {points:.1f} points more often on the images it learned from than on new ones: "
        "it has begun to learn them by heart, which is called overfitting. "
        "More training images or fewer epochs help."
    )
