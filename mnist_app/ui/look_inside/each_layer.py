"""What each layer of the network makes of the drawing."""

import streamlit as st

from mnist_app.ui.answer import bars_html
from mnist_app.ui.look_inside.inside import Inside


def show_each_layer(inside: Inside) -> None:
    """The output of the network in use."""
    st.html(f'<section class="answer ten">{bars_html(inside.verdict.probabilities)}</section>')
