"""The map of Most alike: test images as small digits, and a ring for the drawing, which follows the pen."""

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnist_app.settings import ASSETS
from mnist_app.ui.shared.likeness_job import Likeness

WIDTH, HEIGHT = 640, 480
"""Of the map, in units of its own."""
_MARGIN = 16
Places = NDArray[np.floating]

# The script is the answer's own, which also moves the ring.
_map = st.components.v2.component(
    "mnist_app.digit_map",
    html='<div class="live-map"></div>',
    js=(ASSETS / "answer_panel.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


@dataclass(frozen=True, eq=False)
class Chart:
    """Fits the plane of the features into the map. Both axes have one scale, so distances compare."""

    middle: Places
    """(2,): what lies in the middle of the map."""
    scale: float
    """Units of the map for a distance of 1."""

    @classmethod
    def around(cls, places: Places) -> "Chart":
        """Return the chart that has room for all places (m, 2)."""
        low, high = places.min(axis=0), places.max(axis=0)
        room = np.array([WIDTH - 2 * _MARGIN, HEIGHT - 2 * _MARGIN])
        return cls((low + high) / 2, float((room / np.maximum(high - low, 1e-9)).min()))

    def put(self, places: Places) -> NDArray[np.int64]:
        """Return the whole units of the map for places (…, 2); what lies outside is put on the edge."""
        units = (places - self.middle) * self.scale * (1, -1) + (WIDTH / 2, HEIGHT / 2)
        inside = np.clip(units, _MARGIN / 2, (WIDTH - _MARGIN / 2, HEIGHT - _MARGIN / 2))
        return np.round(inside).astype(np.int64)


def middles(likeness: Likeness) -> dict[int, Places]:
    """Return the middle (2,) of each digit's test images on the map, by the digit."""
    labels = likeness.answered.dataset.y_test[likeness.sample]
    return {int(digit): np.median(likeness.places[labels == digit], axis=0) for digit in np.unique(labels)}


def show_map(likeness: Likeness, chart: Chart, place: Places | None, meaning: str) -> None:
    """Show the map.

    Args:
        likeness: The test images and their places.
        chart: How they lie on the map.
        place: The drawing's place, (2,); None if nothing was drawn.
        meaning: Description for screen readers; must not come from outside.
    """
    _map(key="digit_map", data={"map": map_html(likeness, chart, place, meaning)})


def map_html(likeness: Likeness, chart: Chart, place: Places | None, meaning: str) -> str:
    """Return the map as SVG; the arguments are those of `show_map`."""
    labels, units = likeness.answered.dataset.y_test[likeness.sample], chart.put(likeness.places)
    points = "".join(_points(digit, units[labels == digit]) for digit in range(10))
    names = "".join(_name(digit, *chart.put(middle)) for digit, middle in middles(likeness).items())
    x, y = (WIDTH // 2, HEIGHT // 2) if place is None else chart.put(place)
    hidden = ' visibility="hidden"' if place is None else ""
    return (
        f'<svg class="digit-map" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{meaning}">{points}'
        f'{names}<g class="drawing" style="transform: translate({x}px, {y}px)"{hidden}>'
        '<circle r="13"/><circle r="13"/><circle r="3"/></g></svg>'
    )


def _points(digit: int, units: NDArray[np.int64]) -> str:
    """Return all test images of a digit as one text, in which each letter has its place."""
    if not len(units):
        return ""
    across, down = (" ".join(map(str, column)) for column in units.T)
    return f'<text class="digit-{digit}" x="{across}" y="{down}">{str(digit) * len(units)}</text>'


def _name(digit: int, x: int, y: int) -> str:
    return f'<text class="name digit-{digit}" x="{x}" y="{y}">{digit}</text>'
