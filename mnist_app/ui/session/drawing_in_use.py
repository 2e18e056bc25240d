"""The drawing in use: what the Draw page recognises, and the Train page watches."""

import io
from collections.abc import Sequence

from PIL import Image

from mnist_app.ink.drawing import Drawing
from mnist_app.ink.strokes import Stroke
from mnist_app.ui.session.draw_page import CANVAS_SIDE, DrawPage


def drawing_in_use(page: DrawPage) -> Drawing | None:
    """Return the drawing to be recognised; None where nothing has been drawn or given.

    Raises:
        UnreadableDrawing: the browser sent something else.
    """
    if page.input_way == "Pen":
        if page.canvas is None:
            return None
        return Drawing.from_canvas(page.canvas.png, page.canvas.json_data, CANVAS_SIDE)
    picture = page.picture if page.input_way == "Picture" else page.photo
    return Drawing.from_picture(picture) if picture else None


def png_of(strokes: Sequence[Stroke]) -> bytes:
    """Return the picture that the canvas would send if these strokes had been drawn on it.

    Raises:
        UnreadableDrawing: There is so much ink that drawing it would take many seconds.
    """
    png = io.BytesIO()
    Image.fromarray(Drawing.from_strokes(strokes, CANVAS_SIDE).pixels).save(png, "PNG")
    return png.getvalue()
