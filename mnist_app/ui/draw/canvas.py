"""The drawing canvas: white ink on black. The only import of streamlit_drawable_canvas."""

from pathlib import Path
from typing import Any

import streamlit as st
import streamlit_drawable_canvas
from streamlit_drawable_canvas import CanvasResult, st_canvas

from mnist_app.settings import ASSETS
from mnist_app.ui.server.addresses import base_path
from mnist_app.ui.session.draw_page import CANVAS_SIDE, CanvasMessage, DrawPage

_KEY = "canvas"
_additions = st.components.v2.component(
    "mnist_app.canvas", js=(ASSETS / "canvas.js").read_text(encoding="utf-8"), isolate_styles=False
)
"""Script that chooses the pointer that draws, presses buttons by keys, and hides the canvas's own toolbar."""


def _lasting_canvas() -> Any:
    """Return the canvas's component with a script that keeps the canvas while it is on the page."""
    build = Path(streamlit_drawable_canvas.__file__).parent / "frontend" / "build"
    (script,), (style,) = build.glob("index-*.js"), build.glob("index-*.css")
    package = "streamlit-drawable-canvas.streamlit_drawable_canvas"
    address = f"{base_path()}/_stcore/bidi-components/{package}/{script.name}"
    lasting = (ASSETS / "lasting_canvas.js").read_text(encoding="utf-8")
    return st.components.v2.component(
        "mnist_app.lasting_canvas",
        html='<div class="canvas-root"></div>',
        css=style.read_text(encoding="utf-8"),
        js=lasting.replace("SCRIPT_OF_THE_CANVAS", address),
        isolate_styles=True,
    )


streamlit_drawable_canvas.out = _lasting_canvas()


def show_canvas(page: DrawPage) -> None:
    """Show the canvas and store its drawing in `page.canvas`."""
    with st.container(key="canvas_place", gap=None):
        if not page.is_restored:
            return  # the browser may still restore a drawing; until then an empty canvas would flash
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
            on_change=page.expect_news,
        )
        _additions(key="canvas_additions", data={"revision": page.revision})
    _hear(page, result)


def hear_canvas(page: DrawPage) -> None:
    """Take over, in a callback of a button, a stroke that came together with its press."""
    state = st.session_state.get(_KEY)
    drawing = state.get("drawing") if state else None
    if isinstance(drawing, dict):
        _hear(page, CanvasResult(drawing.get("raw"), drawing.get("data"), return_image_data=True))


def _hear(page: DrawPage, result: CanvasResult) -> None:
    message = read_message(result)
    if message is not None:  # something was drawn since this canvas appeared
        page.hear(message)


def read_message(result: CanvasResult) -> CanvasMessage | None:
    """Return the canvas's message; None if it sent nothing or something invalid."""
    try:
        png = result.image_bytes
    except (ValueError, TypeError, AttributeError):  # not a base64 data URI
        return None
    strokes = result.json_data
    return None if png is None else CanvasMessage(png, strokes if isinstance(strokes, dict) else {})
