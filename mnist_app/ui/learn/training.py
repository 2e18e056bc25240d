"""Interactive parts of chapter 6: epochs, batches and steps, and the curves of finished runs."""

from collections.abc import Sequence

import streamlit as st

from mnist_app.errors import AppError
from mnist_app.learning.lessons.gradient_agreement import agreement, count_steps, output_gradients
from mnist_app.learning.lessons.network_weights import draw_fresh
from mnist_app.learning.lessons.preparation import normalise
from mnist_app.learning.training.presets import PRESETS
from mnist_app.ui.frame.fragments import fragment
from mnist_app.ui.frame.navigation import PAGES
from mnist_app.ui.learn.material import Material
from mnist_app.ui.learn.network import finished_runs
from mnist_app.ui.outside_text import show_error
from mnist_app.ui.parts import live_charts
from mnist_app.ui.parts.bars import bar
from mnist_app.ui.parts.terms import show_caption
from mnist_app.ui.session.widgets import live_key
from mnist_app.ui.shared import resources
from mnist_app.wording import counted
from mnist_app.workspace.runs.records import Point, Run
from mnist_app.workspace.runs.run_label import distinct_label

_ASKED = 4000
"""Number of images whose gradients are compared."""
_BATCH_SIZES = (1, 4, 16, 32, 64, 128, 256, 512)
_IMAGES = (500, 1_000, 5_000, 10_000, 20_000, 55_000, 60_000)
_RISE = 0.02
"""Change of the validation loss, in nats, from which it counts as a rise or a fall."""


@fragment
def show_steps(material: Material) -> None:
    """Show the number of steps of a training, and the reliability of their directions."""
    defaults = PRESETS[material.preset].defaults
    left, middle, right = st.columns(3)
    with left:
        images = st.select_slider(
            "Images",
            _IMAGES,
            60_000,
            format_func="{:,}".format,
            key=live_key("images"),
            persist_state="session",
        )
    with middle:
        batch_size = st.select_slider(
            "Batch size",
            _BATCH_SIZES,
            defaults.batch_size,
            key=live_key(f"batch-{material.preset}"),
            persist_state="session",
        )
    with right:
        key = live_key(f"epochs-{material.preset}")
        epochs = int(st.slider("Epochs", 1, 20, defaults.epochs, key=key, persist_state="session"))
    in_one = count_steps(images, batch_size, 1)
    st.html(
        f'<p class="sum">{images:,} images ÷ {batch_size} = <b>{in_one:,}</b> steps in an epoch. '
        f"× {epochs} epochs = <b>{in_one * epochs:,}</b> steps in all.</p>"
    )
    _show_agreement(material, batch_size)


def _show_agreement(material: Material, chosen: int) -> None:
    """Show how well the gradient's direction of each batch size agrees with that of all images."""
    agreements = _agreements(material.dataset.digest, material)
    rows = "".join(
        f'<tr class="{"first" if size == chosen else ""}"><th>{size}</th>'
        f"<td>{bar(agreements[size])}</td><td>{agreements[size]:.2f}</td></tr>"
        for size in _BATCH_SIZES
    )
    st.html(
        '<table class="facts agreement"><thead><tr><th>batch size</th>'
        f"<th>agreement with all {_ASKED:,} images</th><th></th></tr></thead><tbody>{rows}</tbody></table>"
    )
    show_caption(
        f"1 is the same direction, 0 a direction that has nothing to do with it. Measured just now: the "
        f"[[gradient]] of the last layer of a fresh dense network, on {_ASKED:,} training images."
    )


@st.cache_resource(show_spinner=False, max_entries=2)
def _agreements(digest: str, _material: Material) -> dict[int, float]:
    dataset = _material.dataset
    images, labels = normalise(dataset.x_train[:_ASKED]), dataset.y_train[:_ASKED]
    gradients = output_gradients(draw_fresh("dense"), images, labels)
    return {size: agreement(gradients, size) for size in _BATCH_SIZES}


@fragment
def show_curves(material: Material) -> None:
    """Show the curves of a chosen finished run, with an explanation."""
    runs = {run.id: run for run in finished_runs(material.preset)}
    if not runs:
        st.markdown("There is no finished run of this network yet, so there are no curves to read.")
        st.page_link(f"{PAGES}/train.py", label="Train one", icon=":material/model_training:")
        return
    chosen = st.selectbox(
        "Run",
        list(runs),
        format_func=lambda run_id: _title(runs[run_id]),
        key=live_key(f"curves-{material.preset}"),
    )
    run = runs.get(chosen or "", next(iter(runs.values())))
    try:
        points = resources.store().points(run.id, most=live_charts.POINTS_SHOWN)
    except AppError as error:
        show_error(error)
        return
    show_both_curves(points, run.config.epochs, f"learn-{run.id}")
    st.markdown(f"**{read_curves(points)}**")


def _title(run: Run) -> str:
    return f"{distinct_label(run)}: {counted(run.config.epochs, 'epoch')}"


def show_both_curves(points: Sequence[Point], epochs: int, key: str) -> None:
    """Show the curves of loss and accuracy side by side.

    Args:
        points: The points of both splits.
        epochs: Length of the horizontal axes.
        key: First part of the charts' keys.
    """
    left, right = st.columns(2)
    with left:
        live_charts.curves(points, "loss", epochs).show(f"{key}-loss")
    with right:
        live_charts.curves(points, "accuracy", epochs).show(f"{key}-accuracy")


def read_curves(points: Sequence[Point]) -> str:
    """Return a sentence that explains the curve of the validation loss."""
    checks = [point for point in points if point.split == "validation"]
    if len(checks) < 2:
        return "Too few checks on validation images to say anything: train for more epochs."
    best = min(checks, key=lambda point: point.loss)
    if checks[-1].loss > best.loss + _RISE:
        return (
            f"The validation loss was lowest after epoch {best.epoch:.0f}, at {best.loss:.3f}, and rose to "
            f"{checks[-1].loss:.3f}: from there on the network learned by heart."
        )
    if checks[-2].loss - checks[-1].loss < _RISE:
        return f"The validation loss has nearly stopped falling, at {checks[-1].loss:.3f}."
    return f"The validation loss was still falling at the end: more epochs would help. It is {best.loss:.3f}."
