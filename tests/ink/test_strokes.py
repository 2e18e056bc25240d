"""Strokes: read as they look on the canvas, and drawn as a round pen draws."""

import cmath
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_app.errors import UnreadableDrawing
from mnist_app.ink.strokes import (
    MAX_COMMANDS,
    MAX_STROKES,
    Stroke,
    bounding_box,
    canvas_json_of,
    render,
    strokes_from_canvas,
)

coordinates = st.floats(0, 320).map(lambda value: round(value, 2))
points = st.tuples(coordinates, coordinates)
polylines = st.lists(points, min_size=1, max_size=12).map(np.array)
strokes = st.builds(Stroke, polylines, st.floats(1, 60))

# A hook: its box, as Fabric takes it, is [10, 50] × [20, 80]: a line reaches all of its corners.
HOOK = [["M", 10, 20], ["L", 50, 20], ["L", 50, 80]]
HOOK_POINTS = np.array([[10.0, 20], [50, 20], [50, 80]])


def fabric_path(**changes):
    """A stroke as Fabric keeps it, with its middle at (100, 100)."""
    return {
        "type": "Path",
        "path": HOOK,
        "strokeWidth": 10,
        "originX": "center",
        "originY": "center",
        "left": 100,
        "top": 100,
        **changes,
    }


def read(**changes):
    (stroke,) = strokes_from_canvas({"objects": [fabric_path(**changes)]})
    return stroke


@given(drawn=st.lists(strokes, max_size=4))
def test_strokes_survive_the_way_onto_the_canvas_and_back(drawn):
    canvas_json = json.loads(json.dumps(canvas_json_of(drawn)))
    back = strokes_from_canvas(canvas_json)
    assert len(back) == len(drawn)
    for before, after in zip(drawn, back, strict=True):
        if len(before.points) == 1:  # a dot is a line of a hundredth of a pixel on the canvas
            np.testing.assert_allclose(after.points, np.repeat(before.points, 2, axis=0), atol=0.011)
        else:
            np.testing.assert_allclose(after.points, before.points, atol=1e-9)
        assert after.width == before.width


@given(start=points, controls=st.lists(st.tuples(points, points), min_size=1, max_size=8), end=points)
def test_an_untouched_stroke_of_curves_stays_where_it_was_drawn(start, controls, end):
    """Fabric takes the box of a quadratic curve from the cubic one with the control point doubled."""
    path = [["M", *start], *(["Q", *control, *to] for control, to in controls), ["L", *end]]
    dense, at = [np.array([start])], np.array(start)
    t = np.linspace(0, 1, 2001)[:, None]
    for control, to in np.array(controls):
        dense.append(at * (1 - t) ** 3 + control * (3 * t * (1 - t)) + to * t**3)
        at = to
    dense.append(np.array([end]))
    box = np.vstack(dense)
    left, top = (box.min(axis=0) + box.max(axis=0)) / 2
    stroke = read(path=path, left=left, top=top)
    np.testing.assert_allclose(stroke.points[0], start, atol=1e-3)
    np.testing.assert_allclose(stroke.points[4::4], [to for _, to in controls], atol=1e-3)
    np.testing.assert_allclose(stroke.points[-1], end, atol=1e-3)


def test_a_curve_is_followed():
    stroke = read(path=[["M", 0, 0], ["Q", 40, 0, 40, 40]], left=20, top=20)
    np.testing.assert_allclose(stroke.points[2], [30, 10])  # the middle of a quadratic Bézier curve


# What each edit does to the hook's points, taken from its middle (30, 50), worked out by hand.
EDITS = {
    "moved": ({"left": 130, "top": 90}, [[110, 60], [150, 60], [150, 120]]),
    "scaled": ({"scaleX": 2, "scaleY": 0.5}, [[60, 85], [140, 85], [140, 115]]),
    "turned by a right angle": ({"angle": 90}, [[130, 80], [130, 120], [70, 120]]),
    "flipped across": ({"flipX": True}, [[120, 70], [80, 70], [80, 130]]),
    "flipped down": ({"flipY": True}, [[80, 130], [120, 130], [120, 70]]),
    "skewed": ({"skewX": 45}, [[50, 70], [90, 70], [150, 130]]),
    "flipped, scaled, then turned": (
        {"flipX": True, "scaleX": 2, "angle": 90},
        [[130, 140], [130, 60], [70, 60]],
    ),
    # The origin at the left and the top is a corner of the box with the pen's width around it.
    "kept by its corner": ({"originX": "left", "originY": "top"}, [[105, 105], [145, 105], [145, 165]]),
    "kept by its corner, scaled": (
        {"originX": "left", "originY": "top", "scaleX": 2, "scaleY": 2},
        [[110, 110], [190, 110], [190, 230]],
    ),
    "kept by its corner, scaled with the pen as it was": (
        {"originX": "left", "originY": "top", "scaleX": 2, "scaleY": 2, "strokeUniform": True},
        [[105, 105], [185, 105], [185, 225]],
    ),
    "kept by its corner, turned": (
        {"originX": "left", "originY": "top", "angle": 90},
        [[95, 105], [95, 145], [35, 145]],
    ),
    "kept by its other corner": (
        {"originX": "right", "originY": "bottom"},
        [[55, 35], [95, 35], [95, 95]],
    ),
}


@pytest.mark.parametrize(("edit", "expected"), EDITS.values(), ids=EDITS.keys())
def test_an_edited_stroke_is_read_as_it_looks(edit, expected):
    np.testing.assert_allclose(read(**edit).points, expected, atol=1e-9)


@given(
    angle=st.floats(-360, 360),
    scale=st.tuples(st.floats(0.1, 5), st.floats(0.1, 5)),
    skew=st.tuples(st.floats(-60, 60), st.floats(-60, 60)),
    flip=st.tuples(st.booleans(), st.booleans()),
)
def test_edits_apply_in_fabrics_order(angle, scale, skew, flip):
    """Skew y, then x, then scale and flip, then turn, then move: a point as a complex number."""
    edited = read(
        angle=angle,
        scaleX=scale[0],
        scaleY=scale[1],
        skewX=skew[0],
        skewY=skew[1],
        flipX=flip[0],
        flipY=flip[1],
    )
    for (x, y), found in zip(HOOK_POINTS - [30, 50], edited.points, strict=True):
        skewed_y = y + x * math.tan(math.radians(skew[1]))
        skewed_x = x + skewed_y * math.tan(math.radians(skew[0]))
        scaled = complex(skewed_x * scale[0] * (-1) ** flip[0], skewed_y * scale[1] * (-1) ** flip[1])
        expected = scaled * cmath.exp(1j * math.radians(angle))
        np.testing.assert_allclose(found - 100, [expected.real, expected.imag], atol=1e-6)


def test_the_pen_grows_with_its_stroke_unless_told_not_to():
    assert read(scaleX=2, scaleY=2).width == pytest.approx(20)
    assert read(scaleX=2, scaleY=2, strokeUniform=True).width == 10


UNREADABLE = {
    "not a path": fabric_path(type="circle"),
    "no path": {"type": "Path"},
    "an empty path": fabric_path(path=[]),
    "a path as text": fabric_path(path="M 0 0 L 1 1"),
    "no start": fabric_path(path=[["L", 1, 1]]),
    "two starts": fabric_path(path=[["M", 1, 1], ["M", 2, 2]]),
    "an unknown command": fabric_path(path=[["M", 1, 1], ["A", 2, 2]]),
    "a number too few": fabric_path(path=[["M", 1, 1], ["Q", 2, 2, 3]]),
    "a word for a number": fabric_path(path=[["M", "one", 1]]),
    "not a number": fabric_path(path=[["M", math.nan, 1]]),
    "an infinite coordinate": fabric_path(path=[["M", 1, 1], ["L", math.inf, 1]]),
    "a huge coordinate": fabric_path(path=[["M", 1, 1], ["L", 1e300, 1]]),
    "a huge integer": fabric_path(path=[["M", 1, 10**400]]),
    "a huge scale": fabric_path(scaleX=1e300),
    "a far place": fabric_path(left=1e6),
    "no place": fabric_path(left=None),
    "a turn by infinity": fabric_path(angle=math.inf),
    "a skew to infinity": fabric_path(skewX=90),
    "no pen": fabric_path(strokeWidth=0),
    "a wide pen": fabric_path(strokeWidth=1e9),
    "an unknown origin": fabric_path(originX="middle"),
}


@pytest.mark.parametrize("fabric", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_stroke_that_cannot_be_read_is_refused(fabric):
    with pytest.raises(UnreadableDrawing):
        strokes_from_canvas({"objects": [fabric]})


@pytest.mark.parametrize("canvas_json", [None, [], {}, "objects", {"objects": 3}, {"objects": [1]}])
def test_what_is_no_drawing_is_refused(canvas_json):
    with pytest.raises(UnreadableDrawing):
        strokes_from_canvas(canvas_json)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)
numbers = st.floats() | st.integers() | st.none() | st.text(max_size=3)
commands = st.lists(
    st.tuples(st.sampled_from(["M", "L", "Q", "Z", ""]) | anything, st.lists(numbers, max_size=5)).map(
        lambda command: [command[0], *command[1]]
    ),
    max_size=4,
)
transforms = [
    "left",
    "top",
    "scaleX",
    "scaleY",
    "angle",
    "skewX",
    "skewY",
    "strokeWidth",
    "originX",
    "flipX",
]


@given(
    canvas_json=anything
    | st.fixed_dictionaries({"objects": anything})
    | st.fixed_dictionaries(
        {
            "objects": st.lists(
                st.builds(
                    lambda path, changes: fabric_path(path=path, **changes),
                    commands | st.just(HOOK),
                    st.dictionaries(st.sampled_from(transforms), numbers | anything, max_size=3),
                ),
                max_size=2,
            )
        }
    )
)
def test_any_json_is_read_or_refused(canvas_json):
    try:
        read_strokes = strokes_from_canvas(canvas_json)
    except UnreadableDrawing:
        return
    for stroke in read_strokes:
        assert np.isfinite(stroke.points).all() and stroke.width > 0


def test_too_many_strokes_are_refused():
    with pytest.raises(UnreadableDrawing, match="2,001 strokes"):
        strokes_from_canvas({"objects": [fabric_path()] * (MAX_STROKES + 1)})


def test_too_many_points_of_all_strokes_together_are_refused():
    long = fabric_path(path=[["M", 1, 1], *[["L", 2, 2]] * (MAX_COMMANDS // 10)])
    assert len(strokes_from_canvas({"objects": [long]})) == 1
    with pytest.raises(UnreadableDrawing, match="points"):
        strokes_from_canvas({"objects": [long] * 10})


def coverage(stroke, shape):
    """The share of each pixel under the pen, from 16 × 16 places in it: a point is under the pen where
    its distance to the polyline is at most half the pen's width."""
    height, width = shape
    y, x = np.meshgrid((np.arange(height * 16) + 0.5) / 16, (np.arange(width * 16) + 0.5) / 16, indexing="ij")
    under = np.zeros(x.shape, bool)
    for (ax, ay), (bx, by) in zip(stroke.points, np.roll(stroke.points, -1, axis=0), strict=True):
        if len(stroke.points) > 1 and (bx, by) == tuple(stroke.points[0]):
            break
        length = (bx - ax) ** 2 + (by - ay) ** 2
        t = np.clip(((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / (length or 1), 0, 1)
        under |= (x - ax - t * (bx - ax)) ** 2 + (y - ay - t * (by - ay)) ** 2 <= (stroke.width / 2) ** 2
    return under.reshape(height, 16, width, 16).mean(axis=(1, 3)) * 255


@pytest.mark.parametrize(
    "stroke",
    [
        Stroke(np.array([[20.0, 25.0]]), 20.0),
        Stroke(np.array([[20.3, 25.7]]), 7.5),
        Stroke(np.array([[12.0, 25.0], [40.0, 25.0]]), 12.0),
        Stroke(np.array([[12.0, 10.0], [37.6, 41.3]]), 8.0),
        Stroke(np.array([[12.0, 12.0], [40.0, 14.0], [14.0, 40.0]]), 6.0),
    ],
    ids=["disc", "small disc", "level line", "sloping line", "corner"],
)
def test_ink_is_what_lies_under_a_round_pen(stroke):
    expected = coverage(stroke, (50, 50))
    found = render([stroke], (50, 50)).astype(float)
    assert found.sum() == pytest.approx(expected.sum(), rel=0.04)
    assert np.abs(found - expected).sum() < 0.06 * expected.sum()
    # The middle of the ink, to an eighth of a pixel.
    place = np.arange(50)
    for axis in (0, 1):
        middle = place @ found.sum(axis=axis) / found.sum()
        assert middle == pytest.approx(place @ expected.sum(axis=axis) / expected.sum(), abs=0.125)


def test_ink_beyond_the_canvas_is_cut_off():
    ink = render([Stroke(np.array([[-50.0, 10.0], [500.0, 10.0]]), 10.0)], (20, 30))
    assert ink.shape == (20, 30)
    assert (ink[6:14] == 255).all() and not ink[:4].any() and not ink[16:].any()


def test_ink_over_ink_without_end_is_refused():
    there_and_back = np.tile([[0.0, 0.0], [300.0, 300.0]], (20_000, 1))
    with pytest.raises(UnreadableDrawing, match="goes over itself"):
        render([Stroke(there_and_back, 100.0)], (300, 300))


@given(drawn=st.lists(strokes, min_size=1, max_size=4))
def test_the_bounding_box_holds_all_ink(drawn):
    left, top, right, bottom = bounding_box(drawn)
    moved = [stroke.moved(50 - left, 50 - top) for stroke in drawn]
    ink = render(moved, (int(bottom - top) + 100, int(right - left) + 100))
    outside = ink.copy()
    outside[50:-50, 50:-50] = 0
    assert not outside.any()
    assert ink.any()
