"""Strokes: read as they look on the canvas, and drawn as a round pen draws."""

import numpy as np
import pytest

from mnist_app.errors import UnreadableDrawing
from mnist_app.ink.strokes import Stroke, canvas_json_of, strokes_from_canvas

HOOK = Stroke(np.array([[40.0, 30.0], [90.0, 60.0], [70.0, 120.0]]), 20.0)


def test_strokes_survive_the_way_onto_the_canvas_and_back():
    (back,) = strokes_from_canvas(canvas_json_of([HOOK]))
    np.testing.assert_allclose(back.points, HOOK.points, atol=0.01)
    assert back.width == HOOK.width


def test_an_untouched_stroke_stays_where_it_was_drawn():
    fabric = {
        "type": "Path",
        "path": [["M", 10, 20], ["Q", 10, 20, 15, 30], ["L", 40, 35]],
        "strokeWidth": 8,
        "originX": "center",
        "originY": "center",
        "left": 25,
        "top": 27.5,
    }
    (stroke,) = strokes_from_canvas({"objects": [fabric]})
    np.testing.assert_allclose(stroke.points[[0, -2, -1]], [[10, 20], [15, 30], [40, 35]])


@pytest.mark.parametrize("canvas_json", [None, [], {}, {"objects": 3}, {"objects": [1]}, {"objects": [{}]}])
def test_what_is_no_drawing_is_refused(canvas_json):
    with pytest.raises(UnreadableDrawing):
        strokes_from_canvas(canvas_json)
