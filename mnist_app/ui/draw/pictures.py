"""Fields for a picture file and for a photo from the camera."""

import io
import ipaddress
from collections.abc import Callable
from urllib.parse import urlsplit

import streamlit as st
from PIL import Image

from mnist_app.errors import UnreadableDrawing
from mnist_app.ink.drawing import MAX_FILE_BYTES, Drawing
from mnist_app.ink.picture_formats import FORMAT_NAMES
from mnist_app.ui.lesson_link.class_rules import is_shown
from mnist_app.ui.outside_text import escaped
from mnist_app.ui.server.upload_fields import MEGABYTE, camera_field, file_field
from mnist_app.ui.session.draw_page import DrawPage
from mnist_app.ui.session.page_address import page_address
from mnist_app.ui.session.session import session
from mnist_app.workspace.classroom.permissions import HIDDEN

NO_CAMERA = "There is no camera here: browsers lend it only to pages with an address that begins with https."
NO_CAMERA_BUT_PICTURE = f"{NO_CAMERA} Choose Picture instead. On a phone, it takes a photo, too."
_CONTROLS = {"upload": "picture", "camera": "camera"}
"""Name of the control that hides each field, by the field's key."""
_MEGABYTES = MAX_FILE_BYTES // MEGABYTE
_SIDE = 512
"""Longer side of a stored picture, in pixels."""
_LARGEST_PNG = 150_000
"""Size in bytes above which an opaque picture is stored as JPEG."""


def show_upload(page: DrawPage) -> None:
    """Show the field for a picture file and store the file in `page.picture`.

    The field takes any kind of file, because Streamlit's own refusal would leave the previous picture's
    answer on the page and add a line for each refused file. Streamlit's hint says how large a file may be.
    """
    file_field(
        f"A picture of one digit: {FORMAT_NAMES}",
        types=None,
        key="upload",
        megabytes=_MEGABYTES,
        on_change=taking("upload", page.take_picture),
    )
    _show_taken(page.picture, page.picture_error, "the picture in use")


def show_camera(page: DrawPage) -> None:
    """Show the camera and store the photo in `page.photo`, or explain why there is no camera."""
    if lends_camera(page_address()):
        camera_field(
            "A photo of one digit on paper",
            key="camera",
            on_change=taking("camera", page.take_photo),
        )
    else:
        st.info(NO_CAMERA_BUT_PICTURE if is_shown("picture") else NO_CAMERA, icon=":material/no_photography:")
    _show_taken(page.photo, page.photo_error, "the photo in use")


def lends_camera(address: str | None) -> bool:
    """Return whether browsers lend the camera to a page: one with https, or of this machine.

    Args:
        address: The page's address in the browser; None if unknown.
    """
    if address is None:
        return True
    parts = urlsplit(address)
    host = parts.hostname or ""
    try:
        is_here = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_here = host == "localhost" or host.endswith(".localhost")
    return parts.scheme == "https" or is_here


def taking(key: str, use: Callable[[bytes | None, str | None], None]) -> Callable[[], None]:
    """Return a callback that takes the picture of a field, unless the field was hidden meanwhile.

    A refused file and a cleared field take the answer of the previous picture away.

    Args:
        key: The field's key.
        use: Receives the picture as a small file, or None if there is none, and the reason why it cannot be
            read.
    """

    def take() -> None:
        file = st.session_state[key]
        if file is None:
            use(None, None)
            return
        if not is_shown(_CONTROLS[key]):  # hidden since this tab was opened
            session().toasts.append(HIDDEN)
            return
        try:
            use(small_file(Drawing.from_picture(file.getvalue())), None)
        except UnreadableDrawing as error:
            use(None, str(error))

    return take


def _show_taken(picture: bytes | None, error: str | None, caption: str) -> None:
    if error:
        st.error(escaped(error), icon=":material/image_not_supported:")
    if picture:
        st.image(picture, width=160, caption=caption)


def small_file(drawing: Drawing) -> bytes:
    """Return a picture as a file small enough for the browser's storage.

    Args:
        drawing: The picture; at most `_SIDE` pixels of its longer side are kept.

    Returns:
        A PNG, or a JPEG if the picture is opaque and its PNG is larger than `_LARGEST_PNG`.
    """
    image = Image.fromarray(drawing.pixels)
    image.thumbnail((_SIDE, _SIDE), Image.Resampling.BOX)
    file = io.BytesIO()
    image.save(file, "PNG")
    if file.tell() > _LARGEST_PNG and drawing.pixels[..., 3].min() == 255:
        file = io.BytesIO()
        image.convert("RGB").save(file, "JPEG", quality=92)
    return file.getvalue()
