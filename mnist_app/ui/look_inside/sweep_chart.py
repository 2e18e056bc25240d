"""The chart of one alteration: probabilities over its range, flips of the answer, and its position now."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Literal

import altair as alt
import numpy as np

from mnist_app.learning.explanation.what_if import Name, Sweep
from mnist_app.ui.look_inside.alteration_words import WORDS, flips_in_words
from mnist_app.ui.parts.charts import INK
from mnist_app.ui.parts.live_charts import LIKELIEST_COLOUR, LiveChart
from mnist_app.wording import with_article

OTHERS_COLOUR = "#cc6410"
"""Colour of the other digits that win somewhere; contrast of at least 3 : 1 to the page in both themes."""
_HEIGHT = 260
_NOW, _FLIP, _LINE = 0, 1, 2
_ROWS = np.dtype([("kind", "i1"), ("position", "f4"), ("digit", "i1"), ("probability", "f4"), ("first", "?")])
"""Columns of the chart's data. `first` marks the drawn digit's rows, and the flip below the start."""


def sweep_chart(name: Name, sweep: Sweep, digit: int, position: float, dark: bool = False) -> LiveChart:
    """Return the chart of the probabilities of a digit and of the digits that win elsewhere.

    Args:
        name: The alteration.
        sweep: The answers over its range.
        digit: The digit that the network reads in the unaltered drawing.
        position: The present position, one of `sweep.positions`.
        dark: Whether the page has the dark theme.
    """
    rows = [*_lines(sweep, digit), *_rules(sweep, digit, position)]
    sentence = (
        f"Probability of {with_article(digit)} and of what it is taken for, along the slider "
        f"“{WORDS[name].title}”. {flips_in_words(name, sweep, digit)}"
    )
    low, high = sweep.positions[0], sweep.positions[-1]
    return LiveChart(np.array(rows, dtype=_ROWS), _specification(WORDS[name].axis, low, high, dark), sentence)


_Row = tuple[int, float, int, float, bool]


def _lines(sweep: Sweep, digit: int) -> Iterable[_Row]:
    for shown in sorted({digit, *map(int, sweep.answers)}):
        for position, probability in zip(sweep.positions, sweep.probabilities[:, shown], strict=True):
            yield _LINE, position, shown, float(probability), shown == digit


def _rules(sweep: Sweep, digit: int, position: float) -> Iterable[_Row]:
    now = sweep.positions.index(position)
    answer = int(sweep.answers[now])
    yield _NOW, position, answer, float(sweep.probabilities[now, answer]), answer == digit
    if sweep.answer_at_start == digit:
        for side in ("below", "above"):
            if flip := sweep.flip(digit, side):
                yield _FLIP, flip.position, flip.digit, 0.0, side == "below"


@lru_cache(maxsize=16)
def _specification(axis: str, low: float, high: float, dark: bool) -> Mapping[str, Any]:
    """Return the chart's specification in Vega-Lite, without data.

    It is cached, because Altair takes tenths of a second to check one.
    """
    ink = INK[dark]
    chart = alt.Chart().transform_filter("isValid(datum.position)")
    x = alt.X("position:Q", title=axis, scale=alt.Scale(domain=[low, high], nice=False))
    y = alt.Y("probability:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format=".0%", tickCount=5))
    colour = alt.condition(alt.datum.first, alt.value(LIKELIEST_COLOUR), alt.value(OTHERS_COLOUR))
    lines = chart.transform_filter(alt.datum.kind == _LINE).encode(
        x=x,
        y=y,
        detail="digit:N",
        color=colour,
        tooltip=[
            alt.Tooltip("digit:N"),
            alt.Tooltip("position:Q", format=".3~g"),
            alt.Tooltip("probability:Q", format=".0%"),
        ],
    )
    highest = lines.transform_window(
        place="row_number()",
        sort=[alt.SortField("probability", "descending"), alt.SortField("position", "ascending")],
        groupby=["digit"],
    ).transform_filter(alt.datum.place == 1)
    names = highest.mark_text(dy=13, fontSize=15, fontWeight="bold").encode(
        x=x, y=y, text="digit:N", color=alt.value(ink)
    )
    now, flips = (chart.transform_filter(alt.datum.kind == kind) for kind in (_NOW, _FLIP))
    becomes = flips.transform_calculate(words="'becomes ' + datum.digit").encode(text="words:N")
    left, right = (becomes.transform_filter(alt.datum.first == is_left) for is_left in (True, False))
    answer = now.transform_calculate(words="'now: ' + datum.digit").encode(text="words:N")
    layers = [
        flips.mark_rule(strokeDash=[4, 3], strokeWidth=1.5, color=ink, opacity=0.7).encode(x=x),
        _above(left, x, ink, align="right"),
        _above(right, x, ink, align="left"),
        now.mark_rule(strokeWidth=2, color=ink).encode(x=x),
        _above(answer, x, ink, dy=-20, weight="bold"),
        lines.mark_line(strokeWidth=2.5, clip=True),
        now.mark_point(filled=True, size=90, opacity=1).encode(x=x, y=y, color=colour),
        names,
    ]
    specification: dict[str, Any] = alt.LayerChart(layer=layers, height=_HEIGHT).to_dict()
    return specification


def _above(
    chart: alt.Chart,
    x: alt.X,
    ink: str,
    align: Literal["left", "center", "right"] = "center",
    dy: int = -4,
    weight: Literal["normal", "bold"] = "normal",
) -> alt.Chart:
    """Return the chart's texts as marks above the plot area."""
    named: alt.Chart = chart.mark_text(
        dy=dy, align=align, baseline="bottom", fontSize=13, fontWeight=weight, color=ink
    )
    return named.encode(x=x, y=alt.value(0))
