"""The view of a run on one screen: progress, growing curves, the watched digit, the first layer, the end."""

from collections.abc import Sequence
from functools import partial
from html import escape

import streamlit as st

from mnist_app.ui.outside_text import escaped
from mnist_app.ui.parts import live_charts
from mnist_app.ui.parts.charts import MEANINGS, Measure
from mnist_app.ui.parts.live import live
from mnist_app.ui.parts.run_buttons import show_stop, show_ways_on
from mnist_app.ui.parts.terms import show_caption, show_sentence
from mnist_app.ui.parts.training_watch import difference_sentence, status_sentence
from mnist_app.ui.parts.watched_digit import choose_moment, show_watched_digit
from mnist_app.ui.shared import resources
from mnist_app.ui.train.first_layer import show_first_layer
from mnist_app.wording import duration, percent
from mnist_app.workspace.runs.records import Point, Run

_HEIGHT = 220
"""Height of the curves in pixels: with all else they fit into a screen of 720."""


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
    with st.container(horizontal=True, vertical_alignment="center", key="run_progress"):
        if run.status.ended:
            _show_end(run)
            show_ways_on(run)
        else:
            st.progress(min(run.epoch / run.config.epochs, 1.0), text=escaped(status_sentence(run)))
            show_stop(run)
    live_parts = st.container(horizontal=True, gap="medium", key="live_parts")
    layer_place = st.container(gap="xxsmall", key="first_layer")
    with st.container(key="look_back"):
        epoch = choose_moment(run)
    with live_parts:
        _show_curves(run, points, epoch)
        digit_place = st.container(key="watched_digit")
    with layer_place:
        show_first_layer(run, epoch)
    show_watched_digit(run, epoch, digit_place)
    if run.config.validation_share == 0:
        show_caption("No images are held out, as in the published program: there is no [[validation]] curve.")
    if run.status.ended:
        _show_outcome(run)
    return not run.status.ended


def _show_curves(run: Run, points: Sequence[Point], epoch: float | None) -> None:
    """Show the curves of loss and accuracy, each below its latest values, and mark a moment in epochs."""
    for measure in MEANINGS:
        floor = live_charts.accuracy_floor(points) if measure == "accuracy" else 0.0
        with st.container(gap="xxsmall", key=f"curve_{measure}"):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f"**{measure.capitalize()}**", help=MEANINGS[measure], width="content")
                if floor:
                    st.caption(f"axis from {percent(floor, 0)}", width="content")
            st.html(_latest(points, measure))
            chart = live_charts.curves(
                points, measure, run.config.epochs, floor, _HEIGHT, is_named=False, moment=epoch
            )
            chart.show(f"{measure}-{run.id}")


def _latest(points: Sequence[Point], measure: Measure) -> str:
    """Return the latest values of a measure with the signs of their curves; "–" stands for none."""
    said = []
    for split, name in (("train", "training"), ("validation", "validation")):
        values = [getattr(point, measure) for point in points if point.split == split]
        words = percent if measure == "accuracy" else "{:.4f}".format
        written = words(values[-1]) if values else "–"
        said.append(f'<span class="{name}">{name} <b>{written}</b></span>')
    return f'<p class="latest">{"".join(said)}</p>'


def _show_end(run: Run) -> None:
    st.html(f'<p class="ending"><span>{escape(status_sentence(run))}</span>{_test_accuracy(run)}</p>')


def _test_accuracy(run: Run) -> str:
    """Return the test accuracy, as HTML; "" if the network was not tested."""
    if run.test_accuracy is None:
        return ""
    return f' <span>Test accuracy <b data-testid="test-accuracy">{percent(run.test_accuracy, 2)}</b></span>'


def _show_outcome(run: Run) -> None:
    """Show what the test says of a run that has ended, in numbers and in words."""
    if run.test_loss is None:
        return
    seconds = duration(run.seconds or 0.0)
    said = f"Test loss {run.test_loss:.4f} · {run.parameters or 0:,} weights · {seconds} of training."
    if run.train_accuracy is not None and run.test_accuracy is not None:
        said += f" {difference_sentence(run.train_accuracy, run.test_accuracy)}"
    show_sentence(said)
