"""Interactive parts of chapter 2: reshaping an image, and scaling its values to 0 to 1."""

import math

import numpy as np
import streamlit as st

from mnist_app.learning.lessons import forward_pass, preparation
from mnist_app.learning.lessons.network_weights import draw_fresh
from mnist_app.ui.frame.fragments import fragment
from mnist_app.ui.learn.material import Material
from mnist_app.ui.parts import figures
from mnist_app.ui.parts.bars import probability_bars, ten_bars
from mnist_app.ui.parts.figures import Frame
from mnist_app.ui.parts.terms import show_text
from mnist_app.ui.session.widgets import live_key
from mnist_app.wording import number


@fragment
def show_reshape(material: Material) -> None:
    """Show the array's shape before and after, and where one pixel of the image goes."""
    before = material.dataset.x_train
    after = preparation.reshape(before, material.preset)
    row, column = _choose_pixel()
    place = (28 * row + column,) if material.preset == "dense" else (row, column, 0)
    value = after[(material.index, *place)]
    indexes = ", ".join(map(str, (material.index, *place)))
    st.html(
        f'<table class="facts"><tr><th></th><th>before</th><th>after</th></tr>'
        f"<tr><th>shape</th><td>{before.shape}</td><td>{after.shape}</td></tr>"
        f"<tr><th>this pixel</th><td><code>x_train[{material.index}, {row}, {column}]</code></td>"
        f"<td><code>x_train[{indexes}]</code></td></tr>"
        f"<tr><th>its value</th><td>{before[material.index, row, column]}</td><td>{value}</td></tr></table>"
    )
    framed = figures.picture(
        material.pixels, f"The image, row {row} and column {column} framed", 224, Frame(row, column)
    )
    pictures = [figures.figure(framed, "28 rows of 28")]
    if material.preset == "dense":
        # Drawn 24 pixels high, because a line of one pixel would be invisible.
        line = np.repeat(after[material.index][np.newaxis], 24, axis=0)
        strip = figures.picture(
            line, f"All 784 values in a line, number {place[0]} framed", 784, Frame(0, place[0], 24)
        )
        pictures.append(figures.figure(strip, f"784 in a line: 28 × {row} + {column} = {place[0]}", "strip"))
    st.html(figures.row(*pictures))


def _choose_pixel() -> tuple[int, int]:
    """Show two sliders for a pixel, and return its row and column."""
    left, right = st.columns(2)
    row = left.slider("Row", 0, 27, 14, key=live_key("reshape-row"), persist_state="session")
    column = right.slider("Column", 0, 27, 14, key=live_key("reshape-column"), persist_state="session")
    return row, column


@fragment
def show_normalise(material: Material) -> None:
    """Show values, type and size before and after, and an untrained network's answer to either."""
    divided = st.toggle("Divide by 255", value=True, key=live_key("divided"), persist_state="session")
    raw, image = material.pixels, material.image
    after = preparation.divide(raw, material.preset)
    st.html(
        '<table class="facts"><tr><th></th><th>before</th><th>after</th></tr>'
        f"<tr><th>values</th><td>{raw.min()} to {raw.max()}</td>"
        f"<td>{after.min():g} to {after.max():g}</td></tr>"
        f"<tr><th>type</th><td>{raw.dtype}</td><td>{after.dtype}</td></tr>"
        f"<tr><th>bytes for one image</th><td>{raw.nbytes:,}</td><td>{after.nbytes:,}</td></tr></table>"
    )
    given = image if divided else raw.astype(np.float32)
    answer = forward_pass.run(draw_fresh(material.preset), given)
    loss = forward_pass.cross_entropy(answer.probabilities, material.label)
    st.markdown("**What a network says that has learned nothing yet**")
    st.html(ten_bars(probability_bars(answer.probabilities, "What the untrained network says of each digit")))
    guess, logits = math.log(len(answer.logits)), answer.logits
    show_text(
        f"The ten sums behind it lie between {number(logits.min())} and {number(logits.max())}. "
        f"The right answer is {material.label}, so the [[loss]] is {number(loss)}. "
        f"Saying 10 % to each digit would cost {number(guess)}."
    )
