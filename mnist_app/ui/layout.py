"""What stands around every page: title, style, and the model in use in the sidebar."""

from collections.abc import Sequence

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from mnist_app.errors import AppError
from mnist_app.learning.model_card import ModelCard
from mnist_app.settings import ASSETS
from mnist_app.ui import resources


def configure() -> None:
    """Set the browser's title and icon and load the style."""
    st.set_page_config(page_title="Draw a digit", page_icon=str(ASSETS / "icon.svg"), layout="wide")
    st.html(ASSETS / "style.css")


def show_sidebar(pages: Sequence[StreamlitPage]) -> None:
    """Name the pages, and the model that answers."""
    with st.sidebar:
        for page in pages:
            st.page_link(page, width="stretch")
        st.divider()
        try:
            _show_model_in_use(resources.shipped_card())
        except AppError as error:
            st.error(str(error))


def _show_model_in_use(card: ModelCard) -> None:
    """The model's name, accuracy and size; one click tells more."""
    accuracy = card.measurements[0]
    st.markdown(
        f"**Model: {card.name}**  \n"
        f"{100 * accuracy.accuracy:.2f} % right on {accuracy.name}  \n"
        f"{card.parameters:,} weights · {card.size / 1e6:.1f} MB"
    )
    with st.popover("About this model", icon=":material/info:", width="stretch"):
        _tell_more(card)


def _tell_more(card: ModelCard) -> None:
    st.markdown(card.summary)
    for measurement in card.measurements:
        st.markdown(
            f"**{100 * measurement.accuracy:.2f} %** right of {measurement.images:,} images: "
            f"{measurement.name}. {measurement.protocol}"
        )
    st.markdown(f"**Not good for:** {card.limits}")
    st.markdown(
        f"Trained on {card.date} in {card.seconds / 60:.0f} minutes. Rebuild it with `{card.rebuild}`."
    )
    st.table(
        {
            "layer": [layer.kind for layer in card.layers],
            "output": [" × ".join(str(side) for side in layer.output_shape[1:]) for layer in card.layers],
            "weights": [f"{layer.parameters:,}" for layer in card.layers],
        }
    )
