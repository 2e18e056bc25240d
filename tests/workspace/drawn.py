"""Drawings to keep, as people of the class would draw them: written by rule, each another."""

import numpy as np

from mnist_app.ink.drawing import Drawing
from mnist_app.ink.strokes import Stroke
from mnist_app.ink.synthetic.synthesis import write_digit
from mnist_app.workspace.drawings.kept_drawing import KeptDrawing

SIDE = 320


def drawing_of(digit: int, seed: int = 0) -> Drawing:
    """A digit on a canvas of 320 × 320."""
    strokes = write_digit(digit, np.random.default_rng([digit, seed]), haste=0.4)
    points = np.vstack(strokes)
    scale = 0.6 * SIDE / np.ptp(points, axis=0).max()
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    return Drawing.from_strokes([Stroke((way - middle) * scale + SIDE / 2, 20.0) for way in strokes], SIDE)


def changed(record: KeptDrawing, **fields: object) -> KeptDrawing:
    """The same drawing with other fields, unchecked."""
    return record.model_copy(update=fields)
