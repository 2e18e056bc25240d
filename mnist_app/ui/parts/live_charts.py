"""Charts that are drawn anew every second: their specification stays, and only the data are sent.

Altair takes tenths of a second to check a chart, so each specification is made once; and a browser that
finds the same specification again moves the lines instead of building the chart anew.
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
"""A curve of more points is thinned to so many before it is drawn."""
MOMENTS_SHOWN = 120
"""So many moments of the watched digit's ten curves."""
LIKELIEST_COLOUR = "#3f7be0"
OTHERS_COLOUR = "#85878c"
"""Both at least 3 : 1 against the page in both themes."""
_NAMED_FROM = 0.15
"""A line that never comes so high lies among others on the ground and is not named."""
_DIGITS = [str(digit) for digit in range(10)]

# Small types: what is sent every second shall be small.
_CURVES = np.dtype([("epoch", "f4"), ("value", "f4"), ("validation", "?")])
_PROBABILITIES = np.dtype(
    [("epoch", "f4"), *((digit, "f4") for digit in _DIGITS), ("likeliest", "i1"), ("chosen", "?")]
)


@dataclass(frozen=True)
class LiveChart:
    """What a chart shows, and how."""

    rows: NDArray[np.void]
    """With a name for each column."""
    specification: Mapping[str, Any]
    """In Vega-Lite, without data."""
    sentence: str
    """What it shows, for people who listen."""

    def show(self, key: str) -> None:
        """Draw it, or move its lines where it is drawn already."""
        st.vega_lite_chart(self.rows, dict(self.specification), key=key, alt=self.sentence)


def curves(points: Sequence[Point], measure: Measure, epochs: int, zoomed: bool = False) -> LiveChart:
    """Return the chart of loss or accuracy over epochs, for training and any validation.

    Accuracy lies between 0 and 1 unless zoomed.
    """
    rows = [(point.epoch, getattr(point, measure), point.split == "validation") for point in points]
    sentence = f"{measure.capitalize()} over {epochs} epochs, for training and validation."
    return LiveChart(np.array(rows, dtype=_CURVES), _curves_specification(measure, epochs, zoomed), sentence)


@lru_cache(maxsize=64)
def _curves_specification(measure: Measure, epochs: int, zoomed: bool) -> Mapping[str, Any]:
    names = alt.expr.if_(alt.datum.validation, "validation", "training")
    legend = alt.Legend(orient="top", title=None, symbolType="stroke", symbolStrokeWidth=2.5)
    named = _chart().transform_calculate(of=names)
    base = named.encode(
        x=epochs_axis(epochs),
        y=measure_axis(measure, zoomed),
        color=alt.Color("of:N", scale=alt.Scale(domain=SPLITS), legend=legend),
        strokeDash=split_dash(legend),
        tooltip=[
            alt.Tooltip("of:N", title="of"),
            alt.Tooltip("epoch:Q", format=".2f"),
            alt.Tooltip("value:Q", title=measure, format=".4f"),
        ],
    )
    dots = base.transform_filter(alt.datum.of == "validation").mark_point(filled=True, size=45, opacity=1)
    return _specification(base.mark_line(strokeWidth=2, clip=True), dots)


def probabilities_over_time(
    probes: Sequence[Probe], epochs: int, chosen: Probe | None, dark: bool = False
) -> LiveChart:
    """Return the chart of the watched digit's ten probabilities, with a rule at the chosen moment.

    The digit that is likeliest at that moment stands out; each line has its name where it is highest.
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
    rule = (
        _chart()
        .transform_filter(alt.datum.chosen)
        .mark_rule(color=OTHERS_COLOUR, strokeDash=[2, 3], strokeWidth=1.5)
        .encode(x="epoch:Q")
    )
    highest = folded.transform_window(
        place="row_number()",
        sort=[alt.SortField("probability", "descending"), alt.SortField("epoch", "ascending")],
        groupby=["digit"],
    ).transform_filter((alt.datum.place == 1) & (alt.datum.probability >= _NAMED_FROM))
    names = [
        # Below the line where there is no room above it.
        highest.transform_filter(where)
        .mark_text(dy=offset, fontSize=14, fontWeight="bold", color=INK[dark])
        .encode(x="epoch:Q", y="probability:Q", text="digit:N")
        for where, offset in ((alt.datum.probability > 0.9, 13), (alt.datum.probability <= 0.9, -10))
    ]
    return _specification(lines, rule, *names)


def _chart() -> alt.Chart:
    """Return a chart without the empty row that the browser begins with."""
    chart: alt.Chart = alt.Chart().transform_filter("isValid(datum.epoch)")
    return chart


def _specification(*layers: alt.Chart) -> Mapping[str, Any]:
    specification: dict[str, Any] = alt.LayerChart(layer=list(layers), height=HEIGHT).to_dict()
    return specification
