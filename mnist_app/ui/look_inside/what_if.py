"""The view "What if": sliders that shift, turn and resize the network's input, and more."""

from collections.abc import Mapping
from typing import get_args

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mnist_app.ink.alterations import Alterations, Ink, alter
from mnist_app.learning.explanation.what_if import POSITIONS, Name, Sweep, sweep_all
from mnist_app.learning.inference.verdict import Verdict
from mnist_app.ui.look_inside.alteration_words import WORDS, flips_in_words, position_in_words
from mnist_app.ui.look_inside.inside import Inside
from mnist_app.ui.look_inside.sweep_chart import sweep_chart
from mnist_app.ui.parts import figures
from mnist_app.ui.parts.bars import probability_bars, ten_bars
from mnist_app.ui.parts.images import to_pixels
from mnist_app.ui.parts.terms import show_caption, show_text
from mnist_app.ui.session.widgets import Key, what_if_key
from mnist_app.wording import percent_likely, with_article

INTRODUCTION = """
Move the sliders and watch the answer follow. They change the 28 × 28 picture that the network is given. A
*drawing* that is moved, or larger, changes nothing: it is cut out and placed anew before the network sees it.
"""
CHART_CAPTION = """
Blue: the digit that the network reads in the drawing as it is. Orange: digits that it takes it for elsewhere.
Where two lines cross, the answer flips.
"""
NAMES: tuple[Name, ...] = get_args(Name)


def show_what_if(inside: Inside) -> None:
    """Show the altered picture with its answer, the sliders with their flips, and one chart."""
    show_text(INTRODUCTION)
    # The sliders run first, because the pictures above them and the captions below depend on their positions.
    pictures, controls = st.container(key="what_if_pictures"), st.container(key="what_if_sliders")
    with controls:
        places = {name: st.container(key=f"what_if_{name}", gap="xsmall") for name in NAMES}
    alterations = Alterations(**{name: _choose_position(name, place) for name, place in places.items()})
    ink = to_pixels(inside.image)
    sweeps = sweep_all(inside.recogniser.probabilities_of, ink, alterations)
    with pictures:
        _show_pictures(inside, ink, alter(ink, alterations))
        _offer_reset(alterations)
    for name, place in places.items():
        with place:
            st.caption(flips_in_words(name, sweeps[name], inside.verdict.digit))
    _show_chart(sweeps, inside.verdict.digit, alterations)


def _choose_position(name: Name, place: DeltaGenerator) -> float:
    key, start = what_if_key(name), getattr(Alterations(), name)
    st.session_state.setdefault(key, start)
    position: float = place.select_slider(
        WORDS[name].title,
        POSITIONS[name],
        format_func=lambda position: position_in_words(name, position, start),
        key=key,
        on_change=_chart,
        args=(name,),
        help=WORDS[name].explanation,
        persist_state="session",
    )
    return position


def _chart(name: Name) -> None:
    """Select the chart of the slider that was moved last."""
    st.session_state[Key.WHAT_IF_CHART_OF] = name


def _reset() -> None:
    for name in NAMES:
        st.session_state[what_if_key(name)] = getattr(Alterations(), name)


def _offer_reset(alterations: Alterations) -> None:
    is_altered = alterations != Alterations()
    st.button("Reset", icon=":material/undo:", on_click=_reset, disabled=not is_altered, key="what_if_reset")


def _show_pictures(inside: Inside, ink: Ink, altered: Ink) -> None:
    """Show both pictures with their answers, and ten bars for the altered one.

    Args:
        inside: The drawing and the network.
        ink: The picture as drawn, (28, 28), 0 to 255.
        altered: The altered picture, (28, 28), 0 to 255.
    """
    verdict = inside.recogniser.verdict(altered.astype(np.float32) / np.float32(255))
    mark = "" if verdict.digit == inside.verdict.digit else '<span class="sign">≠ flipped</span>'
    pair = _picture(ink, "As drawn", inside.verdict) + _picture(altered, "Altered", verdict, mark)
    label = "The picture as drawn and as altered"
    with st.container(key="what_if_pair"):
        st.html(f'<section class="what-if" aria-label="{label}">{pair}</section>')
    st.html(ten_bars(probability_bars(verdict.probabilities)))


def _picture(ink: Ink, title: str, verdict: Verdict, mark: str = "") -> str:
    """Return a picture with its answer; `mark` is HTML."""
    digit, share = with_article(verdict.digit), percent_likely(verdict.confidence)
    doubt = "" if verdict.is_digit else "The second network says: not a digit."
    caption = f"{title}:<br><b>{digit}, {share}</b> {mark}<small>{doubt}</small>"
    return figures.figure(figures.picture(ink, f"{title}: {digit}, {share}", 140), caption)


def _show_chart(sweeps: Mapping[Name, Sweep], digit: int, alterations: Alterations) -> None:
    st.session_state.setdefault(Key.WHAT_IF_CHART_OF, "turn")
    chosen = st.segmented_control(
        "Along the whole slider",
        NAMES,
        format_func=lambda name: WORDS[name].title,
        key=Key.WHAT_IF_CHART_OF,
        required=True,
        persist_state="session",
    )
    name: Name = chosen or "turn"
    is_dark = st.context.theme.type == "dark"
    sweep_chart(name, sweeps[name], digit, getattr(alterations, name), is_dark).show("what_if_chart")
    show_caption(CHART_CAPTION)
