"""A drawing: its pixels and, where known, its strokes.

A `Drawing` comes from the canvas of the Draw page, from strokes, or from a picture (a file or a camera). All
of this comes from outside, so its size and format are checked before it is decoded.
"""

import io
import struct
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError
from pillow_heif import register_heif_opener

from mnist_app.errors import UnreadableDrawing
from mnist_app.ink.picture_formats import FORMAT_NAMES, MAX_PIXELS, PICTURE_FORMATS, most_pixels
from mnist_app.ink.png_metadata import without_metadata
from mnist_app.ink.strokes import Stroke, bounding_box, render, strokes_from_canvas, within

MAX_FILE_BYTES = 25 * 1024 * 1024
MAX_CANVAS_BYTES = 5 * 1024 * 1024
"""Largest drawing of the canvas, as PNG or as JSON."""
MAX_SIDE = 1024
"""Larger side of a picture in pixels after it is shrunk; ample for a digit of 20 × 20."""
_LARGE = 4_000_000
"""Pixels above which pictures are decoded one at a time."""
_PNG_START = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"
Image.core.set_block_size(64 * 1024 * 1024)  # type: ignore[attr-defined]
"""The C library returns pieces of this size to the system at once, but not Pillow's usual 16 MB. With those,
two large pictures in a row on two threads took 100 MB more."""
register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=1)
_PILLOW_LOCK = threading.Lock()
_ONE_LARGE = threading.Lock()


@dataclass(frozen=True, eq=False)
class Drawing:
    """Pixels that may show a digit, and the strokes that made them."""

    pixels: NDArray[np.uint8]
    """RGBA, (height, width, 4)."""
    source: Literal["canvas", "picture"]
    """A canvas has white ink on black. On a picture the ink has to be found."""
    strokes: tuple[Stroke, ...] = field(default=())
    """The pen's paths in canvas pixels, in the order drawn, without those off the canvas; empty if
    unknown."""

    @classmethod
    def from_canvas(cls, png: bytes, canvas_json: Mapping[str, Any] | None, size: int) -> "Drawing":
        """Read a message of the canvas.

        Args:
            png: The canvas as a PNG of `size` × `size` pixels.
            canvas_json: The canvas's `json_data`.
            size: The canvas's side in pixels.

        Raises:
            UnreadableDrawing: This is no PNG, it has another size, or its strokes cannot be read.
        """
        width, height = _png_size(png)
        if (width, height) != (size, size):
            raise UnreadableDrawing(
                f"The canvas sent a picture of {width} × {height} pixels, where {size} × {size} were "
                "expected. Clear the canvas and draw again."
            )
        strokes = strokes_from_canvas(canvas_json) if canvas_json else ()
        return cls(_decode(png, formats=("PNG",)), "canvas", within(strokes, size, size))

    @classmethod
    def from_canvas_json(cls, canvas_json: object) -> "Drawing":
        """Read the canvas's `json_data` alone, which does not say how large the canvas was.

        Raises:
            UnreadableDrawing: This is not a drawing of the canvas.
        """
        return cls.from_strokes(strokes_from_canvas(canvas_json))

    @classmethod
    def from_strokes(cls, strokes: Sequence[Stroke], size: int | None = None) -> "Drawing":
        """Draw strokes white on black.

        Args:
            strokes: The strokes in pixels.
            size: Side of the canvas in pixels; None for a canvas just large enough for the ink.
        """
        if size is not None:
            ink = render(strokes, (size, size))
            return cls(_white_on_black(ink), "canvas", within(strokes, size, size))
        left, top, right, bottom = bounding_box(strokes)
        scale = min(1.0, MAX_SIDE / max(right - left, bottom - top, 1.0))
        moved = [stroke.moved(-left, -top).scaled(scale) for stroke in strokes]
        shape = (max(1, round((bottom - top) * scale)), max(1, round((right - left) * scale)))
        return cls(_white_on_black(render(moved, shape)), "canvas", tuple(strokes))

    @classmethod
    def from_ink(cls, ink: NDArray[np.uint8]) -> "Drawing":
        """Wrap ink of known polarity, (height, width), from 0 (none) to 255 (full)."""
        return cls(_white_on_black(ink), "canvas")

    @classmethod
    def from_picture(cls, data: bytes) -> "Drawing":
        """Read the bytes of a file in one of `PICTURE_FORMATS`, turned as its EXIF data say.

        Raises:
            UnreadableDrawing: The file is too large, of another kind or damaged, or has several pictures.
        """
        _check_file_size(len(data))
        return cls(_decode(data, formats=tuple(each.pillow_name for each in PICTURE_FORMATS)), "picture")

    @classmethod
    def from_file(cls, path: Path) -> "Drawing":
        """Read an image file.

        Raises:
            UnreadableDrawing: The file cannot be read, or `from_picture` refuses it.
        """
        try:
            _check_file_size(path.stat().st_size)
            data = path.read_bytes()
        except OSError as error:
            raise UnreadableDrawing(f"The file cannot be read: {error.strerror}.") from error
        return cls.from_picture(data)


def _check_file_size(size: int) -> None:
    if size > MAX_FILE_BYTES:
        raise UnreadableDrawing(
            f"This file has {size / 1024**2:.1f} MB; at most {MAX_FILE_BYTES // 1024**2} MB can be read. "
            "Save the picture smaller and try again."
        )


def _white_on_black(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    opaque = np.full_like(ink, 255)
    return np.stack([ink, ink, ink, opaque], axis=-1)


def _png_size(png: bytes) -> tuple[int, int]:
    """Return width and height from a PNG's header, without decoding it."""
    if len(png) > MAX_CANVAS_BYTES or len(png) < 24 or not png.startswith(_PNG_START):
        raise UnreadableDrawing(
            "The canvas sent something that is not a PNG. Clear the canvas and draw again."
        )
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def _decode(data: bytes, formats: tuple[str, ...]) -> NDArray[np.uint8]:
    """Decode an image file to RGBA, upright, at most `MAX_SIDE` on its larger side."""
    try:
        with _open(data, formats) as image, _turn_of(image):
            _check_dimensions(image)
            image.draft("RGB", (MAX_SIDE, MAX_SIDE))  # a JPEG is decoded at a fraction of its size
            image.load()
            small = _shrink(image)
            _turn_upright(small)
            return np.asarray(small.convert("RGBA"))
    except UnreadableDrawing:
        raise
    except Image.DecompressionBombError as error:
        raise UnreadableDrawing(_too_many_pixels(MAX_PIXELS)) from error
    except UnidentifiedImageError as error:
        raise UnreadableDrawing(
            f"This file is not a picture that can be read here. Use a {FORMAT_NAMES} file."
        ) from error
    except Exception as error:  # the decoders raise nearly anything on damaged files
        raise UnreadableDrawing(
            "This picture is damaged or cut off. Save it again and try once more."
        ) from error


@contextmanager
def _silent_pillow() -> Iterator[None]:
    """Silence Pillow's warnings of damaged metadata and of sizes, which are checked here.

    Python's warning filters are global, so only one thread at a time may enter. Nothing slow belongs inside.
    """
    with _PILLOW_LOCK, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _open(data: bytes, formats: tuple[str, ...]) -> Image.Image:
    """Open a picture and read its header without decoding it."""
    with _silent_pillow():
        return Image.open(io.BytesIO(without_metadata(data)), formats=formats)


def _turn_of(image: Image.Image) -> AbstractContextManager[object]:
    """Return a lock that lets one large picture be decoded at a time; smaller ones need not wait."""
    return _ONE_LARGE if image.width * image.height > _LARGE else nullcontext()


def _check_dimensions(image: Image.Image) -> None:
    """Raise `UnreadableDrawing` for a picture that takes too much memory, or is not one picture."""
    if image.mode in ("I", "F"):
        raise UnreadableDrawing(
            "This picture has 32 bits for a shade of grey. Save it with 8 bits and try again."
        )
    is_costly = image.has_transparency_data or image.mode.startswith("I")
    most = most_pixels(image.format, is_costly)
    if image.width * image.height > most:
        raise UnreadableDrawing(_too_many_pixels(most))
    # An MPO is a phone's JPEG with a second picture, of depth or brightness. It is not an animation.
    if getattr(image, "is_animated", False) and image.format != "MPO":
        raise UnreadableDrawing(
            "This is an animation, or a file of several pages. Use a file with a single picture."
        )


def _too_many_pixels(most: int) -> str:
    return (
        f"This picture has more than {most // 1_000_000} million pixels, which is more than can be read. "
        "Save it smaller and try again."
    )


def _shrink(image: Image.Image) -> Image.Image:
    """Return the picture in 8 bits a channel, at most `MAX_SIDE` on its larger side, with its metadata."""
    if image.mode.startswith("I"):  # 16 bits of grey, which convert() would clip at 255
        metadata = image.info
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
        image.info = metadata
    if max(image.size) <= MAX_SIDE:
        return image
    modes = ("RGBA",) if image.has_transparency_data else ("RGB", "L")
    if image.mode not in modes:  # convert() would copy a picture that has this mode already
        image = image.convert(modes[0])
    image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.BOX)
    return image


def _turn_upright(image: Image.Image) -> None:
    """Turn the picture in place as its EXIF data say; leave it as it is where they are damaged."""
    # Damaged EXIF data raise nearly any error. Pillow turns the picture before it rewrites the data, so
    # damage elsewhere in them does not matter.
    with _silent_pillow(), suppress(Exception):
        ImageOps.exif_transpose(image, in_place=True)
