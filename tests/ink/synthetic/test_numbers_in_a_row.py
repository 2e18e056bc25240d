"""Whole numbers composed of digits."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mnist_app.ink.strokes import Points
from mnist_app.ink.synthetic.rows import GAPS, OVERLAPS, in_a_row

ONE: list[Points] = [np.array([[5.0, 0.0], [5.0, 90.0]])]
FOUR: list[Points] = [
    np.array([[400.0, 300.0], [380.0, 350.0], [430.0, 350.0]]),
    np.array([[415.0, 320.0], [415.0, 400.0]]),
]
SEEDS = st.integers(0, 2**32).map(np.random.default_rng)


def gaps(digits: list[list[Points]], ways: list[Points]) -> list[float]:
    """The gap before each digit but the first; negative where two overlap."""
    boxes, begin = [], 0
    for digit in digits:
        x = np.concatenate(ways[begin : begin + len(digit)])[:, 0]
        boxes.append((x.min(), x.max()))
        begin += len(digit)
    return [after[0] - before[1] for before, after in zip(boxes, boxes[1:], strict=False)]


@given(st.lists(st.sampled_from([ONE, FOUR]), min_size=1, max_size=5), SEEDS)
def test_digits_stand_side_by_side_with_gaps(digits: list[list[Points]], rng: np.random.Generator) -> None:
    ways = in_a_row(digits, False, rng)
    assert len(ways) == sum(map(len, digits))
    assert all(GAPS[0] - 1e-9 <= gap <= GAPS[1] + 1e-9 for gap in gaps(digits, ways))
    heights = np.concatenate(ways)[:, 1]
    assert heights.min() >= -1.1 and heights.max() <= 0.1


@given(st.lists(st.sampled_from([ONE, FOUR]), min_size=2, max_size=5), SEEDS)
def test_one_pair_touches(digits: list[list[Points]], rng: np.random.Generator) -> None:
    found = gaps(digits, in_a_row(digits, True, rng))
    touching = [gap for gap in found if gap < GAPS[0] - 1e-9]
    assert len(touching) == 1 and -OVERLAPS[1] - 1e-9 <= touching[0] <= 1e-9
