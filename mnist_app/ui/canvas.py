"""The drawing canvas: white ink on black. The only import of streamlit_drawable_canvas."""

import streamlit as st
from streamlit_drawable_canvas import st_canvas

from mnist_app.ui.state import CANVAS_SIDE, CanvasMessage, DrawPage

_KEY = "canvas"


def show_canvas(page: DrawPage) -> None:
    """Show the canvas and take over what it says; `page.canvas` is then what is on it."""
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
    png = result.image_bytes
    if png is not None:  # something was drawn since this canvas appeared
        page.hear(CanvasMessage(png, result.json_data or {}))
