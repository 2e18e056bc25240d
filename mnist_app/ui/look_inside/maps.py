"""The maps of a layer as HTML, on one grey scale, each with an explanation on hover or click."""

from typing import TYPE_CHECKING

import numpy as np

from mnist_app.ui.look_inside.inside import Floats
from mnist_app.ui.parts import figures
from mnist_app.ui.parts.figures import Frame, grey_legend
from mnist_app.ui.parts.images import png_uri, to_pixels
from mnist_app.wording import number

if TYPE_CHECKING:
    from mnist_app.learning.explanation.layer_outputs import Filters, MapLayer


def maps_html(layer: "MapLayer", before: "MapLayer | None", image: Floats, by_strength: bool) -> str:
    """Return all maps of a layer as HTML.

    Args:
        layer: The layer.
        before: The layer before a pooling layer; None for a convolutional layer.
        image: The drawing, (28, 28) in [0, 1].
        by_strength: Whether the most active maps come first; else they are in the order of their numbers.
    """
    count, highest = layer.maps.shape[-1], float(layer.maps.max())
    order = np.argsort(-layer.maps.sum(axis=(0, 1)), kind="stable") if by_strength else np.arange(count)
    drawing = png_uri(to_pixels(image))
    scale = 1 / (highest or 1.0)
    tiles = "".join(_tile(layer, before, image, int(each), scale) for each in order)
    height, width = layer.maps.shape[:2]
    return (
        f'<div class="maps" style="--drawing:url({drawing})" role="group" '
        f'aria-label="{count} maps of {height} by {width}">{tiles}</div>'
        + grey_legend(highest, "One scale for all maps of this layer: the brighter, the stronger the find.")
    )


def _tile(layer: "MapLayer", before: "MapLayer | None", image: Floats, each: int, scale: float) -> str:
    """Return one map as a button, with the explanation that it opens."""
    values = layer.maps[:, :, each]
    words, identifier = _in_words(values, each), f"map-{layer.name}-{each}"
    style = f"--map:url({png_uri(to_pixels(values * scale))})"
    if before is not None:
        style += f";--before:url({png_uri(to_pixels(before.maps[:, :, each] * scale))})"
    return (
        f'<span class="explained" style="{style}">'
        f'<button type="button" class="map" popovertarget="{identifier}" aria-label="{words}">'
        f"<i></i>{each}</button>"
        f'<span popover="auto" id="{identifier}" class="explanation map-detail" role="note">'
        f"<b>{words}</b>{_detail(layer, before, image, each)}</span></span>"
    )


def _in_words(values: Floats, each: int) -> str:
    """Return a sentence about where a map is strongest, for its heading and for screen readers."""
    if not values.any():
        return f"Map {each} found nothing: it is 0 everywhere"
    row, column = _brightest(values)
    return f"Map {each}: strongest at row {row}, column {column}, with {number(values.max())}"


def _brightest(values: Floats) -> tuple[int, int]:
    row, column = np.unravel_index(int(values.argmax()), values.shape)
    return int(row), int(column)


def _detail(layer: "MapLayer", before: "MapLayer | None", image: Floats, each: int) -> str:
    """Return pictures and words that explain a map's strongest value."""
    values = layer.maps[:, :, each]
    row, column = _brightest(values)
    own = _picture("map", values.shape, Frame(row, column), f"map {each}")
    if before is not None:
        source = Frame(2 * row, 2 * column, 2, 2)
        larger = _picture("before", before.maps.shape[:2], source, f"map {each} before pooling")
        words = "Of the four numbers in the left frame the largest stays, in the right one."
        filters = before.filters
        shown = [larger, *([_filter(filters, each)] if filters else []), own]
    elif layer.filters is not None:
        top, left = layer.filters.corner(row, column)
        side = len(layer.filters.weights)
        window = _picture("drawing", image.shape, Frame(top, left, side, side), "the drawing")
        shown, words = (
            [window, _filter(layer.filters, each), own],
            _sum(layer.filters, each, float(values.max())),
        )
    else:
        height, width = (28 // side for side in values.shape)
        place = Frame(row * height, column * width, height, width)
        shown = [_picture("drawing", image.shape, place, "the drawing"), own]
        words = (
            "It is made of all maps of the layer before, by too many weights to show. The left frame is the "
            "middle of what it sees there."
        )
    return figures.row(*shown) + f"<p>{words}</p>"


def _filter(filters: "Filters", each: int) -> str:
    weights = filters.weights[:, :, each]
    kind = "small" if len(weights) == 3 else "tiny"
    grid = figures.signed_grid(weights, f"The weights of filter {each}", kind)
    return figures.figure(grid, f"filter {each}, bias {number(filters.biases[each])}")


def _sum(filters: "Filters", each: int, value: float) -> str:
    """Return the sum that gives the strongest value of a map, in words."""
    if value == 0:
        return "Wherever the filter is laid, sum and bias together are not above 0; ReLU makes that 0."
    bias = float(filters.biases[each])
    return (
        f"Pixels in the frame × weights, added up: {number(value - bias)}. "
        f"With the bias {number(bias)} that is {number(value)}."
    )


def _picture(name: str, shape: tuple[int, ...], frame: Frame, caption: str) -> str:
    """Return a picture with a frame on it.

    Args:
        name: Name of the CSS variable that holds the picture, on the map's element or on the whole group.
        shape: Height and width of the picture.
        frame: The part to be framed, which may reach over the edge.
        caption: Caption without the size.
    """
    height, width = shape
    inner = _within(frame, height, width)
    return figures.figure(
        f'<span class="framed" style="aspect-ratio:{width}/{height}" role="img" aria-label="{caption}">'
        f'<i style="background-image:var(--{name})"></i>{figures.frame_html(inner, height, width)}</span>',
        f"{caption}, {height} × {width}",
    )


def _within(frame: Frame, height: int, width: int) -> Frame:
    """Return the part of a frame that lies on the picture. A filter's window may reach over the edge."""
    top, left = max(frame.row, 0), max(frame.column, 0)
    bottom, right = min(frame.row + frame.height, height), min(frame.column + frame.width, width)
    return Frame(top, left, bottom - top, right - left)
