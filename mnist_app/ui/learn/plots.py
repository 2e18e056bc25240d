"""Plots of curves as SVG, fast enough to follow a slider.

An SVG is shown as an image with a data URI, because `st.html` removes inline SVG.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnist_app.ui.parts.images import svg_uri

WIDTH, HEIGHT = 480, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 16, 14, 52
_TICKS = 5
# Text, grid, faint lines, first colour, second colour. All but the grid have a contrast of at least 3 : 1.
_COLOURS = {
    "light": ("#1d2126", "#d5d2c8", "#77736a", "#2450b8", "#b4500a"),
    "dark": ("#ecebe6", "#3a3f48", "#8b8f98", "#7b9ff5", "#ff9e54"),
}

Numbers = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Curve:
    """A line through points, or the points alone."""

    x: Numbers
    """(n,)"""
    y: Numbers
    """(n,)"""
    kind: str = "line"
    """`line`, `walk` (a line with dots), `dot` or `faint`; with ` second` appended for the second colour."""


@dataclass(frozen=True)
class Axis:
    """Title and range of an axis."""

    title: str
    low: float
    high: float


def plot(curves: Sequence[Curve], x: Axis, y: Axis, meaning: str) -> str:
    """Return the curves as an image, clipped at the edges of the plot area.

    Args:
        curves: The curves; later ones are drawn on top.
        x: The horizontal axis.
        y: The vertical axis.
        meaning: Description for screen readers.
    """
    lines = "".join(_curve(curve, x, y) for curve in curves)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f"<style>{_style(st.context.theme.type == 'dark')}</style>{_grid(x, y)}"
        f'<svg x="{_LEFT}" y="{_TOP}" width="{_plane()[0]}" height="{_plane()[1]}">{lines}</svg></svg>'
    )
    return (
        f'<img class="plot" width="{WIDTH}" height="{HEIGHT}" src="{svg_uri(svg)}" '
        f'alt="{escape(meaning, quote=True)}">'
    )


def _style(dark: bool) -> str:
    text, grid, faint, first, second = _COLOURS["dark" if dark else "light"]
    return (
        f"text{{fill:{text};font:16px sans-serif}}"
        f"path{{fill:none;stroke:{first};stroke-width:2.5;stroke-linejoin:round}}circle{{fill:{first}}}"
        f".grid{{stroke:{grid};stroke-width:1}}.faint path{{stroke:{faint};stroke-width:2}}"
        f".walk path{{stroke-width:1.5}}"
        f".second path{{stroke:{second};stroke-dasharray:5 3}}.second circle{{fill:{second}}}"
    )


def _plane() -> tuple[int, int]:
    return WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM


def _grid(x: Axis, y: Axis) -> str:
    width, height = _plane()
    parts = []
    for value in ticks(x.low, x.high):
        at = _LEFT + width * (value - x.low) / (x.high - x.low)
        parts.append(
            f'<text x="{at:.1f}" y="{_TOP + height + 18}" text-anchor="middle">{_short(value)}</text>'
        )
    for value in ticks(y.low, y.high):
        at = _TOP + height * (1 - (value - y.low) / (y.high - y.low))
        parts.append(f'<path class="grid" d="M{_LEFT},{at:.1f}h{width}"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{_short(value)}</text>')
    middle_x, middle_y = _LEFT + width / 2, _TOP + height / 2
    parts.append(f'<text x="{middle_x}" y="{HEIGHT - 6}" text-anchor="middle">{escape(x.title)}</text>')
    parts.append(
        f'<text x="14" y="{middle_y}" text-anchor="middle" transform="rotate(-90 14 {middle_y})">'
        f"{escape(y.title)}</text>"
    )
    return "".join(parts)


def ticks(low: float, high: float) -> list[float]:
    """Return about five round numbers from `low` to `high`."""
    rough = (high - low) / _TICKS
    unit = 10 ** math.floor(math.log10(rough))
    step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough * 0.99)
    first = math.ceil(low / step - 1e-9)
    return [round(step * count, 10) + 0.0 for count in range(first, math.floor(high / step + 1e-9) + 1)]


def _short(value: float) -> str:
    return f"{value:g}".replace("-", "−")


def _curve(curve: Curve, x: Axis, y: Axis) -> str:
    width, height = _plane()
    # Far points are moved to just beyond the edge, because browsers fail on huge coordinates.
    across = np.clip(width * (curve.x - x.low) / (x.high - x.low), -2 * width, 3 * width)
    down = np.clip(height * (1 - (curve.y - y.low) / (y.high - y.low)), -2 * height, 3 * height)
    points = [f"{left:.1f},{top:.1f}" for left, top in zip(across, down, strict=True)]
    drawn = "" if curve.kind.startswith("dot") else f'<path d="M{"L".join(points)}"/>'
    if curve.kind.startswith(("dot", "walk")):
        radius = 7 if curve.kind.startswith("dot") else 3.5
        drawn += "".join(
            f'<circle cx="{left:.1f}" cy="{top:.1f}" r="{radius}"/>'
            for left, top in zip(across, down, strict=True)
        )
    return f'<g class="{curve.kind}">{drawn}</g>'
