"""The answers along each alteration's range, and where they flip."""

from dataclasses import fields

import numpy as np
import pytest
from numpy.typing import NDArray

from mnist_app.ink.alterations import Alterations, alter
from mnist_app.learning.explanation.what_if import POSITIONS, Flip, Sweep, sweep_all


def line() -> NDArray[np.uint8]:
    """A line from top to bottom, four pixels wide, in the middle."""
    ink = np.zeros((28, 28), np.uint8)
    ink[4:24, 12:16] = 255
    return ink


def where_it_lies(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Answers 3 for ink whose middle lies in the left half, 1 about the middle, 7 in the right half."""
    mass = images.sum(axis=1, dtype=np.float64)
    centre = (mass * np.arange(28)).sum(axis=1) / np.maximum(mass.sum(axis=1), 1)
    digits = np.where(centre < 9.5, 3, np.where(centre > 17.5, 7, 1))
    return np.eye(10, dtype=np.float32)[digits]


def test_every_alteration_is_tried_and_all_in_one_question() -> None:
    asked: list[int] = []

    def ask(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        asked.append(len(images))
        assert images.shape[1:] == (28, 28) and images.dtype == np.uint8
        return where_it_lies(images)

    sweeps = sweep_all(ask, line(), Alterations())
    assert list(sweeps) == [field.name for field in fields(Alterations)]
    assert len(asked) == 1 and asked[0] <= 250
    assert sum(len(sweep.positions) for sweep in sweeps.values()) == asked[0]


@pytest.mark.parametrize("name", POSITIONS)
def test_positions_ascend_and_hold_the_one_that_does_nothing(name: str) -> None:
    positions = POSITIONS[name]  # type: ignore[index]
    assert list(positions) == sorted(set(positions))
    assert getattr(Alterations(), name) in positions


def test_each_answer_is_that_to_its_own_image() -> None:
    others = Alterations(right=2, turn=30, noise=10)

    def ask(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        return images.reshape(-1, 784)[:, 300:310].astype(np.float32)

    sweeps = sweep_all(ask, line(), others)
    index = sweeps["turn"].positions.index(-45.0)
    image = alter(line(), Alterations(right=2, turn=-45, noise=10))
    np.testing.assert_array_equal(sweeps["turn"].probabilities[index], image.reshape(784)[300:310])
    stays = sweeps["right"].positions.index(2.0)
    np.testing.assert_array_equal(
        sweeps["right"].probabilities[stays], alter(line(), others).reshape(784)[300:310]
    )


def test_a_flip_is_the_first_other_answer_on_each_side() -> None:
    across = sweep_all(where_it_lies, line(), Alterations())["right"]
    assert across.answer_at_start == 1
    assert across.flip(1, "above") == Flip(5.0, 7)
    assert across.flip(1, "below") == Flip(-5.0, 3)


def test_what_does_not_flip_has_none() -> None:
    down = sweep_all(where_it_lies, line(), Alterations())["down"]
    assert down.flip(1, "above") is None and down.flip(1, "below") is None


def test_a_range_that_begins_at_its_start_has_one_side() -> None:
    noise = sweep_all(where_it_lies, line(), Alterations())["noise"]
    assert noise.side("below") == [] and noise.flip(1, "below") is None
    assert noise.side("above") == list(range(1, len(noise.positions)))


def test_the_flip_is_sought_with_the_others_where_they_stand() -> None:
    across = sweep_all(where_it_lies, line(), Alterations(down=6, turn=90))["right"]
    assert across.flip(1, "above") == Flip(5.0, 7)
    moved = sweep_all(where_it_lies, line(), Alterations(right=8))["down"]
    assert moved.answer_at_start == 7


def test_a_flip_back_is_not_the_first() -> None:
    answers = np.eye(10, dtype=np.float32)[[4, 9, 4, 4, 9, 4]]
    sweep = Sweep((-2.0, -1.0, 0.0, 1.0, 2.0, 3.0), 0.0, answers)
    assert sweep.flip(4, "below") == Flip(-1.0, 9)
    assert sweep.flip(4, "above") == Flip(2.0, 9)


def test_the_way_back_is_the_first_place_where_it_is_the_digit_again() -> None:
    moved = sweep_all(where_it_lies, line(), Alterations(right=8))
    assert moved["down"].way_back(1, "above") is None
    answers = np.eye(10, dtype=np.float32)[[4, 9, 9, 4, 4]]
    sweep = Sweep((-2.0, -1.0, 0.0, 1.0, 2.0), 0.0, answers)
    assert sweep.way_back(4, "below") == -2.0 and sweep.way_back(4, "above") == 1.0
