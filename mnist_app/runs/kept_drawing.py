"""A labelled drawing as the store keeps it: its ink, its strokes where known, and what it is."""

import hashlib
import io
import json
import re
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mnist_app.errors import EmptyDrawing, UnreadableDrawing
from mnist_app.ink.drawing import Drawing
from mnist_app.ink.preprocess import crop, find_ink
from mnist_app.ink.strokes import Stroke, canvas_json_of, strokes_from_canvas
from mnist_app.learning.configuration import LONGEST_NAME
from mnist_app.runs.identifiers import is_id
from mnist_app.runs.visible_text import is_visible

MAX_PNG_BYTES = 120_000
MAX_STROKES_CHARACTERS = 300_000
SIDES = (8, 512)
"""The smallest and the largest side of the PNG, in pixels."""
PICTURE_SIDE = 320
"""The ink of a picture is shrunk to this many pixels."""
LATEST = 4_102_444_800.0
"""The year 2100, in seconds since 1970: no drawing is kept later."""

Source = Literal["canvas", "picture"]
SOURCES: tuple[Source, ...] = ("canvas", "picture")
_WRITER = re.compile("[0-9a-f]{16}")


@dataclass(frozen=True)
class KeptDrawing:
    """A drawing that somebody kept, and what that person says it is."""

    id: str
    """Ten letters and digits at random."""
    writer: str
    """Who drew it: `writer_of` the token that the browser keeps, which is secret and kept nowhere else."""
    person: str
    """The writer's name, for showing; may be empty."""
    label: int
    """The digit that it is, 0 to 9."""
    answer: int | None
    """The digit that the network had said; None where it was not asked."""
    source: Source
    created: float
    """When it was first kept, in seconds since 1970 (UTC)."""
    png: bytes = field(repr=False)
    """The ink alone, white on black, on a square. Of a photo nothing else is kept."""
    strokes: str | None = field(repr=False)
    """The pen's ways as JSON that the canvas takes, in pixels of the PNG; None where they are not known."""

    @property
    def png_sha256(self) -> str:
        """The digest of the PNG, in hexadecimal."""
        return hashlib.sha256(self.png).hexdigest()

    def to_drawing(self) -> Drawing:
        """What `ink.preprocess` takes; raises `UnreadableDrawing` for a PNG or strokes that are damaged."""
        drawing = Drawing.from_canvas(self.png, None, _side(self.png))
        return drawing if self.strokes is None else replace(drawing, strokes=_read_strokes(self.strokes))


def ink_png(drawing: Drawing) -> bytes:
    """The ink of a drawing as a PNG of grey, white on black: the whole canvas, or what is on a picture.

    Raises:
        EmptyDrawing: there is no ink.
        UnreadableDrawing: it takes more than `MAX_PNG_BYTES`.
    """
    ink = find_ink(drawing)
    if drawing.source == "picture" or ink.shape[0] != ink.shape[1]:
        ink = _squared(crop(ink))
    elif not ink.any():
        raise EmptyDrawing("There is no ink to keep. Draw a digit from 0 to 9.")
    file = io.BytesIO()
    Image.fromarray(ink).save(file, "PNG", optimize=True)
    if file.tell() > MAX_PNG_BYTES:
        raise UnreadableDrawing(
            f"This drawing takes {file.tell():,} bytes; at most {MAX_PNG_BYTES:,} are kept. "
            "Draw the digit alone, in a few strokes."
        )
    return file.getvalue()


def strokes_json(strokes: tuple[Stroke, ...]) -> str | None:
    """The strokes as the text that is kept; None of none.

    Raises:
        UnreadableDrawing: it has more than `MAX_STROKES_CHARACTERS`.
    """
    if not strokes:
        return None
    text = json.dumps(canvas_json_of(strokes), separators=(",", ":"))
    if len(text) > MAX_STROKES_CHARACTERS:
        raise UnreadableDrawing(
            "This drawing has more strokes than can be kept. Draw the digit in a few strokes."
        )
    return text


def check_kept(drawing: KeptDrawing) -> None:
    """Check every field of a drawing that comes from outside; raises `UnreadableDrawing`, which says why."""
    fault = _fault_of(drawing)
    if fault:
        raise UnreadableDrawing(f"{fault}.")
    try:
        pixels = drawing.to_drawing().pixels
    except UnreadableDrawing as error:
        raise UnreadableDrawing("its picture or its strokes cannot be read.") from error
    if not pixels[..., :3].any():
        raise UnreadableDrawing("there is no ink on it.")


def _fault_of(drawing: KeptDrawing) -> str | None:
    """What is wrong with the values, short of reading the PNG."""
    side = _side(drawing.png)
    faults = {
        "its id is not one of ours": not is_id(drawing.id),
        "its writer is not one of ours": not _WRITER.fullmatch(drawing.writer),
        "its person's name cannot be kept": not _is_name(drawing.person),
        "its label is no digit from 0 to 9": not _is_digit(drawing.label),
        "its answer is no digit from 0 to 9": drawing.answer is not None and not _is_digit(drawing.answer),
        "its source is unknown": drawing.source not in SOURCES,
        "its time is none": not 0 <= drawing.created <= LATEST,  # true for NaN
        f"its picture has more than {MAX_PNG_BYTES:,} bytes": len(drawing.png) > MAX_PNG_BYTES,
        "its picture is of no size that is kept": not SIDES[0] <= side <= SIDES[1],
        "its strokes are too many": len(drawing.strokes or "") > MAX_STROKES_CHARACTERS,
    }
    return next((fault for fault, there in faults.items() if there), None)


def _side(png: bytes) -> int:
    """The width that a PNG's header gives; 0 or nonsense for what is no PNG."""
    return int.from_bytes(png[16:20], "big")


def _read_strokes(text: str) -> tuple[Stroke, ...]:
    try:
        return strokes_from_canvas(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise UnreadableDrawing("its strokes are no JSON that can be read.") from error


def _is_digit(value: object) -> bool:
    return type(value) is int and 0 <= value <= 9


def _is_name(text: str) -> bool:
    """Whether every database keeps this text and all of it is seen, and it is no longer than a name."""
    return len(text) <= LONGEST_NAME and is_visible(text)


def _squared(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The ink in the middle of a black square, with a rim, at most `PICTURE_SIDE` pixels."""
    height, width = ink.shape
    side = max(height, width) + max(2, max(height, width) // 8) * 2
    square = np.zeros((side, side), np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = ink
    if side <= PICTURE_SIDE:
        return square
    smaller = Image.fromarray(square).resize((PICTURE_SIDE, PICTURE_SIDE), Image.Resampling.BOX)
    return np.asarray(smaller)
