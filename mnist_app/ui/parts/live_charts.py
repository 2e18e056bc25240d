"""Charts that are refreshed every second: the curves of a training, and the watched digit's probabilities.

Their specifications are cached and only the data change. Altair takes tenths of a second to check a
specification. A browser that receives the same one again moves the lines instead of rebuilding the chart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import altair as alt
import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mnist_app.ui.parts.charts import (
    HEIGHT,
    INK,
    SPLITS,
    Measure,
    epochs_axis,
    measure_axis,
    split_dash,
)
from mnist_app.workspace.runs.records import Point, Probe

POINTS_SHOWN = 250
"""Largest number of points of a curve; longer curves are downsampled."""
MOMENTS_SHOWN = 120
"""Largest number of moments of the watched digit's ten curves."""
LIKELIEST_COLOUR = "#3f7be0"
OTHERS_COLOUR = "#85878c"
"""Both colours have a contrast of at least 3 : 1 to the page in both themes."""
_NAMED_FROM = 0.15
"""Probability that a line must reach to be named; lower lines lie too close together for names."""
_FLOORS = (0.95, 0.9, 0.8, 0.5)
"""Beginnings that a zoomed axis of accuracy can have."""
_FEWEST_TO_ZOOM = 4
_DIGITS = [str(digit) for digit in range(10)]

# Small types, because the data are sent every second.
_CURVES = np.dtype([("epoch", "f4"), ("value", "f4"), ("validation", "?"), ("chosen", "?")])
_PROBABILITIES = np.dtype(
    [("epoch", "f4"), *((digit, "f4") for digit in _DIGITS), ("likeliest", "i1"), ("chosen", "?")]
)


@dataclass(frozen=True)
class LiveChart:
    """A chart's data, specification and description."""

    rows: NDArray[np.void]
    """Structured array with a field for each column."""
    specification: Mapping[str, Any]
    """Specification in Vega-Lite, without data."""
    sentence: str
    """Description for screen readers."""

    def show(self, key: str) -> None:
        """Show the chart; if it is on the page already, only its lines move."""
        st.vega_lite_chart(self.rows, dict(self.specification), key=key, alt=self.sentence)


def accuracy_floor(points: Sequence[Point]) -> float:
    """Return where an axis of accuracy begins so that the later half of the curves fills it; mostly 0."""
    reached = max((point.epoch for point in points), default=0.0)
    later = [point.accuracy for point in points if point.epoch >= reached / 2]
    return next((floor for floor in _FLOORS if len(later) >= _FEWEST_TO_ZOOM and min(later) >= floor), 0.0)


def curves(
    points: Sequence[Point],
    measure: Measure,
    epochs: int,
    floor: float = 0.0,
    height: int = HEIGHT,
    is_named: bool = True,
    moment: float | None = None,
) -> LiveChart:
    """Return the chart of loss or accuracy over epochs, for training and validation.

    Args:
        points: The points of both splits.
        measure: The values on the vertical axis.
        epochs: Length of the horizontal axis.
        floor: Beginning of the axis of accuracy; lower values are out of sight.
        height: Height of the chart in pixels.
        is_named: Whether a legend names training and validation.
        moment: The epochs that a vertical rule marks; None for no rule.
    """
    rows = [(point.epoch, getattr(point, measure), point.split == "validation", False) for point in points]
    if moment is not None:
        rows.append((moment, 0.0, False, True))
    sentence = f"{measure.capitalize()} over {epochs} epochs, for training and validation."
    specification = _curves_specification(measure, epochs, floor, height, is_named)
    return LiveChart(np.array(rows, dtype=_CURVES), specification, sentence)


@lru_cache(maxsize=64)
def _curves_specification(
    measure: Measure, epochs: int, floor: float, height: int, is_named: bool
) -> Mapping[str, Any]:
    names = alt.expr.if_(alt.datum.validation, "validation", "training")
    words = alt.Legend(orient="top", title=None, symbolType="stroke", symbolStrokeWidth=2.5)
    legend = words if is_named else None
    named = _chart().transform_filter("!datum.chosen").transform_calculate(of=names)
    base = named.encode(
        x=epochs_axis(epochs),
        y=measure_axis(measure, floor=floor),
        color=alt.Color("of:N", scale=alt.Scale(domain=SPLITS), legend=legend),
        strokeDash=split_dash(legend),
        tooltip=[
            alt.Tooltip("of:N", title="of"),
            alt.Tooltip("epoch:Q", format=".2f"),
            alt.Tooltip("value:Q", title=measure, format=".4f"),
        ],
    )
    dots = base.transform_filter(alt.datum.of == "validation").mark_point(
        filled=True, size=45, opacity=1, clip=True
    )
    return _specification(base.mark_line(strokeWidth=2, clip=True), dots, _rule(), height=height)


def probabilities_over_time(
    probes: Sequence[Probe], epochs: int, chosen: Probe | None, dark: bool = False
) -> LiveChart:
    """Return the chart of the watched digit's ten probabilities over epochs.

    A vertical rule marks the chosen moment, and the most probable digit at that moment is highlighted. Each
    line is named at its highest point.

    Args:
        probes: The answers to the watched digit.
        epochs: Length of the horizontal axis.
        chosen: The chosen one of `probes`; None if there is none.
        dark: Whether the page has the dark theme.
    """
    likeliest = int(chosen.probabilities.argmax()) if chosen else -1
    rows = [(probe.epoch, *probe.probabilities, likeliest, probe is chosen) for probe in probes]
    sentence = "How likely the network found each digit for this picture, over the epochs."
    return LiveChart(
        np.array(rows, dtype=_PROBABILITIES), _probabilities_specification(epochs, dark), sentence
    )


@lru_cache(maxsize=32)
def _probabilities_specification(epochs: int, dark: bool) -> Mapping[str, Any]:
    is_likeliest = alt.expr.toNumber(alt.datum.digit) == alt.datum.likeliest
    folded = _chart().transform_fold([*_DIGITS], ["digit", "probability"])
    lines = folded.mark_line(clip=True).encode(
        x=epochs_axis(epochs),
        y=alt.Y("probability:Q", scale=alt.Scale(domain=[0, 1])),
        detail="digit:N",
        color=alt.condition(is_likeliest, alt.value(LIKELIEST_COLOUR), alt.value(OTHERS_COLOUR)),
        strokeWidth=alt.condition(is_likeliest, alt.value(3), alt.value(1.5)),
        tooltip=[
            alt.Tooltip("digit:N"),
            alt.Tooltip("epoch:Q", format=".2f"),
            alt.Tooltip("probability:Q", format=".2f"),
        ],
    )
    highest = folded.transform_window(
        place="row_number()",
        sort=[alt.SortField("probability", "descending"), alt.SortField("epoch", "ascending")],
        groupby=["digit"],
    ).transform_filter((alt.datum.place == 1) & (alt.datum.probability >= _NAMED_FROM))
    names = [
        # Names go below the line if there is no room above it.
        highest.transform_filter(where)
        .mark_text(dy=offset, fontSize=14, fontWeight="bold", color=INK[dark])
        .encode(x="epoch:Q", y="probability:Q", text="digit:N")
        for where, offset in ((alt.datum.probability > 0.9, 13), (alt.datum.probability <= 0.9, -10))
    ]
    return _specification(lines, _rule(), *names)


def _rule() -> alt.Chart:
    """Return the vertical rule at the chosen moment, if there is one."""
    rule: alt.Chart = (
        _chart()
        .transform_filter(alt.datum.chosen)
        .mark_rule(color=OTHERS_COLOUR, strokeDash=[2, 3], strokeWidth=1.5)
        .encode(x="epoch:Q")
    )
    return rule


def _chart() -> alt.Chart:
    """Return a chart that filters out the empty row with which the browser starts."""
    chart: alt.Chart = alt.Chart().transform_filter("isValid(datum.epoch)")
    return chart


def _specification(*layers: alt.Chart, height: int = HEIGHT) -> Mapping[str, Any]:
    specification: dict[str, Any] = alt.LayerChart(layer=list(layers), height=height).to_dict()
    return specification
