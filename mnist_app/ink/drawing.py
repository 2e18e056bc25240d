"""What was drawn: as pixels and, where known, as strokes.

A `Drawing` comes from the canvas of the Draw page, from strokes, or from a picture (a file, a
camera). Everything here comes from outside, so its size and kind are checked before it is decoded.
"""

import io
import struct
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from mnist_app.errors import UnreadableDrawing
from mnist_app.ink.png_metadata import without_metadata
from mnist_app.ink.strokes import Stroke, bounding_box, render, strokes_from_canvas, within

MAX_FILE_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 25_000_000
"""A picture of more pixels is refused before it is decoded: 24 million are a phone's camera's, and decoding
as many with transparency takes 300 MB for a moment."""
MAX_SIDE = 1024
"""Pictures are shrunk to this many pixels on their larger side: ample for a digit of 20 × 20."""
PICTURE_FORMATS = ("PNG", "JPEG", "WEBP", "BMP")
_PNG_START = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"
_TOO_MANY_PIXELS = (
    f"This picture has more than {MAX_PIXELS // 1_000_000} million pixels, which is more than can be read. "
    "Save it smaller and try again."
)
_PILLOW_LOCK = threading.Lock()


@dataclass(frozen=True, eq=False)
class Drawing:
    """Something that may hold a digit."""

    pixels: NDArray[np.uint8]
    """RGBA, (height, width, 4)."""
    source: Literal["canvas", "picture"]
    """A canvas is known to have white ink on black; a picture's ink has to be found."""
    strokes: tuple[Stroke, ...] = field(default=())
    """The pen's ways in pixels of the canvas, in the order drawn, those off it left out; empty where they
    are not known."""

    @classmethod
    def from_canvas(cls, png: bytes, canvas_json: Mapping[str, Any] | None, size: int) -> "Drawing":
        """A message of the canvas: its PNG of `size` × `size` pixels and its `json_data`.

        Raises:
            UnreadableDrawing: it is no PNG, has another size, or its strokes cannot be read.
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
        """The canvas's `json_data` alone, which does not say how large the canvas was.

        Raises:
            UnreadableDrawing: it is not a drawing of the canvas.
        """
        return cls.from_strokes(strokes_from_canvas(canvas_json))

    @classmethod
    def from_strokes(cls, strokes: Sequence[Stroke], size: int | None = None) -> "Drawing":
        """Strokes, drawn white on black on a canvas of `size` × `size` pixels.

        Without a size the canvas is just large enough for the ink.
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
        """Ink of known polarity: (height, width), 0 where there is none, 255 where it is full."""
        return cls(_white_on_black(ink), "canvas")

    @classmethod
    def from_picture(cls, data: bytes) -> "Drawing":
        """An image file's bytes: PNG, JPEG, WebP or BMP, turned as its EXIF data say.

        Raises:
            UnreadableDrawing: too large, of another kind, damaged or an animation.
        """
        if len(data) > MAX_FILE_BYTES:
            raise UnreadableDrawing(
                f"This file has {len(data) / 1024**2:.1f} MB; at most {MAX_FILE_BYTES // 1024**2} MB can be "
                "read. Save the picture smaller and try again."
            )
        return cls(_decode(data, formats=PICTURE_FORMATS), "picture")

    @classmethod
    def from_file(cls, path: Path) -> "Drawing":
        """An image file by its path.

        Raises:
            UnreadableDrawing: as `from_picture`, and where the file cannot be read.
        """
        try:
            if path.stat().st_size > MAX_FILE_BYTES:
                raise UnreadableDrawing(
                    f"The file has {path.stat().st_size / 1024**2:.1f} MB; at most "
                    f"{MAX_FILE_BYTES // 1024**2} MB can be read. Save the picture smaller and try again."
                )
            data = path.read_bytes()
        except OSError as error:
            raise UnreadableDrawing(f"The file cannot be read: {error.strerror}.") from error
        return cls.from_picture(data)


def _white_on_black(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    opaque = np.full_like(ink, 255)
    return np.stack([ink, ink, ink, opaque], axis=-1)


def _png_size(png: bytes) -> tuple[int, int]:
    """Width and height from a PNG's header, without decoding it."""
    if len(png) > MAX_FILE_BYTES or len(png) < 24 or not png.startswith(_PNG_START):
        raise UnreadableDrawing(
            "The canvas sent something that is not a PNG. Clear the canvas and draw again."
        )
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def _decode(data: bytes, formats: tuple[str, ...]) -> NDArray[np.uint8]:
    """An image file's pixels as RGBA, upright, at most `MAX_SIDE` on its larger side."""
    try:
        with _opened(data, formats) as image:
            _check_dimensions(image)
            image.draft("RGB", (MAX_SIDE, MAX_SIDE))  # a JPEG is decoded at a fraction of its size
            image.load()
            small = _shrunk(image)
            _turn_upright(small)
            return np.asarray(small.convert("RGBA"))
    except UnreadableDrawing:
        raise
    except Image.DecompressionBombError as error:
        raise UnreadableDrawing(_TOO_MANY_PIXELS) from error
    except UnidentifiedImageError as error:
        raise UnreadableDrawing(
            "This file is not a picture that can be read here. Use a PNG, JPEG, WebP or BMP file."
        ) from error
    except Exception as error:  # the decoders raise nearly anything on damaged files
        raise UnreadableDrawing(
            "This picture is damaged or cut off. Save it again and try once more."
        ) from error


@contextmanager
def _silent_pillow() -> Iterator[None]:
    """Without Pillow's warnings of damaged metadata and of sizes that are checked here anyway.

    Python's warning filters are global, so one thread at a time; nothing slow belongs inside.
    """
    with _PILLOW_LOCK, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _opened(data: bytes, formats: tuple[str, ...]) -> Image.Image:
    """The picture with its header read and nothing decoded."""
    with _silent_pillow():
        return Image.open(io.BytesIO(without_metadata(data)), formats=formats)


def _check_dimensions(image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise UnreadableDrawing(_TOO_MANY_PIXELS)
    # An MPO is a phone's JPEG that carries a second picture, of depth or brightness: no animation.
    if getattr(image, "n_frames", 1) > 1 and image.format != "MPO":
        raise UnreadableDrawing("This is an animation. Use a picture that stands still.")


def _shrunk(image: Image.Image) -> Image.Image:
    """Return the picture in 8 bits a channel, at most `MAX_SIDE` on its larger side, with its metadata."""
    if image.mode.startswith("I"):  # 16 bits of grey, which convert() would clip at 255
        metadata = image.info
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
        image.info = metadata
    if max(image.size) <= MAX_SIDE:
        return image
    if image.has_transparency_data:
        image = image.convert("RGBA")
    elif image.mode not in ("L", "RGB"):
        image = image.convert("RGB")
    image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.BOX)
    return image


def _turn_upright(image: Image.Image) -> None:
    """Turn the picture in place as its EXIF data say; leave it as it is where they are damaged."""
    # Damaged EXIF data raise nearly any error. Pillow turns the picture before it rewrites the data, so
    # damage elsewhere in them does not matter.
    with _silent_pillow(), suppress(Exception):
        ImageOps.exif_transpose(image, in_place=True)
