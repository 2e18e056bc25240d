"""Input of the interactive parts: a preset, a data set, the image of all chapters, and a network."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnist_app.errors import DatasetUnavailable
from mnist_app.learning.data.datasets import Dataset
from mnist_app.learning.lessons import forward_pass, preparation
from mnist_app.learning.lessons.forward_pass import ForwardPass
from mnist_app.learning.lessons.network_weights import NetworkWeights
from mnist_app.ui.parts.images import crisp_image
from mnist_app.ui.session.session import session
from mnist_app.ui.session.widgets import Key
from mnist_app.ui.shared import resources


@dataclass(frozen=True, eq=False)
class Material:
    """Input of an interactive part."""

    preset: str
    """`cnn` or `dense`."""
    dataset: Dataset
    index: int
    """Number of the chosen training image, from 0."""
    weights: NetworkWeights
    """Weights of a finished run, or fresh ones."""
    network: str
    """Name of the weights: the digest of a run's checkpoint, or `fresh-` and the preset."""

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """Return the chosen image, (28, 28), 0 to 255."""
        pixels: NDArray[np.uint8] = self.dataset.x_train[self.index]
        return pixels

    @property
    def image(self) -> NDArray[np.float32]:
        """Return the chosen image, (28, 28), in [0, 1]."""
        return preparation.normalise(self.pixels)

    @cached_property
    def forward_pass(self) -> ForwardPass:
        """Return the network's values at each layer for the chosen image."""
        return forward_pass.run(self.weights, self.image)

    @property
    def label(self) -> int:
        """Return the digit that the image shows."""
        return int(self.dataset.y_train[self.index])


@dataclass(frozen=True)
class LivePart:
    """An interactive part of a chapter."""

    show: Callable[[Material], None]
    needs_image: bool = False
    """Whether it uses the chosen training image."""
    needs_network: bool = False
    """Whether it uses the network's weights."""
    is_wide: bool = False
    """Whether it takes the full width, below the text."""


def find_dataset() -> tuple[Dataset, str]:
    """Return MNIST, or the synthetic digits if MNIST is not available.

    Returns:
        The data set, and a sentence that explains the synthetic digits; empty for MNIST.
    """
    try:
        return resources.dataset("mnist"), ""
    except DatasetUnavailable as error:
        sentence = f"This page shows synthetic digits, drawn by the app. {error}"
        with st.spinner("Drawing the synthetic digits. This takes a while the first time."):
            return resources.dataset("synthetic"), sentence


def choose_image(dataset: Dataset) -> int:
    """Show the choice of a training image by number or at random. All chapters share it.

    Returns:
        The image's number, from 0.
    """
    page = session().learn
    last = len(dataset.x_train) - 1
    st.session_state.setdefault(Key.LEARN_IMAGE, min(page.image, last))
    with st.container(horizontal=True, vertical_alignment="bottom", key="chosen_image"):
        page.image = int(
            st.number_input(f"Training image, from 0 to {last:,}", 0, last, key=Key.LEARN_IMAGE, width=230)
        )
        st.button("A random one", icon=":material/casino:", on_click=_choose_random, args=(last,))
        label = int(dataset.y_train[page.image])
        image = crisp_image(dataset.x_train[page.image], f"Training image {page.image}", side=44)
        st.html(f'<p class="chosen-image">{image}Its label: <b>{label}</b></p>', width="content")
    return page.image


def _choose_random(last: int) -> None:
    st.session_state[Key.LEARN_IMAGE] = int(np.random.default_rng().integers(last + 1))
