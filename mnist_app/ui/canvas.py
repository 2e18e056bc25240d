"""The drawing canvas: white ink on black. The only import of streamlit_drawable_canvas."""

import streamlit as st
from streamlit_drawable_canvas import st_canvas

from mnist_app.ui.state import CANVAS_SIDE, CanvasMessage, DrawPage


def show_canvas(page: DrawPage) -> None:
    """Show the canvas and take over what it says; `page.canvas` is then what is on it."""
    with st.container(key="canvas_place", width=CANVAS_SIDE, gap=None):
        if not page.is_restored:
            return  # the browser may still bring a drawing: an empty canvas would only flash
        if page.revision == 0 or _key(page) not in st.session_state:
            page.renew_canvas()  # the page was left and the canvas with it: it begins with what was drawn
        result = st_canvas(
            stroke_width=page.brush_width,
            stroke_color="#ffffff",
            background_color="#000000",
            width=CANVAS_SIDE,
            height=CANVAS_SIDE,
            initial_drawing=page.initial_drawing,
            return_image_data=True,
            key=_key(page),
        )
    png = result.image_bytes
    if png is None:  # nothing was drawn since this canvas was put there
        return
    message = CanvasMessage(png, result.json_data or {})
    if page.canvas is None or message.json_data != page.canvas.json_data:
        page.written = None
    page.canvas = None if message.is_empty else message


def _key(page: DrawPage) -> str:
    return f"canvas-{page.revision}"
