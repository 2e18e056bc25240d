"""The watched digit: the choice of an image, and the network's answers to it over a training."""

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from mnist_app.errors import AppError
from mnist_app.ink.preprocess import preprocess
from mnist_app.ink.synthetic.synthesis import synthesise
from mnist_app.learning.inference.verdict import Verdict
from mnist_app.ui.outside_text import escaped
from mnist_app.ui.parts import answer, live_charts
from mnist_app.ui.parts.images import crisp_image, to_pixels
from mnist_app.ui.session.drawing_in_use import drawing_in_use
from mnist_app.ui.session.session import session
from mnist_app.ui.session.widgets import Key
from mnist_app.ui.shared import resources
from mnist_app.workspace.runs.records import Probe, Run

_STOPS = 100
"""Number of the slider's steps."""
_MINE = "What you last drew goes along: you see what the network says of it, from its first step to its last."
_OTHERS = (
    "One digit that the network does not learn from goes along: you see what it says of it, from its first "
    "step to its last. Draw on the Draw page to send a digit of your own."
)

Image = NDArray[np.float32]


def choose_watched_digit(dataset_name: str) -> Image | None:
    """Offer to watch the drawing from the Draw page or, without one, a digit of the data set.

    Returns:
        The image, (28, 28) in [0, 1]; None if the visitor declines or the image is not available.
    """
    mine = drawn_image()
    if mine is not None:
        wanted = st.checkbox(
            "Watch my digit", value=True, key=Key.WATCH_MINE, help=_MINE, persist_state="session"
        )
    else:
        wanted = st.checkbox("Watch a digit", key=Key.WATCH_ANY, help=_OTHERS, persist_state="session")
    if not wanted:
        return None
    try:
        image = mine if mine is not None else _unseen_digit(dataset_name)
    except AppError as error:
        st.caption(escaped(error))
        return None
    st.html(crisp_image(to_pixels(image), "The digit that goes along", side=48), width="content")
    return image


def drawn_image() -> Image | None:
    """Return the drawing of the Draw page as the network's input, (28, 28) in [0, 1]; None without one."""
    try:
        drawing = drawing_in_use(session().draw)
        return None if drawing is None else preprocess(drawing).image
    except AppError:  # the Draw page shows the error
        return None


def _unseen_digit(dataset_name: str) -> Image:
    """Return a digit that no run is trained on: a test image, or one that the app draws.

    Returns:
        (28, 28) in [0, 1].

    Raises:
        DatasetUnavailable: The data set cannot be loaded.
    """
    chance = session().train.unseen_digit
    if dataset_name == "synthetic":
        images, _ = synthesise(1, seed=chance)
    else:
        images = resources.dataset(dataset_name).x_test
    image: Image = images[chance % len(images)].astype(np.float32) / np.float32(255)
    return image


def show_watched_digit(run: Run, epoch: float | None, place: DeltaGenerator) -> None:
    """Show the watched image with the answer at a chosen moment, and all answers over epochs.

    Args:
        run: The run.
        epoch: The moment in epochs; None for the latest.
        place: Where the image and the answer belong, beside the curves.
    """
    image = resources.store().probe_image(run.id)
    if image is None:
        return
    probes = resources.store().probes(run.id, most=live_charts.MOMENTS_SHOWN)
    probe = moment_at(probes, epoch)
    with place:
        st.markdown("**The watched digit**", help="It is not trained on: the network is only asked about it.")
        st.html(
            f'<div class="watched"><figure>{crisp_image(to_pixels(image), "The watched digit", side=72)}'
            f"<figcaption>{_moment_sentence(probe)}</figcaption></figure>{_answer(probe)}</div>"
        )
    dark = st.context.theme.type == "dark"
    with st.expander("Its answers over the epochs", icon=":material/show_chart:"):
        chart = live_charts.probabilities_over_time(probes, run.config.epochs, probe, dark)
        chart.show(f"probes-{run.id}")


def choose_moment(run: Run) -> float | None:
    """Show a slider over the training, and return the chosen moment.

    The slider keeps its range while the network trains, because a change would end a drag.

    Returns:
        The moment in epochs; None at the right end, which follows the training.
    """
    span = run.epoch if run.status.ended else float(run.config.epochs)
    stops = [span * step / _STOPS for step in range(_STOPS + 1)]
    end = "the end" if run.status.ended else "now"
    chosen: float = st.select_slider(
        "Look back, in epochs",
        stops,
        value=stops[-1],
        format_func=lambda epoch: end if epoch == stops[-1] else f"{epoch:.2f}",
        key=f"moment-{run.id}-{'ended' if run.status.ended else 'live'}",
        help="At its right end it follows the training.",
        disabled=span == 0,
    )
    return None if chosen == stops[-1] else chosen


def moment_at(probes: Sequence[Probe], epoch: float | None) -> Probe | None:
    """Return the answer nearest to a moment in epochs; the last one for None; None if there is none yet."""
    if not probes:
        return None
    return probes[-1] if epoch is None else min(probes, key=lambda probe: abs(probe.epoch - epoch))


def _moment_sentence(probe: Probe | None) -> str:
    if probe is None:
        return "before the training"
    return f"after {probe.epoch:.2f} epochs"


def _answer(probe: Probe | None) -> str:
    if probe is None:
        return answer.message_html("Not asked yet", "The bars move as soon as the training begins.")
    return answer.answer_html(Verdict(probe.probabilities, likelihood=1.0))
