"""A labelled drawing as a store keeps it: its ink, its strokes where known, and its label."""

import hashlib
import io
import json
from dataclasses import replace
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import AfterValidator, BaseModel, Field, TypeAdapter

from mnist_app.errors import EmptyDrawing, UnreadableDrawing
from mnist_app.ink.drawing import Drawing
from mnist_app.ink.preprocess import crop, find_ink
from mnist_app.ink.strokes import Stroke, canvas_json_of, strokes_from_canvas
from mnist_app.workspace.classroom.person_name import PersonName
from mnist_app.workspace.storage.definitions import STRICT, Digit, RecordFault, Time, checked
from mnist_app.workspace.storage.identifiers import Id, Writer

MAX_PNG_BYTES = 120_000
MAX_STROKES_CHARACTERS = 300_000
SIDES = (8, 512)
"""The smallest and the largest side of the PNG, in pixels."""
PICTURE_SIDE = 320
"""The ink of a picture is shrunk to this many pixels."""

Source = Literal["canvas", "picture"]
Importer = Writer | Literal[""]


def _side(png: bytes) -> int:
    """Return the width in a PNG's header; any number for other bytes."""
    return int.from_bytes(png[16:20], "big")


def _of_a_size_that_is_kept(png: bytes) -> bytes:
    """Return a PNG for pydantic, which takes a ValueError for a refusal."""
    if not SIDES[0] <= _side(png) <= SIDES[1]:
        raise ValueError(f"{_side(png)} pixels a side")
    return png


Png = Annotated[bytes, Field(max_length=MAX_PNG_BYTES), AfterValidator(_of_a_size_that_is_kept)]
Strokes = Annotated[str, Field(max_length=MAX_STROKES_CHARACTERS)]


class DrawingRecord(BaseModel):
    """What a store and an archive keep of a drawing beside its picture and its strokes."""

    model_config = STRICT

    id: Id
    writer: Writer
    """The writer's pseudonym: `writer_of` the token that the browser keeps, which is secret."""
    person: PersonName
    """The writer's name, for showing; may be empty."""
    label: Digit
    """The digit that it is."""
    answer: Digit | None
    """The digit that the network had said; None where it was not asked."""
    source: Source
    created: Time
    """When it was first kept, in seconds since 1970 (UTC)."""
    importer: Importer | None = None
    """The pseudonym of the person who imported it and so owns it; empty for the command line. None for a
    drawing that was drawn here, which its writer owns."""
    import_id: Id | None = None
    """The same for all drawings that came in one zip."""


class KeptDrawing(DrawingRecord):
    """A drawing that somebody kept, and what that person says it is.

    `check_kept` checks it. What is read from a store is not checked, so that it can be read whatever it is.
    """

    png: Annotated[Png, Field(repr=False)]
    """The ink alone, white on black, on a square. Nothing else of a photo is kept."""
    strokes: Annotated[Strokes | None, Field(repr=False)]
    """The pen's ways as JSON that the canvas takes, in pixels of the PNG; None where they are not known."""

    @property
    def owner(self) -> str:
        """The pseudonym of the writer or, of an imported drawing, of the importer; empty for nobody."""
        return self.writer if self.importer is None else self.importer

    @property
    def png_sha256(self) -> str:
        """The digest of the PNG, in hexadecimal."""
        return hashlib.sha256(self.png).hexdigest()

    def to_drawing(self) -> Drawing:
        """Return what `ink.preprocess` takes; raises `UnreadableDrawing` for a damaged PNG or strokes."""
        drawing = Drawing.from_canvas(self.png, None, _side(self.png))
        return drawing if self.strokes is None else replace(drawing, strokes=_read_strokes(self.strokes))


_DEFINITION = TypeAdapter(KeptDrawing)
_FAULTS = {
    "id": "its id is not one of ours",
    "writer": "its writer is not one of ours",
    "person": "its person's name cannot be kept",
    "label": "its label is no digit from 0 to 9",
    "answer": "its answer is no digit from 0 to 9",
    "source": "its source is unknown",
    "created": "its time is none between 1970 and 2100",
    "png": (
        f"its picture has more than {MAX_PNG_BYTES:,} bytes, or another size than "
        f"{SIDES[0]} to {SIDES[1]} pixels a side"
    ),
    "strokes": "its strokes are too many",
    "importer": "its importer is not one of ours",
    "import_id": "its import is not one of ours",
}
"""What is wrong with a drawing, by its wrong field."""


def ink_png(drawing: Drawing) -> bytes:
    """Return the ink of a drawing as a grey PNG, white on black: the whole canvas, or a picture's crop.

    Raises:
        EmptyDrawing: There is no ink.
        UnreadableDrawing: It takes more than `MAX_PNG_BYTES`.
    """
    ink = find_ink(drawing)
    height, width = ink.shape
    if drawing.source == "picture" or height != width or not SIDES[0] <= width <= SIDES[1]:
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
    """Return the strokes as the text that is kept; None for no strokes.

    Raises:
        UnreadableDrawing: It has more than `MAX_STROKES_CHARACTERS`.
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
    """Check a drawing before it is kept, when it is exported and when it is imported.

    Raises:
        UnreadableDrawing: A field is not what `KeptDrawing` says; the error tells which.
    """
    try:
        checked(_DEFINITION, drawing)
    except RecordFault as fault:
        raise UnreadableDrawing(f"{fault_of_field(fault.field)}.") from fault
    try:
        pixels = drawing.to_drawing().pixels
    except UnreadableDrawing as error:
        raise UnreadableDrawing("its picture or its strokes cannot be read.") from error
    if not pixels[..., :3].any():
        raise UnreadableDrawing("there is no ink on it.")


def fault_of_field(field: str | None) -> str:
    """Return what is wrong with a drawing, by its wrong field, as the end of a sentence."""
    return _FAULTS.get(field or "", "something of it is missing or unknown")


def _read_strokes(text: str) -> tuple[Stroke, ...]:
    try:
        return strokes_from_canvas(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise UnreadableDrawing("its strokes are no JSON that can be read.") from error


def _squared(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the ink in the middle of a black square with a rim, from 8 to `PICTURE_SIDE` pixels a side."""
    height, width = ink.shape
    longer = max(height, width)
    side = max(longer + max(2, longer // 8) * 2, SIDES[0])
    square = np.zeros((side, side), np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = ink
    return square if side <= PICTURE_SIDE else _shrunk(square)


def _shrunk(square: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the square with `PICTURE_SIDE` pixels a side, and its strongest ink as strong as before.

    Without that, a few faint pixels could become 0 when they are averaged with black ones.
    """
    size = (PICTURE_SIDE, PICTURE_SIDE)
    means = np.asarray(Image.fromarray(square.astype(np.float32)).resize(size, Image.Resampling.BOX))
    smaller: NDArray[np.uint8] = np.rint(means * (square.max() / means.max())).astype(np.uint8)
    return smaller
