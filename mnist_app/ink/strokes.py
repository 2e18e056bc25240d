"""Strokes: the paths of a pen as the canvas sends them, and their rendering as pixels."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mnist_app.errors import UnreadableDrawing

Points = NDArray[np.float64]

MAX_STROKES = 2_000
MAX_COMMANDS = 50_000
"""Most path commands of one drawing: a quarter of an hour of drawing without a pause."""
MAX_COORDINATE = 100_000.0
_OVERSAMPLING = 4
_MAX_PAINTED = 1e8
_CURVE_STEPS = np.arange(1, 5)[:, None] / 4
_QUADRATIC = np.hstack([(1 - _CURVE_STEPS) ** 2, 2 * _CURVE_STEPS * (1 - _CURVE_STEPS), _CURVE_STEPS**2])
"""Bernstein polynomials of a quadratic Bézier curve at four points after its start."""


@dataclass(frozen=True, eq=False)
class Stroke:
    """Path of the pen from the moment it touches to the moment it lifts."""

    points: Points
    """(n, 2): x to the right and y down, in pixels."""
    width: float
    """The pen's width in pixels."""

    def moved(self, dx: float, dy: float) -> "Stroke":
        """Return the stroke moved `dx` to the right and `dy` down."""
        return replace(self, points=self.points + np.array([dx, dy]))

    def scaled(self, factor: float) -> "Stroke":
        """Return the stroke `factor` times as large, pen included."""
        return Stroke(self.points * factor, self.width * factor)


def bounding_box(strokes: Iterable[Stroke]) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of the ink that `render` draws, in whole pixels.

    Without strokes the box is (0, 0, 1, 1).
    """
    boxes = []
    for stroke in strokes:
        reach = stroke.width / 2 + 1 / _OVERSAMPLING  # what is drawn is rounded to a subpixel
        boxes.append((*(stroke.points.min(axis=0) - reach), *(stroke.points.max(axis=0) + reach)))
    if not boxes:
        return (0.0, 0.0, 1.0, 1.0)
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return (math.floor(min(lefts)), math.floor(min(tops)), math.ceil(max(rights)), math.ceil(max(bottoms)))


def within(strokes: Iterable[Stroke], width: int, height: int) -> tuple[Stroke, ...]:
    """Return the strokes that leave ink on a canvas of this size; a stroke can be moved off it."""
    seen = []
    for stroke in strokes:
        left, top, right, bottom = bounding_box([stroke])
        if right > 0 and bottom > 0 and left < width and top < height:
            seen.append(stroke)
    return tuple(seen)


def render(strokes: Iterable[Stroke], shape: tuple[int, int]) -> NDArray[np.uint8]:
    """Draw strokes as ink with round ends and joints, anti-aliased.

    Args:
        strokes: The strokes in pixels.
        shape: (height, width) of the result.

    Returns:
        Ink, 0 to 255.

    Raises:
        UnreadableDrawing: There is so much ink that drawing it would take many seconds.
    """
    strokes = tuple(strokes)
    if sum(_count_painted(stroke) for stroke in strokes) > _MAX_PAINTED:
        raise UnreadableDrawing(
            "This drawing goes over itself too often to be read. Clear it and draw again."
        )
    height, width = shape
    large = Image.new("L", (width * _OVERSAMPLING, height * _OVERSAMPLING))
    pen = ImageDraw.Draw(large)
    for stroke in strokes:
        _draw(pen, stroke.points * _OVERSAMPLING, max(1, round(stroke.width * _OVERSAMPLING)))
    return np.asarray(large.reduce(_OVERSAMPLING))


def _draw(pen: ImageDraw.ImageDraw, points: Points, width: int) -> None:
    """Draw a line with a disc at each of its points, in Pillow's whole pixels."""
    if len(points) > 1:
        # Only a line of odd width lies evenly about its pixel.
        pen.line(np.floor(points).ravel().tolist(), fill=255, width=width | 1)
    for left, top in np.rint(points - width / 2).tolist():
        pen.ellipse((left, top, left + width - 1, top + width - 1), fill=255)


def _count_painted(stroke: Stroke) -> float:
    """Count the pixels that drawing a stroke sets; a pixel set twice counts twice."""
    length = float(np.linalg.norm(np.diff(stroke.points, axis=0), axis=1).sum())
    return stroke.width * (length + stroke.width * len(stroke.points))


def strokes_from_canvas(canvas_json: object) -> tuple[Stroke, ...]:
    """Read the strokes in a canvas's `json_data`, each where it lies after moving, scaling and turning.

    Raises:
        UnreadableDrawing: This is not what a canvas sends, or it is larger than anyone draws.
    """
    if not isinstance(canvas_json, Mapping) or not isinstance(canvas_json.get("objects"), list):
        raise UnreadableDrawing(
            'This is not a drawing of the canvas: an object with a list named "objects" was expected.'
        )
    objects: list[Any] = canvas_json["objects"]
    if len(objects) > MAX_STROKES:
        raise UnreadableDrawing(
            f"The drawing has {len(objects):,} strokes; at most {MAX_STROKES:,} can be read."
        )
    try:
        commands = sum(len(fabric["path"]) for fabric in objects)
        if commands > MAX_COMMANDS:
            raise UnreadableDrawing(
                f"The drawing's strokes have {commands:,} points; at most {MAX_COMMANDS:,} can be read."
            )
        return tuple(_stroke(each) for each in objects)
    except (KeyError, TypeError, ValueError, IndexError, OverflowError, AttributeError) as error:
        raise UnreadableDrawing(
            "A stroke of this drawing cannot be read. Clear the canvas and draw again."
        ) from error


def canvas_json_of(strokes: Sequence[Stroke]) -> dict[str, Any]:
    """Return strokes as `json_data` for a canvas: white paths, as its own pen draws them."""
    return {"objects": [_fabric_path(stroke) for stroke in strokes]}


def _fabric_path(stroke: Stroke) -> dict[str, Any]:
    points = [[round(float(x), 2), round(float(y), 2)] for x, y in stroke.points]
    if len(points) == 1:
        points.append([points[0][0], points[0][1] + 0.01])
    low, high = np.min(points, axis=0), np.max(points, axis=0)
    centre, extent = (low + high) / 2, high - low
    return {
        "type": "Path",
        "originX": "center",
        "originY": "center",
        "left": float(centre[0]),
        "top": float(centre[1]),
        "width": float(extent[0]),
        "height": float(extent[1]),
        "fill": None,
        "stroke": "#ffffff",
        "strokeWidth": stroke.width,
        "strokeLineCap": "round",
        "strokeLineJoin": "round",
        "strokeMiterLimit": 10,
        "path": [["M", *points[0]], *(["L", *point] for point in points[1:])],
    }


def _stroke(fabric: Any) -> Stroke:
    """Read one Fabric object as a stroke; `strokes_from_canvas` translates what this raises."""
    if str(fabric["type"]).lower() != "path":
        raise UnreadableDrawing(
            "The drawing holds something other than strokes of the pen, which cannot be read."
        )
    width = _number(fabric, "strokeWidth", 1.0)
    scale = np.array([_number(fabric, "scaleX", 1.0), _number(fabric, "scaleY", 1.0)])
    if not 0 < width <= MAX_COORDINATE:
        raise ValueError(f"pen width {width}")
    path, box = _flatten(fabric["path"])
    points = _check_bounds(_transform(path, box, fabric, scale, width))
    pen = width if fabric.get("strokeUniform") else width * math.sqrt(abs(scale[0] * scale[1]))
    if not pen <= MAX_COORDINATE:
        raise ValueError(f"pen width {pen}")
    return Stroke(points, max(pen, 0.01))


def _number(fabric: Mapping[str, Any], key: str, default: float) -> float:
    value = float(fabric.get(key, default))
    if not abs(value) <= MAX_COORDINATE:
        raise ValueError(f"{key} is {value}")
    return value


def _check_bounds(points: Points) -> Points:
    if not np.all(np.abs(points) <= MAX_COORDINATE):  # false for NaN too
        raise ValueError("a point far outside of any canvas")
    return points


def _flatten(commands: Sequence[Sequence[Any]]) -> tuple[Points, Points]:
    """Turn path commands (one M, then L and Q; absolute) into a polyline and the box around it.

    Returns:
        Points (n, 2), and the box [[left, top], [right, bottom]] that Fabric turns the path about. Fabric
        computes it from a cubic curve with the quadratic curve's control point doubled.
    """
    for i, command in enumerate(commands):
        if (command[0], len(command), i > 0) not in (("M", 3, False), ("L", 3, True), ("Q", 5, True)):
            raise ValueError(f"{command[0]} with {len(command) - 1} numbers as command {i}")
    # A line is a curve whose control point is its end.
    numbers = [[float(value) for value in (*command[1:], *command[1:])[:4]] for command in commands]
    controls, ends = np.split(_check_bounds(np.array(numbers)), 2, axis=1)
    starts = np.vstack([ends[:1], ends[:-1]])
    corners = np.vstack([ends, _extremes(starts, controls, ends)])
    curves = np.einsum("tk,kni->nti", _QUADRATIC, np.stack([starts, controls, ends]))
    is_kept = np.array([[command[0] == "Q"] * 3 + [True] for command in commands])
    return curves[is_kept], np.array([corners.min(axis=0), corners.max(axis=0)])


def _extremes(starts: Points, controls: Points, ends: Points) -> Points:
    """Return where each coordinate of the cubic curves of start, doubled control point and end turns back.

    The derivative, 3 ((1 - t)² (control - start) + t² (end - control)), has a root where start and end lie on
    the same side of the control point. Elsewhere a curve's extremes are its ends.
    """
    before, after = starts - controls, ends - controls
    turns = before * after > 0
    a, b = np.sqrt(np.abs(before)), np.sqrt(np.abs(after))
    t = np.where(turns, a, 0) / np.where(turns, a + b, 1)
    return np.where(turns, controls + (1 - t) ** 3 * before + t**3 * after, ends)


def _transform(
    path: Points, box: Points, fabric: Mapping[str, Any], scale: Points, stroke_width: float
) -> Points:
    """Apply Fabric's transform: skew, scale, flip and turn about the middle of the box, then move.

    Fabric stores the place of the object's origin in `left` and `top`. For a stroke that was never edited the
    transform is the identity.
    """
    middle, size = box.mean(axis=0), box[1] - box[0]
    flips = np.array([-1.0 if fabric.get(key) else 1.0 for key in ("flipX", "flipY")])
    skew_x, skew_y, angle = (math.radians(_number(fabric, key, 0.0)) for key in ("skewX", "skewY", "angle"))
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    skew = np.array([[1.0, math.tan(skew_x)], [0.0, 1.0]]) @ np.array([[1.0, 0.0], [math.tan(skew_y), 1.0]])
    local = np.diag(scale * flips) @ skew
    if fabric.get("strokeUniform"):
        extent = np.abs(local) @ size + stroke_width
    else:
        extent = np.abs(local) @ (size + stroke_width)
    offsets = {"left": 0.5, "top": 0.5, "center": 0.0, "right": -0.5, "bottom": -0.5}
    origin = np.array([offsets[str(fabric.get(key, "center"))] for key in ("originX", "originY")])
    place = np.array([_number(fabric, "left", middle[0]), _number(fabric, "top", middle[1])])
    moved: Points = (path - middle) @ (turn @ local).T + place + turn @ (origin * extent)
    return moved
