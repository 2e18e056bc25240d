"""Interactive parts of chapter 8: the ladder to 28 × 28, the answers without it, the way to Most alike."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from mnist_app.errors import AppError
from mnist_app.ink.drawing import Drawing
from mnist_app.ink.preprocess import preprocess
from mnist_app.learning.lessons import forward_pass
from mnist_app.learning.lessons.network_weights import Floats
from mnist_app.ui.frame.fragments import fragment
from mnist_app.ui.frame.navigation import go_to
from mnist_app.ui.learn.material import Material
from mnist_app.ui.lesson_link.class_rules import is_shown
from mnist_app.ui.outside_text import escaped
from mnist_app.ui.parts import figures
from mnist_app.ui.parts.bars import probability_bars, ten_bars
from mnist_app.ui.parts.canvas_controls import written_strokes
from mnist_app.ui.parts.images import to_pixels
from mnist_app.ui.parts.ladder import ladder_html
from mnist_app.ui.session.buttons import button
from mnist_app.ui.session.draw_page import CANVAS_SIDE, DEFAULT_BRUSH
from mnist_app.ui.session.drawing_in_use import drawing_in_use
from mnist_app.ui.session.page_memory import MOST_ALIKE
from mnist_app.ui.session.session import session
from mnist_app.ui.session.widgets import live_key
from mnist_app.wording import percent_likely, with_article

_MINE = "mine"
_SEED = 3
_REACH = 100
"""Largest shift of a digit, in pixels of the canvas."""


@fragment
def show_ladder(material: Material) -> None:
    """Show the ladder for a drawing, and the answers with and without the ladder."""
    try:
        ladder = preprocess(_choose_drawing())
    except AppError as error:
        st.info(escaped(error))
        return
    st.html(ladder_html(ladder))
    st.html(
        figures.row(
            _answer_figure(material, ladder.image, "With the ladder"),
            _answer_figure(material, _squeezed(ladder.as_drawn), "Without: the canvas squeezed to 28 × 28"),
        )
    )


def show_most_alike(material: Material) -> None:
    """Show the button that opens the Draw page with the view Most alike."""
    if not is_shown("look_inside"):
        st.caption("Your teacher has hidden Look inside for now.")
    elif button("Open Most alike", icon=":material/draw:", key=live_key("most_alike")):
        session().look_inside.view = MOST_ALIKE
        go_to("draw")


def _choose_drawing() -> Drawing:
    """Show the choice of a drawing, and return it.

    Returns:
        The drawing from the Draw page, or a digit that the app draws, scaled and moved by sliders.

    Raises:
        UnreadableDrawing: The drawing from the Draw page cannot be read.
    """
    mine = drawing_in_use(session().draw)
    options = [*([_MINE] if mine else []), *range(10)]
    chosen = st.segmented_control(
        "Digit",
        options,
        default=3,
        format_func=lambda option: "My drawing" if option == _MINE else str(option),
        key=live_key(f"own-{len(options)}"),
        required=True,
        persist_state="session",
    )
    is_mine = chosen == _MINE
    left, middle, right = st.columns(3)
    with left:
        key = live_key("size")
        size = st.slider(
            "Size", 30, 140, 100, 10, "%d %%", key=key, disabled=is_mine, persist_state="session"
        )
    with middle:
        key = live_key("across")
        across = st.slider(
            "To the right", -_REACH, _REACH, 0, 10, key=key, disabled=is_mine, persist_state="session"
        )
    with right:
        key = live_key("down")
        down = st.slider("Down", -_REACH, _REACH, 0, 10, key=key, disabled=is_mine, persist_state="session")
    if is_mine and mine:
        return mine
    return _written(int(chosen or 0), size / 100, across, down)


def _written(digit: int, size: float, across: float, down: float) -> Drawing:
    """Return a digit that the app draws.

    Args:
        digit: 0 to 9.
        size: Factor by which it is scaled about the middle of the canvas.
        across: Shift to the right, in pixels of the canvas.
        down: Shift down, in pixels of the canvas.
    """
    strokes = written_strokes(digit, DEFAULT_BRUSH, np.random.default_rng(_SEED))
    middle = CANVAS_SIDE / 2
    moved = [
        stroke.moved(-middle, -middle).scaled(size).moved(middle + across, middle + down)
        for stroke in strokes
    ]
    return Drawing.from_strokes(moved, CANVAS_SIDE)


def _squeezed(as_drawn: NDArray[np.uint8]) -> Floats:
    """Return the whole canvas scaled down, as an app without the ladder would do it.

    Args:
        as_drawn: (h, w, 4), RGBA, 0 to 255.

    Returns:
        Grey values (28, 28) in [0, 1].
    """
    canvas = Image.new("RGBA", as_drawn.shape[1::-1], "black")
    canvas.alpha_composite(Image.fromarray(as_drawn))
    small = canvas.convert("L").resize((28, 28), Image.Resampling.BOX)
    squeezed: Floats = np.asarray(small, np.float32) / np.float32(255)
    return squeezed


def _answer_figure(material: Material, image: Floats, caption: str) -> str:
    shares = forward_pass.run(material.weights, image).probabilities
    first = int(shares.argmax())
    content = figures.picture(to_pixels(image), f"{caption}: what the network is given", 112)
    words = f"{caption}: {with_article(first)}, {percent_likely(shares[first])}"
    bars = ten_bars(probability_bars(shares, words))
    return f'<figure class="answered">{content}<figcaption><b>{words}</b></figcaption>{bars}</figure>'
