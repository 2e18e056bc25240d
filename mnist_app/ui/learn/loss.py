"""Interactive part of chapter 5: the categorical cross-entropy of a guess set by a slider."""

import numpy as np
import streamlit as st

from mnist_app.learning.lessons.forward_pass import cross_entropy
from mnist_app.ui.frame.fragments import fragment
from mnist_app.ui.learn import plots
from mnist_app.ui.learn.material import Material
from mnist_app.ui.learn.plots import Axis, Curve
from mnist_app.ui.parts.bars import probability_bars, ten_bars
from mnist_app.ui.session.widgets import live_key
from mnist_app.wording import number

_HIGHEST_LOSS = 5.0


@fragment
def show_cross_entropy(material: Material) -> None:
    """Show the loss of a guess with a chosen probability of the right digit. The others share the rest."""
    label = material.label
    per_cent = st.slider(
        f"How likely the guess finds the right digit, {label}",
        1,
        99,
        30,
        format="%d %%",
        key=live_key("guess"),
        persist_state="session",
    )
    guess = np.full(10, (1 - per_cent / 100) / 9)
    guess[label] = per_cent / 100
    loss = cross_entropy(guess, label)
    shares = np.linspace(0.005, 1, 200)
    st.html(
        plots.plot(
            [
                Curve(shares, np.array([cross_entropy(np.array([share]), 0) for share in shares])),
                Curve(np.array([per_cent / 100]), np.array([loss]), "dot"),
            ],
            Axis("probability of the right digit", 0, 1),
            Axis("loss", 0, _HIGHEST_LOSS),
            f"The loss falls as the right digit becomes likelier. At {per_cent} % it is {number(loss)}.",
        )
        + f'<p class="sum">loss = −ln({per_cent / 100:.2f}) = <b>{number(loss)}</b></p>'
        + ten_bars(probability_bars(guess, "The guess: a probability for each digit", first=label))
    )
