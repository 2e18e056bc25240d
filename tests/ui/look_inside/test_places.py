"""Places on a drawing, in words."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mnist_app.ui.look_inside.places import strongest_places

SQUARE = np.zeros((28, 28))
SQUARE[4:22, 5:23] = 1


def at(*pixels: tuple[int, int, float]) -> np.ndarray:
    amounts = np.zeros((28, 28))
    for row, column, amount in pixels:
        amounts[row, column] = amount
    return amounts


def test_each_part_of_the_ink_has_its_name() -> None:
    assert strongest_places(at((5, 20, 1)), SQUARE) == ["at the top right"]
    assert strongest_places(at((13, 13, 1)), SQUARE) == ["in the middle"]
    assert strongest_places(at((21, 14, 1)), SQUARE) == ["at the bottom"]
    assert strongest_places(at((13, 5, 1)), SQUARE) == ["at the left"]


def test_the_largest_come_first_and_what_is_far_less_is_left_out() -> None:
    amounts = at((5, 6, 2), (13, 13, 5), (20, 20, 3))
    assert strongest_places(amounts, SQUARE) == ["in the middle", "at the bottom right"]
    assert strongest_places(amounts, SQUARE, most=1) == ["in the middle"]


def test_a_narrow_stroke_has_no_left_and_no_right() -> None:
    stroke = np.zeros((28, 28))
    stroke[4:24, 13:16] = 1
    assert strongest_places(at((5, 15, 1)), stroke) == ["at the top"]
    assert strongest_places(at((14, 13, 1)), stroke) == ["in the middle"]


def test_without_ink_or_without_any_amount_there_is_no_place() -> None:
    assert strongest_places(at((1, 1, 1)), np.zeros((28, 28))) == []
    assert strongest_places(np.zeros((28, 28)), SQUARE) == []


@given(arrays(np.float64, (28, 28), elements=st.floats(0, 1)))
def test_what_lies_on_the_ink_always_has_a_place(amounts: np.ndarray) -> None:
    found = strongest_places(amounts, amounts)
    assert len(found) <= 2 and bool(found) == bool(amounts.any())
