"""Interactive part of chapter 3: a label as a one-hot vector."""

import numpy as np
import streamlit as st

from mnist_app.learning.lessons.preparation import one_hot
from mnist_app.ui.frame.fragments import fragment
from mnist_app.ui.learn.material import Material
from mnist_app.ui.parts import figures
from mnist_app.ui.session.widgets import live_key


@fragment
def show_one_hot(material: Material) -> None:
    """Show the image's label as a vector, and its distance from another digit's vector."""
    st.markdown(f"`y_train[{material.index}]` was **{material.label}**. After this line it is:")
    _show_vector(material.label)
    other = st.segmented_control(
        "Compare with an answer",
        range(10),
        default=(material.label + 1) % 10,
        key=live_key(f"other-{material.label}"),
        persist_state="session",
        required=True,
    )
    _show_vector(int(other or 0))
    _show_distances(material.label, int(other or 0))


def _show_vector(digit: int) -> None:
    encoded = one_hot(digit)
    st.html(
        figures.grid(
            [[str(place) for place in range(10)], [f"{value:.0f}" for value in encoded]],
            np.vstack([np.zeros(10), encoded]),
            f"The digit {digit} as ten numbers: {', '.join(f'{value:.0f}' for value in encoded)}.",
            "vector",
        )
    )


def _show_distances(label: int, other: int) -> None:
    as_numbers = abs(label - other)
    as_vectors = int(np.abs(one_hot(label) - one_hot(other)).sum())
    st.html(
        '<table class="facts"><tr><th></th><th>written as a number</th><th>one-hot</th></tr>'
        f"<tr><th>from {label} to {other}</th><td>off by {as_numbers}</td>"
        f"<td>{as_vectors} of 10 places differ</td></tr></table>"
    )
    st.caption("Choose other digits: the plain numbers differ more or less, the ten places always equally.")
