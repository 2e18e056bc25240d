"""The view "What mattered": the drawing coloured by each pixel's contribution to the answer."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from mnist_app.ui.look_inside.inside import Floats, Inside
from mnist_app.ui.look_inside.places import strongest_places
from mnist_app.ui.parts import figures
from mnist_app.ui.parts.choices import replace_lost_choice
from mnist_app.ui.parts.figures import signed_legend
from mnist_app.ui.parts.images import Pixels
from mnist_app.ui.parts.terms import show_text
from mnist_app.ui.session.widgets import Key
from mnist_app.wording import number, with_article

if TYPE_CHECKING:
    from mnist_app.learning.explanation.integrated_gradients import Attribution

ALL_OTHERS = "all others"
_SIDE = 308
"""Side of the picture in pixels of the screen: eleven for each of the 28."""
_INK = 110
"""Brightness of ink without colour, 0 to 255."""
_HARDLY = 0.1
"""Share of the opposite side's contributions below which a side counts as "hardly any"."""
METHOD = """
**How it is found.** The ink is faded in on black paper, in many small steps. At each step the network is
asked how its score would change if a pixel were a little brighter. What a pixel adds over all the steps is
its [[attribution]]. The method is called [[integrated gradients]] (Sundararajan, Taly and Yan, 2017).

**What it does not say.** Only ink gets a colour, because the way begins at black paper. The network may count
on empty places, too, such as the gap that tells a 3 from an 8. And the picture shows what this network went
by, not what makes a digit that digit.
"""


def show_what_mattered(inside: Inside) -> None:
    """Show the drawing coloured by each pixel's contribution, and explain the colours."""
    digit = inside.verdict.digit
    other = _choose_other(digit)
    found = inside.recogniser.explain(lambda explain: explain.gradients.attribute(inside.image, digit, other))
    with st.container(horizontal=True, gap="large"):
        with st.container(width=_SIDE):
            st.html(_picture_html(inside.image, found, digit))
        with st.container(key="what_mattered_words"):
            show_text(in_words(inside.image, found, digit, other))
            show_text(METHOD)


def _choose_other(digit: int) -> int | None:
    """Show the choice of the digit that the answer is compared with, and return it; None for all others."""
    options = [ALL_OTHERS, *(str(other) for other in range(10) if other != digit)]
    replace_lost_choice(Key.COMPARED_WITH, options, ALL_OTHERS)
    chosen = st.segmented_control(
        f"Why {with_article(digit)} and not …",
        options,
        key=Key.COMPARED_WITH,
        required=True,
        persist_state="session",
    )
    return None if chosen in (None, ALL_OTHERS) else int(chosen)


def _picture_html(image: Floats, found: "Attribution", digit: int) -> str:
    largest = float(np.abs(found.values).max())
    meaning = f"The drawing; blue ink speaks for {with_article(digit)}, orange ink against it"
    return (
        f'<section class="what-mattered">{figures.picture(painted(image, found.values), meaning, _SIDE)}'
        + signed_legend(
            largest,
            "What a pixel adds to the score. Grey: ink that adds nothing.",
            f"rgb({_INK} {_INK} {_INK})",
        )
        + "</section>"
    )


def painted(image: Floats, values: Floats) -> Pixels:
    """Return the drawing as grey ink, coloured by each pixel's value.

    Args:
        image: The drawing, (28, 28) in [0, 1].
        values: Contributions of the pixels, (28, 28), of both signs.

    Returns:
        Pixels (28, 28, 3), 0 to 255. The largest absolute value has the full colour.
    """
    shares = values / (float(np.abs(values).max()) or 1.0)
    grey = _INK * image[..., None] * (1 - np.abs(shares)[..., None])
    colours: Pixels = np.round(grey + figures.signed_colours(shares)).astype(np.uint8)
    return colours


def in_words(image: Floats, found: "Attribution", digit: int, other: int | None) -> str:
    """Return a text on the strongest places and on how the contributions add up to the score.

    Args:
        image: The drawing, (28, 28) in [0, 1].
        found: The contributions and scores.
        digit: The network's answer.
        other: The digit that the answer is compared with; None for all others.
    """
    ahead = "the mean of the nine others" if other is None else f"the {other}"
    more, less = np.maximum(found.values, 0), np.maximum(-found.values, 0)
    return (
        f"{_for_and_against(image, more, less, digit)}\n\n"
        f"The score here is how far the {digit} is ahead of {ahead}, before [[softmax]]. On black paper it "
        f"is {number(found.score_of_black)}, with your drawing **{number(found.score)}**. Blue ink adds "
        f"{number(more.sum())}, orange ink takes away {number(less.sum())}: together "
        f"{_change(found.values.sum())}, while the score changed by "
        f"{_change(found.score - found.score_of_black)}."
    )


def _for_and_against(image: Floats, more: Floats, less: Floats, digit: int) -> str:
    against = f"Orange ink speaks against it, most {_places(less, image)}."
    if less.sum() < _HARDLY * more.sum():
        against = "Hardly any ink speaks against it."
    if more.sum() < _HARDLY * less.sum():
        return f"Hardly any ink speaks for {with_article(digit)}. {against}"
    return f"**Blue ink speaks for {with_article(digit)}**, most {_places(more, image)}. {against}"


def _places(amounts: Floats, image: Floats) -> str:
    return " and ".join(strongest_places(amounts, image))


def _change(value: float) -> str:
    return f"+{number(value)}" if value > 0 else number(value)
