"""Good inputs, small ones, to be damaged: pictures, messages of the canvas, drawings that are kept."""

import functools
import io
import json
from typing import Any

import numpy as np
from PIL import Image

from mnist_app.ink.drawing import Drawing
from mnist_app.ink.strokes import Stroke, canvas_json_of
from mnist_app.workspace.classroom.pseudonym import writer_of
from mnist_app.workspace.drawings.kept_drawing import KeptDrawing, ink_png, strokes_json

SMALL = 80
"""Pixels of a canvas on which much can be tried in a short time."""
SEVEN = (
    Stroke(np.array([[22.0, 20.0], [55.0, 21.0], [37.0, 62.0]]), 5.0),
    Stroke(np.array([[30.0, 42.0], [50.0, 41.0]]), 3.5),
)


@functools.cache
def canvas_png(side: int = SMALL) -> bytes:
    """What a canvas of that many pixels sends as a picture."""
    file = io.BytesIO()
    Image.fromarray(Drawing.from_strokes(SEVEN, side).pixels).save(file, "PNG")
    return file.getvalue()


def canvas_json() -> dict[str, Any]:
    """What it sends as strokes: one as the pen leaves it, and one that was moved, turned and scaled."""
    drawn = canvas_json_of(SEVEN)
    drawn["objects"][0]["path"].append(["Q", 37.0, 62.0, 34.0, 67.0])
    edits = {"angle": 30.0, "scaleX": 1.5, "scaleY": 0.8, "flipX": True, "skewX": 5.0, "strokeUniform": True}
    drawn["objects"][1].update(edits)
    return {"version": "7.0.0", **drawn, "background": "#000000"}


@functools.cache
def pictures() -> tuple[bytes, ...]:
    """Picture files of every kind that is read, of 48 × 40 pixels."""
    ink = Image.fromarray(Drawing.from_strokes(SEVEN, SMALL).pixels).convert("L").resize((48, 40))
    dark = Image.eval(ink, lambda value: 255 - value)
    exif = Image.Exif()
    exif[0x0112] = 6  # held sideways
    deep = Image.fromarray(np.asarray(dark).astype(np.uint16) * 257)
    palette = dark.convert("RGB").quantize(8)
    clear = Image.merge("RGBA", (ink, ink, ink, ink))
    return (
        _saved(dark, "PNG"),
        _saved(clear, "PNG"),
        _saved(deep, "PNG"),
        _saved(palette, "PNG", transparency=0),
        _saved(dark.convert("1"), "PNG"),
        _saved(dark.convert("RGB"), "JPEG", exif=exif),
        _saved(dark.convert("CMYK"), "JPEG"),
        _saved(dark, "JPEG", progressive=True),
        _saved(dark.convert("RGB"), "WEBP", lossless=True),
        _saved(clear, "WEBP", exif=exif),
        _saved(dark, "BMP"),
        _saved(palette, "BMP"),
        _saved(dark.convert("RGB"), "AVIF"),
        _saved(dark.convert("RGB"), "HEIF", exif=exif.tobytes()),
        _saved(dark.convert("RGB"), "TIFF", compression="tiff_lzw", exif=exif),
        _saved(deep, "TIFF"),
        _saved(palette, "GIF", transparency=0),
    )


@functools.cache
def kept(digit: int, with_strokes: bool = True) -> KeptDrawing:
    """A drawing as the store has it."""
    drawing = Drawing.from_strokes([stroke.moved(digit, 0) for stroke in SEVEN], SMALL)
    return KeptDrawing(
        id=f"{'abcdefghij'[digit] * 10}",
        writer=writer_of(str(digit)),
        person="Zoë",
        label=digit,
        answer=9,
        source="canvas",
        created=1_700_000_000.5,
        png=ink_png(drawing),
        strokes=strokes_json(drawing.strokes) if with_strokes else None,
    )


def as_json(tree: object) -> bytes:
    """The tree as JSON, also where it has halves of surrogate pairs in it."""
    return json.dumps(tree).encode()


def _saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()
