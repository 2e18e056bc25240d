"""Curves: the points of a run in, an Altair chart out."""

from collections.abc import Sequence
from typing import Literal

import altair as alt

from mnist_app.runs.records import Point, Probe

Measure = Literal["loss", "accuracy"]
POINTS_SHOWN = 250
"""A curve of more points is thinned to so many before it is drawn."""
_SPLITS = ["training", "validation"]
_HEIGHT = 300

Row = dict[str, str | float]


def curves(points: Sequence[Point], measure: Measure, epochs: int, zoomed: bool = False) -> alt.LayerChart:
    """Loss or accuracy over epochs, for training and, where there is any, validation.

    Accuracy lies between 0 and 1 unless zoomed.
    """
    rows: list[Row] = [
        {
            "epoch": round(point.epoch, 4),
            "value": round(getattr(point, measure), 5),
            "of": "training" if point.split == "train" else "validation",
        }
        for point in points
    ]
    scale = alt.Scale(domain=[0, 1]) if measure == "accuracy" and not zoomed else alt.Scale(zero=not zoomed)
    legend = alt.Legend(orient="top", title=None)
    base = alt.Chart(_data(rows)).encode(
        x=_epochs_axis(epochs),
        y=alt.Y("value:Q", title=measure, scale=scale),
        color=alt.Color("of:N", scale=alt.Scale(domain=_SPLITS), legend=legend),
        strokeDash=alt.StrokeDash(
            "of:N", scale=alt.Scale(domain=_SPLITS, range=[[1, 0], [5, 3]]), legend=legend
        ),
        tooltip=[
            alt.Tooltip("of:N", title="of"),
            alt.Tooltip("epoch:Q", format=".2f"),
            alt.Tooltip("value:Q", title=measure, format=".4f"),
        ],
    )
    dots = base.transform_filter(alt.datum.of == "validation").mark_point(filled=True, size=45, opacity=1)
    return alt.LayerChart(layer=[base.mark_line(strokeWidth=2), dots], height=_HEIGHT)


def probabilities_over_time(probes: Sequence[Probe], epochs: int) -> alt.Chart:
    """The ten probabilities of the probe image over the training."""
    rows: list[Row] = [
        {"epoch": round(probe.epoch, 4), "probability": round(float(share), 4), "digit": str(digit)}
        for probe in probes
        for digit, share in enumerate(probe.probabilities)
    ]
    chart: alt.Chart = alt.Chart(_data(rows), height=_HEIGHT).mark_line(strokeWidth=2)
    return chart.encode(
        x=_epochs_axis(epochs),
        y=alt.Y("probability:Q", scale=alt.Scale(domain=[0, 1])),
        color=alt.Color("digit:N", scale=alt.Scale(scheme="tableau10"), legend=alt.Legend(columns=1)),
        tooltip=[
            alt.Tooltip("digit:N"),
            alt.Tooltip("epoch:Q", format=".2f"),
            alt.Tooltip("probability:Q", format=".2f"),
        ],
    )


def _epochs_axis(epochs: int) -> alt.X:
    """The axis of epochs in its full length from the start, so that nothing moves while a curve grows."""
    return alt.X("epoch:Q", title="epochs", scale=alt.Scale(domain=[0, epochs], nice=False))


def _data(rows: list[Row]) -> alt.InlineData:
    return alt.InlineData(values=rows)
