"""The controls below the canvas: Undo, Redo, Clear, "Draw one for me", and the brush size."""

from collections.abc import Callable
from functools import partial

import numpy as np
import streamlit as st

from mnist_app.errors import AppError
from mnist_app.ink.drawing import Drawing
from mnist_app.ink.preprocess import preprocess
from mnist_app.ink.strokes import Stroke, canvas_json_of, strokes_from_canvas
from mnist_app.ink.synthetic.synthesis import write_digit
from mnist_app.ui.frame.model_in_use import recogniser_in_use
from mnist_app.ui.session.draw_page import BRUSHES, CANVAS_SIDE, CanvasMessage, DrawPage, OnCanvas
from mnist_app.ui.session.drawing_in_use import png_of
from mnist_app.ui.session.widgets import Key

_MOST_TRIES = 8
"""Limit on drawings of one digit until the model reads it. It misreads about one in a hundred."""
_HASTE = 0.4
"""Haste of the digits that the app draws: low enough to be neat, high enough to vary."""
_WRITTEN_SHARE = 0.62
"""Longer side of a digit that the app draws, as a share of the canvas's side."""


def show_canvas_controls(page: DrawPage, hear: Callable[[], None]) -> None:
    """Show the buttons Undo, Redo, Clear and "Draw one for me", and the brush size.

    Args:
        page: Memory of the Draw page.
        hear: Takes over a stroke that came together with the press of a button.
    """

    def hearing(act: Callable[[], None]) -> Callable[[], None]:
        def press() -> None:
            hear()
            act()

        return press

    with st.container(horizontal=True, gap="xsmall", key="canvas_controls"):
        st.button(
            "Undo",
            icon=":material/undo:",
            key="canvas_undo",
            on_click=hearing(partial(undo, page)),
            help="Ctrl + Z",
            disabled=not page.past and page.canvas is None,
        )
        st.button(
            "Redo",
            icon=":material/redo:",
            key="canvas_redo",
            on_click=hearing(page.redo),
            help="Ctrl + Shift + Z, or Ctrl + Y",
            disabled=not page.future,
        )
        st.button(
            "Clear",
            icon=":material/ink_eraser:",
            key="canvas_clear",
            on_click=hearing(partial(page.put_on_canvas, None)),
            help="The key Delete (Del)",
        )
        st.button(
            "Draw one for me",
            icon=":material/gesture:",
            key="canvas_draw_one",
            on_click=hearing(lambda: draw_one(page, np.random.default_rng(), is_recognised)),
            help="The app draws a random digit on the canvas. This works by keyboard, too.",
        )
    st.session_state.setdefault(Key.BRUSH_WIDTH, page.brush_width)
    page.brush_width = st.slider("Brush size", *BRUSHES, step=2, format="%d px", key=Key.BRUSH_WIDTH)
    if page.written is not None:
        st.caption(f"The app drew this {page.written}.")


def undo(page: DrawPage) -> None:
    """Take the last change back; the last stroke if the drawing is from before a reload."""
    if page.past or page.canvas is None:
        page.undo()
        return
    *rest, _ = page.canvas.objects
    json_data = {**page.canvas.json_data, "objects": rest}
    page.past = [
        OnCanvas(CanvasMessage(png_of(strokes_from_canvas(json_data)), json_data) if rest else None, None)
    ]
    page.undo()


def draw_one(
    page: DrawPage, rng: np.random.Generator, is_accepted: Callable[[CanvasMessage, int], bool]
) -> None:
    """Draw a random digit on the canvas, different from the one that the app drew before.

    Args:
        page: Memory of the Draw page.
        rng: Source of randomness.
        is_accepted: Called with a drawing and its digit. The digit is drawn again until it returns True, at
            most `_MOST_TRIES` times.
    """
    digit = int(rng.choice([each for each in range(10) if each != page.written]))
    for _ in range(_MOST_TRIES):
        message = message_of(written_strokes(digit, page.brush_width, rng))
        if is_accepted(message, digit):
            break
    page.put_on_canvas(message, digit)


def is_recognised(message: CanvasMessage, digit: int) -> bool:
    """Return whether the model in use reads this digit in a drawing; True if it cannot answer.

    Args:
        message: The drawing, as the canvas would send it.
        digit: The digit that was drawn.
    """
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
    """Return the strokes of a digit, centred on the canvas.

    Args:
        digit: 0 to 9.
        brush_width: In pixels of the canvas.
        rng: Source of randomness.

    Returns:
        Strokes in pixels of the canvas.
    """
    strokes = write_digit(digit, rng, haste=_HASTE)
    points = np.vstack(strokes)
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    scale = _WRITTEN_SHARE * CANVAS_SIDE / np.ptp(points, axis=0).max()
    return [Stroke((each - middle) * scale + CANVAS_SIDE / 2, brush_width) for each in strokes]


def message_of(strokes: list[Stroke]) -> CanvasMessage:
    """Return the message that the canvas would send if these strokes had been drawn on it.

    Raises:
        UnreadableDrawing: There is so much ink that drawing it would take many seconds.
    """
    return CanvasMessage(png_of(strokes), canvas_json_of(strokes))
