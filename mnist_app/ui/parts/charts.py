"""Altair charts: curves of several runs, and the confusion matrix; and axes shared with `live_charts`."""

from collections.abc import Sequence
from typing import Literal

import altair as alt
import numpy as np
from numpy.typing import NDArray

from mnist_app.workspace.runs.records import Point

Measure = Literal["loss", "accuracy"]
SPLITS = ["training", "validation"]
HEIGHT = 300
INK = {False: "#1d2126", True: "#ecebe6"}
"""Colour of text, by whether the theme is dark."""

MEANINGS: dict[Measure, str] = {
    "loss": "How wrong the network is on average: 0 is perfect, 2.3 is guessing.",
    "accuracy": "The share of images answered correctly: 1 is all of them.",
}

Row = dict[str, str | float]

RUN_COLOURS = ("#3f7be0", "#cc6410", "#16938b", "#9a63f0", "#d1478f", "#8b7a2c")
"""Colours of compared runs; contrast of at least 3 : 1 to the page in both themes."""
RUN_SIGNS = {
    "circle": "●",
    "square": "■",
    "triangle-up": "▲",
    "diamond": "◆",
    "cross": "✚",
    "triangle-down": "▼",
}
"""Shapes of the compared runs' points, each with the character that shows it in text."""
CELL = "cell"
"""Name of the confusion matrix's selection, which has the fields `truth` and `answer`."""
# No mistakes, most mistakes, right answers, numbers (contrast of at least 4.5 : 1 on these three), frame.
_MATRIX_COLOURS = {
    "light": ("#fbf3e6", "#f0934a", "#e3dfd3", "#1d2126", "#2450b8"),
    "dark": ("#2b2724", "#a3480a", "#343942", "#ecebe6", "#8fb0ff"),
}


def compared_curves(
    curves_of: Sequence[tuple[str, Sequence[Point]]], measure: Measure, epochs: int, zoomed: bool = False
) -> alt.LayerChart:
    """Return the chart of loss or accuracy of several runs over epochs.

    Runs take `RUN_COLOURS` and `RUN_SIGNS` in order. Validation is dashed.

    Args:
        curves_of: A unique label and the points of each run.
        measure: The values on the vertical axis.
        epochs: Length of the horizontal axis.
        zoomed: Whether the vertical axis fits the data; else accuracy has an axis from 0 to 1.
    """
    rows: list[Row] = [
        {
            "run": label,
            "epoch": round(point.epoch, 4),
            "value": round(getattr(point, measure), 5),
            "of": "training" if point.split == "train" else "validation",
        }
        for label, points in curves_of
        for point in points
    ]
    labels = [label for label, _ in curves_of]
    base = alt.Chart(_data(rows)).encode(
        x=epochs_axis(epochs),
        y=measure_axis(measure, zoomed),
        color=alt.Color("run:N", scale=alt.Scale(domain=labels, range=list(RUN_COLOURS)), legend=None),
        tooltip=[
            alt.Tooltip("run:N"),
            alt.Tooltip("of:N"),
            alt.Tooltip("epoch:Q", format=".2f"),
            alt.Tooltip("value:Q", title=measure, format=".4f"),
        ],
    )
    lines = base.mark_line(strokeWidth=2).encode(strokeDash=split_dash(alt.Legend(orient="top", title=None)))
    shapes = alt.Scale(domain=labels, range=list(RUN_SIGNS))
    dots = (
        base.transform_filter(alt.datum.of == "validation")
        .mark_point(filled=True, size=60, opacity=1)
        .encode(shape=alt.Shape("run:N", scale=shapes, legend=None))
    )
    return alt.LayerChart(layer=[lines, dots], height=HEIGHT)


def confusion_matrix(
    confusion: NDArray[np.int64], chosen: tuple[int, int] | None = None, dark: bool = False
) -> alt.LayerChart:
    """Return the chart of a confusion matrix, in which a click selects a cell.

    Colour shows the square root of the number of mistakes, so that few are visible beside many. Right answers
    are grey, because they are a hundred times as many and would hide the mistakes.

    Args:
        confusion: Numbers of images, (10, 10), by truth (row) and answer (column).
        chosen: The cell (truth, answer) that is framed; None for none.
        dark: Whether the page has the dark theme.
    """
    few, many, right, text, frame = _MATRIX_COLOURS["dark" if dark else "light"]
    mistakes = np.where(np.eye(10, dtype=bool), 0, confusion)
    rows: list[Row] = [
        {
            "truth": truth,
            "answer": answer,
            "images": int(confusion[truth, answer]),
            "share": round(float(confusion[truth, answer] / max(confusion[truth].sum(), 1)), 5),
            "kind": "right" if truth == answer else "mistaken" if confusion[truth, answer] else "none",
            "chosen": int((truth, answer) == chosen),
        }
        for truth in range(10)
        for answer in range(10)
    ]
    gaps = alt.Scale(paddingInner=0.06)
    base = alt.Chart(_data(rows)).encode(
        x=alt.X(
            "answer:O",
            title="the network says",
            scale=gaps,
            axis=alt.Axis(orient="top", labelAngle=0, ticks=False, labelOverlap=False),
        ),
        y=alt.Y("truth:O", title="the image is", scale=gaps, axis=alt.Axis(ticks=False, labelOverlap=False)),
        tooltip=[
            alt.Tooltip("truth:O", title="the image is"),
            alt.Tooltip("answer:O", title="the network says"),
            alt.Tooltip("images:Q", format=","),
            alt.Tooltip("share:Q", title="of this digit's images", format=".1%"),
        ],
    )
    scale = alt.Scale(type="sqrt", domain=[0, max(int(mistakes.max()), 1)], range=[few, many])
    cells = (
        base.mark_rect(cursor="pointer", cornerRadius=2)
        .encode(
            color=alt.condition(
                alt.datum.kind == "right",
                alt.value(right),
                alt.Color("images:Q", scale=scale, legend=None),
            )
        )
        .add_params(alt.selection_point(name=CELL, fields=["truth", "answer"], toggle=False))
    )
    framed = base.transform_filter(alt.datum.chosen == 1).mark_rect(
        fillOpacity=0, stroke=frame, strokeWidth=3, cornerRadius=2
    )
    numbers = base.mark_text(fontSize=12, color=text, cursor="pointer").encode(
        text=alt.condition(alt.datum.images > 0, alt.Text("images:Q", format="d"), alt.value(""))
    )
    return alt.LayerChart(layer=[cells, framed, numbers], height=430)


def epochs_axis(epochs: int) -> alt.X:
    """Return the axis of epochs, with its full length from the start, so that growing curves do not shift."""
    return alt.X("epoch:Q", title="epochs", scale=alt.Scale(domain=[0, epochs], nice=False))


def measure_axis(measure: Measure, zoomed: bool = False, floor: float = 0.0) -> alt.Y:
    """Return the axis of loss or accuracy. That of accuracy runs from `floor` to 1 unless zoomed."""
    is_fixed = measure == "accuracy" and not zoomed
    scale = alt.Scale(domain=[floor, 1]) if is_fixed else alt.Scale(zero=not zoomed)
    return alt.Y("value:Q", title=measure, scale=scale, axis=alt.Axis(format="~g"))


def split_dash(legend: alt.Legend | None) -> alt.StrokeDash:
    """Return the encoding that draws training as solid lines and validation as dashed ones."""
    return alt.StrokeDash("of:N", scale=alt.Scale(domain=SPLITS, range=[[1, 0], [5, 3]]), legend=legend)


def _data(rows: list[Row]) -> alt.InlineData:
    return alt.InlineData(values=rows)
