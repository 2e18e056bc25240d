"""Everything that is made once and shared by all sessions."""

from typing import TYPE_CHECKING

import streamlit as st

from mnist_app.learning.model_card import ModelCard, read_card, verify
from mnist_app.settings import ASSETS
from mnist_app.ui.recogniser import Recogniser

if TYPE_CHECKING:
    from mnist_app.learning.classifier import Classifier

MODEL = ASSETS / "model.keras"
CARD = ASSETS / "model_card.json"


@st.cache_resource(show_spinner=False)
def shipped_card() -> ModelCard:
    """The card of the model that ships.

    Raises:
        ModelUnavailable: the card is missing or damaged.
    """
    return read_card(CARD)


@st.cache_resource(show_spinner=False)
def recogniser() -> Recogniser:
    """The shipped model's recogniser; not loaded before it is started."""

    def load() -> "Classifier":
        from mnist_app.learning.classifier import Classifier

        verify(shipped_card(), MODEL)
        return Classifier.load(MODEL)

    return Recogniser(load)
