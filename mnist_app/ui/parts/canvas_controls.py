"""What stands below the canvas: Clear, "Draw one for me", and the brush."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from mnist_app.errors import AppError
from mnist_app.ink.drawing import Drawing
from mnist_app.ink.preprocess import preprocess
from mnist_app.ink.strokes import Stroke, canvas_json_of
from mnist_app.ink.synthetic.synthesis import write_digit
from mnist_app.ui.frame.model_in_use import recogniser_in_use
from mnist_app.ui.session.drawing_in_use import png_of
from mnist_app.ui.session.page_memory import BRUSHES, CANVAS_SIDE, CanvasMessage, DrawPage
from mnist_app.ui.session.widgets import Key

_MOST_TRIES = 8
"""Drawings of one digit until the model in use reads it; about one in a hundred is misread."""
_HASTE = 0.4
"""Digits written for someone are neat, and each is another."""
_WRITTEN_SHARE = 0.62
"""How much of the canvas a digit written for someone fills."""


def show_canvas_controls(page: DrawPage) -> None:
    """Show what is below the canvas: Clear, "Draw one for me", and the brush."""
    with st.container(horizontal=True, width=CANVAS_SIDE):
        st.button("Clear", icon=":material/ink_eraser:", on_click=page.put_on_canvas, args=(None,))
        st.button(
            "Draw one for me",
            icon=":material/gesture:",
            on_click=draw_one,
            args=(page, np.random.default_rng(), is_recognised),
            help="The app draws a random digit on the canvas. This works by keyboard, too.",
        )
    page.brush_width = st.slider(
        "Brush size", *BRUSHES, step=2, format="%d px", key=Key.BRUSH_WIDTH, width=CANVAS_SIDE
    )
    if page.written is not None:
        st.caption(f"The app drew this {page.written}.")


def draw_one(
    page: DrawPage, rng: np.random.Generator, is_accepted: Callable[[CanvasMessage, int], bool]
) -> None:
    """Draw a digit by rule on the canvas, another one than the last.

    Args:
        page: The page whose canvas it is.
        rng: Source of all chance.
        is_accepted: Called with a drawing and its digit. The digit is drawn again until it returns True, at
            most `_MOST_TRIES` times.
    """
    digit = int(rng.choice([each for each in range(10) if each != page.written]))
    for _ in range(_MOST_TRIES):
        message = message_of(written_strokes(digit, page.brush_width, rng))
        if is_accepted(message, digit):
            break
    page.put_on_canvas(message)
    page.written = digit


def is_recognised(message: CanvasMessage, digit: int) -> bool:
    """Return whether the model in use reads this digit; True if no model can answer yet."""
    recogniser = recogniser_in_use()
    if not recogniser.is_ready:
        return True
    drawing = Drawing.from_canvas(message.png, message.json_data, CANVAS_SIDE)
    try:
        verdict = recogniser.verdict(preprocess(drawing).image)
    except AppError:
        return True
    return verdict.is_digit and verdict.digit == digit


def written_strokes(digit: int, brush_width: int, rng: np.random.Generator) -> list[Stroke]:
    """Return the strokes of a digit that the app draws, in the middle of the canvas and in its pixels."""
    strokes = write_digit(digit, rng, haste=_HASTE)
    points = np.vstack(strokes)
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    scale = _WRITTEN_SHARE * CANVAS_SIDE / np.ptp(points, axis=0).max()
    return [Stroke((each - middle) * scale + CANVAS_SIDE / 2, brush_width) for each in strokes]


def message_of(strokes: list[Stroke]) -> CanvasMessage:
    """Return what the canvas would send if these strokes had been drawn on it."""
    return CanvasMessage(png_of(strokes), canvas_json_of(strokes))
