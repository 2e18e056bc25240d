"""The drawing in use: what the Draw page recognises, and the Train page watches."""

from mnist_app.ink.drawing import Drawing
from mnist_app.ui.session.page_memory import CANVAS_SIDE, DrawPage


def drawing_in_use(page: DrawPage) -> Drawing | None:
    """What is to be recognised; None where nothing has been drawn or given.

    Raises:
        UnreadableDrawing: what the browser sent is no drawing.
    """
    if page.input_way == "Pen":
        if page.canvas is None:
            return None
        return Drawing.from_canvas(page.canvas.png, page.canvas.json_data, CANVAS_SIDE)
    picture = page.picture if page.input_way == "Picture" else page.photo
    return Drawing.from_picture(picture) if picture else None
