"""The drawing canvas: white ink on black. The only import of streamlit_drawable_canvas."""

import streamlit as st
from streamlit_drawable_canvas import CanvasResult, st_canvas

from mnist_app.ui.session.page_memory import CANVAS_SIDE, CanvasMessage, DrawPage

_KEY = "canvas"


def show_canvas(page: DrawPage) -> None:
    """Show the canvas and store what it sends in `page.canvas`."""
    with st.container(key="canvas_place", width=CANVAS_SIDE, gap=None):
        if not page.is_restored:
            return  # the browser may still bring a drawing: an empty canvas would only flash
        if _KEY not in st.session_state:
            page.begin_canvas()
        result = st_canvas(
            stroke_width=page.brush_width,
            stroke_color="#ffffff",
            background_color="#000000",
            width=CANVAS_SIDE,
            height=CANVAS_SIDE,
            initial_drawing=page.initial_drawing,
            return_image_data=True,
            key=_KEY,
        )
    message = read_message(result)
    if message is not None:  # something was drawn since this canvas appeared
        page.hear(message)


def read_message(result: CanvasResult) -> CanvasMessage | None:
    """Return what the canvas sends; None where it sends nothing, or what our canvas never would."""
    try:
        png = result.image_bytes
    except (ValueError, TypeError, AttributeError):  # no address of base64, no text at all
        return None
    strokes = result.json_data
    return None if png is None else CanvasMessage(png, strokes if isinstance(strokes, dict) else {})
