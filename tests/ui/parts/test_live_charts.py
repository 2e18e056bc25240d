"""The charts that are drawn anew every second: small, steady, and with every line where it belongs."""

import numpy as np
import pytest

from mnist_app.ui.parts.live_charts import (
    MOMENTS_SHOWN,
    POINTS_SHOWN,
    accuracy_floor,
    curves,
    probabilities_over_time,
)
from mnist_app.workspace.runs.records import Point, Probe


def points(count: int) -> list[Point]:
    """The curves of a training of ten epochs."""
    epochs = np.linspace(0.01, 10, count)
    training = [Point("train", step, float(epoch), 1 / (1 + epoch), 0.5) for step, epoch in enumerate(epochs)]
    return [*training, *(Point("validation", 100 * epoch, float(epoch), 0.25, 0.9) for epoch in range(1, 11))]


def probes(count: int) -> list[Probe]:
    """A 3 that is taken for an 8 at first."""
    found = []
    for index in range(count):
        shares = np.full(10, 0.01, np.float32)
        shares[3], shares[8] = index / count * 0.92, (1 - index / count) * 0.92
        found.append(Probe(index, 10 * index / count, shares))
    return found


def test_each_point_is_drawn_where_it_is() -> None:
    chart = curves(points(30), "loss", 10)
    assert len(chart.rows) == 40
    np.testing.assert_allclose(chart.rows["value"][:30], 1 / (1 + chart.rows["epoch"][:30]), rtol=1e-6)
    assert chart.rows["validation"].tolist() == [False] * 30 + [True] * 10
    assert curves(points(30), "accuracy", 10).rows["value"][-1] == np.float32(0.9)


def test_accuracy_lies_between_its_floor_and_1() -> None:
    domains = [
        curves(points(3), "accuracy", 10, floor).specification["layer"][0]["encoding"]["y"]["scale"]
        for floor in (0.0, 0.9)
    ]
    assert domains == [{"domain": [0, 1]}, {"domain": [0.9, 1]}]


@pytest.mark.parametrize(
    ("accuracies", "floor"),
    [
        ([], 0.0),
        ([0.99], 0.0),
        ([0.1, 0.3, 0.45, 0.48, 0.49], 0.0),
        ([0.1, 0.3, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75], 0.5),
        ([0.1, 0.7, 0.85, 0.91, 0.92, 0.93, 0.94, 0.95], 0.9),
        ([0.1, 0.7, 0.96, 0.97, 0.97, 0.98, 0.98, 0.98], 0.95),
        ([0.97, 0.97, 0.97, 0.97, 0.97, 0.97, 0.97, 0.1], 0.0),
    ],
)
def test_the_axis_of_accuracy_begins_where_the_later_half_of_the_curves_does(
    accuracies: list[float], floor: float
) -> None:
    curve = [Point("train", step, step / 8, 1.0, share) for step, share in enumerate(accuracies, 1)]
    assert accuracy_floor(curve) == floor


def test_a_rule_marks_the_moment_on_the_curves() -> None:
    without, marked = (curves(points(3), "loss", 10, moment=moment) for moment in (None, 2.5))
    assert not without.rows["chosen"].any()
    assert marked.rows[marked.rows["chosen"]]["epoch"].tolist() == [2.5]
    assert marked.specification is without.specification


def test_the_axis_of_epochs_has_its_full_length_from_the_start() -> None:
    for chart in (curves([], "loss", 7), probabilities_over_time([], 7, None)):
        assert chart.specification["layer"][0]["encoding"]["x"]["scale"]["domain"] == [0, 7]
        assert len(chart.rows) == 0


def test_the_specification_stays_while_the_data_change() -> None:
    """A browser that finds it unchanged moves the lines instead of building the chart anew."""
    first, later = probes(3), probes(40)
    assert curves(points(3), "loss", 10).specification is curves(points(90), "loss", 10).specification
    assert (
        probabilities_over_time(first, 10, first[-1]).specification
        is probabilities_over_time(later, 10, later[20]).specification
    )


def test_ten_probabilities_and_the_chosen_moment() -> None:
    found = probes(50)
    chart = probabilities_over_time(found, 10, found[10])
    assert chart.rows["8"][10] == found[10].probabilities[8]
    assert chart.rows["chosen"].nonzero()[0].tolist() == [10]
    assert set(chart.rows["likeliest"]) == {8}
    assert set(probabilities_over_time(found, 10, found[-1]).rows["likeliest"]) == {3}


@pytest.mark.parametrize("dark", [False, True])
def test_names_can_be_read_in_both_themes(dark: bool) -> None:
    names = probabilities_over_time([], 7, None, dark).specification["layer"][2:]
    assert {layer["mark"]["color"] for layer in names} == {"#ecebe6" if dark else "#1d2126"}


def test_a_long_training_is_small() -> None:
    """As many rows as are ever sent: with the specifications less than half of the 60 kB of a refresh."""
    found = probes(MOMENTS_SHOWN)
    curve = points(POINTS_SHOWN + 40)
    charts = [
        curves(curve, "loss", 10),
        curves(curve, "accuracy", 10),
        probabilities_over_time(found, 10, found[0]),
    ]
    assert sum(chart.rows.nbytes + len(str(chart.specification)) for chart in charts) < 30_000
