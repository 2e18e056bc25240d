"""Strokes: the ways of a pen, as the canvas sends them, and drawing them as pixels."""

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
MAX_COMMANDS = 100_000
MAX_COORDINATE = 100_000.0
_CURVE_STEPS = 4
_OVERSAMPLING = 4


@dataclass(frozen=True, eq=False)
class Stroke:
    """One way of the pen from down to up."""

    points: Points
    """(n, 2): x to the right and y down, in pixels."""
    width: float
    """The pen's width in pixels."""

    def moved(self, dx: float, dy: float) -> "Stroke":
        """The stroke, `dx` to the right and `dy` down."""
        return replace(self, points=self.points + np.array([dx, dy]))

    def scaled(self, factor: float) -> "Stroke":
        """The stroke `factor` times as large, pen included."""
        return Stroke(self.points * factor, self.width * factor)


def bounding_box(strokes: Iterable[Stroke]) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the ink; (0, 0, 1, 1) where there are no strokes."""
    boxes = [
        (*(stroke.points.min(axis=0) - stroke.width / 2), *(stroke.points.max(axis=0) + stroke.width / 2))
        for stroke in strokes
    ]
    if not boxes:
        return (0.0, 0.0, 1.0, 1.0)
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return (math.floor(min(lefts)), math.floor(min(tops)), math.ceil(max(rights)), math.ceil(max(bottoms)))


def render(strokes: Iterable[Stroke], shape: tuple[int, int]) -> NDArray[np.uint8]:
    """The strokes as ink, 0 to 255, anti-aliased, with round ends and joints; (height, width) = `shape`."""
    height, width = shape
    large = Image.new("L", (width * _OVERSAMPLING, height * _OVERSAMPLING))
    pen = ImageDraw.Draw(large)
    for stroke in strokes:
        # Pillow's pixel (0, 0) covers the square whose middle is half a pixel in.
        points = stroke.points * _OVERSAMPLING - 0.5
        radius = stroke.width * _OVERSAMPLING / 2
        if len(points) > 1:
            pen.line([(x, y) for x, y in points], fill=255, width=max(1, round(2 * radius)), joint="curve")
        for x, y in (points[0], points[-1]):
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return np.asarray(large.reduce(_OVERSAMPLING))


def strokes_from_canvas(canvas_json: object) -> tuple[Stroke, ...]:
    """The strokes in a canvas's `json_data`, each where it lies after moving, scaling and turning.

    Raises:
        UnreadableDrawing: it is not what a canvas sends, or larger than anyone draws.
    """
    if not isinstance(canvas_json, Mapping) or not isinstance(canvas_json.get("objects"), list):
        raise UnreadableDrawing(
            'This is not a drawing of the canvas: an object with a list named "objects" was expected.'
        )
    objects: list[object] = canvas_json["objects"]
    if len(objects) > MAX_STROKES:
        raise UnreadableDrawing(
            f"The drawing has {len(objects):,} strokes; at most {MAX_STROKES:,} can be read."
        )
    try:
        return tuple(_stroke(each) for each in objects)
    except (KeyError, TypeError, ValueError, IndexError, OverflowError, AttributeError) as error:
        raise UnreadableDrawing(
            "A stroke of this drawing cannot be read. Clear the canvas and draw again."
        ) from error


def canvas_json_of(strokes: Sequence[Stroke]) -> dict[str, Any]:
    """The strokes as `json_data`, to be put on a canvas: white paths, as its own pen draws them."""
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


def _stroke(fabric: object) -> Stroke:
    """One Fabric object as a stroke; raises what `strokes_from_canvas` translates."""
    if not isinstance(fabric, Mapping) or str(fabric.get("type")).lower() != "path":
        raise UnreadableDrawing(
            "The drawing holds something other than strokes of the pen, which cannot be read."
        )
    path = _flatten(fabric["path"])
    width = _number(fabric, "strokeWidth", 1.0)
    scale = np.array([_number(fabric, "scaleX", 1.0), _number(fabric, "scaleY", 1.0)])
    if not 0 < width <= MAX_COORDINATE or not np.all(np.abs(scale) <= MAX_COORDINATE):
        raise ValueError(f"pen width {width}, scale {scale}")
    points = _transformed(path, fabric, scale, width)
    if not np.all(np.abs(points) <= MAX_COORDINATE):
        raise ValueError("a stroke far outside of any canvas")
    pen = width if fabric.get("strokeUniform") else width * math.sqrt(abs(scale[0] * scale[1]))
    return Stroke(points, max(pen, 0.01))


def _number(fabric: Mapping[str, Any], key: str, default: float) -> float:
    value = float(fabric.get(key, default))
    if not math.isfinite(value):
        raise ValueError(f"{key} is {value}")
    return value


def _flatten(commands: Sequence[Sequence[Any]]) -> Points:
    """Fabric's path commands (M, L, Q, C, Z; absolute) as a polyline."""
    if not 0 < len(commands) <= MAX_COMMANDS:
        raise ValueError(f"{len(commands)} commands")
    points: list[Points] = []
    for command in commands:
        if command[0] == "Z":
            points.append(points[0][:1])
            continue
        controls = np.array([float(value) for value in command[1:]]).reshape(-1, 2)
        if not np.all(np.isfinite(controls)):
            raise ValueError("a coordinate that is no number")
        expected = {"M": 1, "L": 1, "Q": 2, "C": 3}[command[0]]
        if len(controls) != expected:
            raise ValueError(f"{command[0]} with {len(controls)} points")
        points.append(controls if expected == 1 else _bezier(np.vstack([points[-1][-1], controls])))
    return np.vstack(points)


def _bezier(controls: Points) -> Points:
    """Points on a Bézier curve after its start, by its Bernstein polynomials."""
    degree = len(controls) - 1
    t = np.arange(1, _CURVE_STEPS + 1)[:, None] / _CURVE_STEPS
    k = np.arange(degree + 1)
    binomials = np.array([math.comb(degree, i) for i in k])
    curve: Points = (binomials * t**k * (1 - t) ** (degree - k)) @ controls
    return curve


def _transformed(path: Points, fabric: Mapping[str, Any], scale: Points, stroke_width: float) -> Points:
    """Apply Fabric's transform: about the path's middle flip, skew, scale and turn, then move.

    Fabric keeps the place of the object's origin in `left` and `top`. For a stroke that was never
    edited all of this is the identity.
    """
    low, high = path.min(axis=0), path.max(axis=0)
    flips = np.array([-1.0 if fabric.get(key) else 1.0 for key in ("flipX", "flipY")])
    skew_x, skew_y, angle = (math.radians(_number(fabric, key, 0.0)) for key in ("skewX", "skewY", "angle"))
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    skew = np.array([[1.0, math.tan(skew_x)], [0.0, 1.0]]) @ np.array([[1.0, 0.0], [math.tan(skew_y), 1.0]])
    local = np.diag(scale * flips) @ skew
    uniform = bool(fabric.get("strokeUniform"))
    size = high - low + (0.0 if uniform else stroke_width)
    extent = np.abs(local) @ size + (stroke_width if uniform else 0.0)
    offsets = {"left": 0.5, "top": 0.5, "center": 0.0, "right": -0.5, "bottom": -0.5}
    origin = np.array([offsets[str(fabric.get(key, "center"))] for key in ("originX", "originY")])
    position = np.array([_number(fabric, "left", 0.0), _number(fabric, "top", 0.0)])
    centre = position + turn @ (origin * extent)
    moved: Points = (path - (low + high) / 2) @ (turn @ local).T + centre
    return moved
