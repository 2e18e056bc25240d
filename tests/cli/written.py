"""Drawings for the command line to read, written by rule."""

import json
from pathlib import Path

import numpy as np
from PIL import Image

from mnist_app.ink.drawing import Drawing
from mnist_app.ink.strokes import Stroke, canvas_json_of

ANGLES = np.linspace(0, 2 * np.pi, 40)
WAYS = {
    0: np.stack([140 + 60 * np.cos(ANGLES), 140 + 90 * np.sin(ANGLES)], axis=1),
    1: np.array([[140.0, 50.0], [140.0, 230.0]]),
    7: np.array([[70.0, 60.0], [210.0, 60.0], [120.0, 230.0]]),
}


def stroke(digit: int) -> list[Stroke]:
    """A digit as one way of a broad pen on a canvas of 280 × 280."""
    return [Stroke(WAYS[digit], 20.0)]


def save_picture(path: Path, digit: int) -> None:
    """The digit as an image file."""
    Image.fromarray(Drawing.from_strokes(stroke(digit), 280).pixels[..., 0]).save(path)


def save_drawing(path: Path, digit: int) -> None:
    """The digit as the canvas's `json_data`."""
    path.write_text(json.dumps(canvas_json_of(stroke(digit))), encoding="utf-8")
