"""The viewer of random test images on the Train page, with the network's answers to them."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st

from mnist_app.errors import AppError
from mnist_app.ui.parts.image_answer import (
    Ask,
    SeenImage,
    Wish,
    ask_about,
    find_image,
    no_image_html,
    seen_html,
)
from mnist_app.ui.parts.live import live
from mnist_app.ui.session.session import session
from mnist_app.ui.session.widgets import Key
from mnist_app.ui.shared import resources
from mnist_app.workspace.runs.records import Run, Status

ANOTHER = "another-image"
"""Key of the button for another image."""
PATIENCE_SECONDS = 0.4
"""Time that a page run waits for an answer before it shows the previous one."""

Found = SeenImage | int
"""An image with its answer, or the number of images searched without a match."""


@dataclass
class Viewer:
    """State of the viewer in one session."""

    run_id: str = ""
    network: str = ""
    """Network that is or was asked, as `network_of` names it."""
    wish: Wish = Wish()
    question: Future[Found] | None = None
    """Question that is not answered yet."""
    found: Found | None = None
    """Result of the last question."""
    fault: str = ""
    """Reason why there was no answer, in a sentence; empty if there was one."""

    def ask(self, run: Run, wish: Wish, index: int | None = None) -> None:
        """Ask the run's network about a test image, on another thread.

        Args:
            run: The run.
            wish: The kind of image to look for.
            index: The number of the image to ask about; None looks for one that fits the wish.
        """
        self.run_id, self.network, self.wish = run.id, network_of(run), wish
        thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="test-image")
        self.question = thread.submit(_answer, run, wish, index)
        thread.shutdown(wait=False)  # it ends with the answer

    def look(self, seconds: float) -> None:
        """Take the answer if it comes within `seconds`."""
        if self.question is None:
            return
        try:
            self.found, self.fault = self.question.result(timeout=seconds), ""
        except TimeoutError:
            return
        except AppError as error:
            self.found, self.fault = None, str(error)
        self.question = None


def _answer(run: Run, wish: Wish, index: int | None) -> Found:
    dataset = resources.dataset(run.config.dataset)
    ask = _ask_of(run)
    if index is not None:
        return ask_about(ask, dataset, index)
    return find_image(ask, dataset, wish, np.random.default_rng())


def _ask_of(run: Run) -> Ask:
    """Return a function that asks the run's network, whether finished or in training."""
    if run.model_sha256 is None:
        return resources.training_recogniser(run.id).probabilities_of
    recogniser = resources.recogniser_of_run(run.id, run.model_sha256)
    return lambda images: (recogniser.probabilities_of(images), None)


def network_of(run: Run) -> str:
    """Return a name for the network that can be asked now; "" if there is none.

    The name changes when the run has newer weights.
    """
    return run.model_sha256 or ("" if run.checkpoint_epoch is None else f"epoch {run.checkpoint_epoch}")


def show_viewer(run_id: str) -> None:
    """Show the viewer for a run, and refresh it while the answer may change."""
    try:
        run = resources.store().run(run_id)
    except AppError:
        return  # the view of the run shows the error
    if run.status.ended and not network_of(run):
        return
    viewer = _viewer()
    is_live = not run.status.ended or viewer.question is not None or viewer.network != network_of(run)
    live(partial(_show, run_id), is_live)


def _viewer() -> Viewer:
    """Return the viewer of this session."""
    viewer: Viewer = st.session_state.setdefault("test_image_viewer", Viewer())
    return viewer


def _show(run_id: str) -> bool | None:
    """Show the viewer's present state.

    Returns:
        Whether the answer may still change; None if the store cannot be read.
    """
    try:
        run = resources.store().run(run_id)
    except AppError:
        return None
    viewer = _viewer()
    st.markdown("**A test image**", help="None of the test images is trained on.")
    picture_place = st.container()
    wish = _show_controls(bool(network_of(run)))
    _follow(viewer, run, wish, is_another=session().take_press(ANOTHER))
    viewer.look(PATIENCE_SECONDS)
    picture_place.html(_picture(viewer, run))
    return not run.status.ended or viewer.question is not None


def _follow(viewer: Viewer, run: Run, wish: Wish, is_another: bool) -> None:
    """Ask again if the visitor wants another image, or if the run has a newer network."""
    if not network_of(run):
        return
    if viewer.run_id != run.id:
        viewer.found, viewer.fault = None, ""
    if is_another or viewer.run_id != run.id or viewer.wish != wish:
        viewer.ask(run, wish)
    elif viewer.network != network_of(run) and viewer.question is None:
        found = viewer.found
        viewer.ask(run, wish, found.index if isinstance(found, SeenImage) else None)


def _show_controls(enabled: bool) -> Wish:
    """Show the button for another image and the choice of the kind, and return the kind."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(
            "Another",
            icon=":material/casino:",
            disabled=not enabled,
            key=ANOTHER,
            on_click=session().press,
            args=(ANOTHER,),
        )
        digit = st.selectbox(
            "Digit",
            ["any", *range(10)],
            key=Key.ONLY_DIGIT,
            width=110,
            disabled=not enabled,
        )
        only_mistakes = st.toggle("Only mistakes", key=Key.ONLY_MISTAKES, disabled=not enabled)
    return Wish(only_mistakes, None if digit == "any" else int(digit))


def _picture(viewer: Viewer, run: Run) -> str:
    if not network_of(run):
        return no_image_html(_waiting_sentence(run))
    if viewer.fault:
        return no_image_html(viewer.fault)
    if viewer.found is None or viewer.run_id != run.id:
        return no_image_html("The network is being loaded.")
    if isinstance(viewer.found, int):
        which = (
            "images" if viewer.wish.only_digit is None else f"images of the digit {viewer.wish.only_digit}"
        )
        return no_image_html(f"No mistake among {viewer.found:,} {which}.")
    return seen_html(viewer.found)


def _waiting_sentence(run: Run) -> str:
    if run.status is Status.TRAINING:
        return "The network can be asked when its first epoch is over."
    return "The network can be asked once it has trained for an epoch."
