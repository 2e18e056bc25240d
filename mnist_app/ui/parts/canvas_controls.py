"""What stands below the canvas: Clear, "Draw one for me", and the brush."""

import io

import numpy as np
import streamlit as st
from PIL import Image

from mnist_app.ink.drawing import Drawing
from mnist_app.ink.strokes import Stroke, canvas_json_of
from mnist_app.ink.synthetic.synthesis import write_digit
from mnist_app.ui.session.page_memory import BRUSHES, CANVAS_SIDE, CanvasMessage, DrawPage
from mnist_app.ui.session.widgets import Key

_HASTE = 0.4
"""Digits written for someone are neat, and each is another."""
_WRITTEN_SHARE = 0.62
"""How much of the canvas a digit written for someone fills."""


def show_canvas_controls(page: DrawPage) -> None:
    """Below the canvas: Clear, "Draw one for me", and the brush."""
    with st.container(horizontal=True, width=CANVAS_SIDE):
        st.button("Clear", icon=":material/ink_eraser:", on_click=page.put_on_canvas, args=(None,))
        st.button(
            "Draw one for me",
            icon=":material/gesture:",
            on_click=draw_one,
            args=(page, np.random.default_rng()),
            help="Writes a random digit onto the canvas, by rule. Also the way in by keyboard.",
        )
    page.brush_width = st.slider(
        "Brush, in pixels of the canvas", *BRUSHES, step=2, key=Key.BRUSH_WIDTH, width=CANVAS_SIDE
    )
    if page.written is not None:
        st.caption(f"Written by rule: a {page.written}.")


def draw_one(page: DrawPage, rng: np.random.Generator) -> None:
    """Put a digit written by rule onto the canvas, another one than the last."""
    digit = int(rng.choice([each for each in range(10) if each != page.written]))
    page.put_on_canvas(message_of(written_strokes(digit, page.brush_width, rng)))
    page.written = digit


def written_strokes(digit: int, brush_width: int, rng: np.random.Generator) -> list[Stroke]:
    """A digit written by rule, in pixels of the canvas, in its middle."""
    strokes = write_digit(digit, rng, haste=_HASTE)
    points = np.vstack(strokes)
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    scale = _WRITTEN_SHARE * CANVAS_SIDE / np.ptp(points, axis=0).max()
    return [Stroke((each - middle) * scale + CANVAS_SIDE / 2, brush_width) for each in strokes]


def message_of(strokes: list[Stroke]) -> CanvasMessage:
    """What the canvas would say if these strokes had been drawn on it."""
    png = io.BytesIO()
    Image.fromarray(Drawing.from_strokes(strokes, CANVAS_SIDE).pixels).save(png, "PNG")
    return CanvasMessage(png.getvalue(), canvas_json_of(strokes))
