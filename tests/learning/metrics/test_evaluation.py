"""Figures against ones worked out by hand, and what must hold of any answers."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from mnist_app.learning.metrics.evaluation import Mistake, evaluate


def answers(*digits_and_confidences: tuple[int, float]) -> NDArray[np.float32]:
    """A row for each: the digit gets the confidence, the others share the rest."""
    rows = np.array([[(1 - p) / 9] * 10 for _, p in digits_and_confidences], np.float32)
    for row, (digit, p) in zip(rows, digits_and_confidences, strict=True):
        row[digit] = p
    return rows


def test_figures_worked_out_by_hand() -> None:
    probabilities = answers((3, 0.91), (3, 0.55), (8, 0.73), (0, 1.0))
    result = evaluate(probabilities, np.array([3, 5, 3, 0]))
    assert result.accuracy == 0.5
    expected = -(math.log(0.91) + math.log(0.05) + math.log(0.03) + math.log(1.0)) / 4
    assert result.loss == pytest.approx(expected, rel=1e-5)
    assert result.mistakes == (
        Mistake(2, 3, 8, pytest.approx(0.73)),
        Mistake(1, 5, 3, pytest.approx(0.55)),
    )
    assert result.confusion[3, 3] == 1
    assert result.confusion[5, 3] == 1
    assert result.confusion[3, 8] == 1
    assert result.confusion[0, 0] == 1
    assert result.confusion.sum() == 4
    assert result.per_digit[0] == 1.0
    assert result.per_digit[3] == 0.5
    assert result.per_digit[5] == 0.0
    assert math.isnan(result.per_digit[7])


def test_a_certain_and_wrong_answer_costs_much_but_not_infinitely() -> None:
    assert evaluate(answers((1, 1.0)), np.array([2])).loss == pytest.approx(-math.log(1e-7))


def test_labels_may_be_bytes() -> None:
    """MNIST's are: the cell 9 × 10 + 9 of the confusion matrix must not overflow, nor 200 images of it."""
    result = evaluate(answers(*[(9, 0.9)] * 300), np.full(300, 9, np.uint8))
    assert result.confusion[9, 9] == 300


@given(st.data(), st.integers(1, 60))
def test_the_figures_agree_with_one_another(data: st.DataObject, n: int) -> None:
    scores = data.draw(hnp.arrays(np.float64, (n, 10), elements=st.floats(0.001, 1)))
    probabilities = (scores / scores.sum(axis=1, keepdims=True)).astype(np.float32)
    truth = data.draw(hnp.arrays(np.uint8, n, elements=st.integers(0, 9)))
    result = evaluate(probabilities, truth)
    assert result.confusion.sum() == n
    assert result.confusion.trace() == n - len(result.mistakes)
    assert result.accuracy == pytest.approx(1 - len(result.mistakes) / n)
    assert (result.confusion.sum(axis=1) == np.bincount(truth, minlength=10)).all()
    for digit, share in enumerate(result.per_digit):
        of_digit = [
            int(row.argmax()) == digit for row, t in zip(probabilities, truth, strict=True) if t == digit
        ]
        assert math.isnan(share) if not of_digit else share == pytest.approx(sum(of_digit) / len(of_digit))
    confidences = [mistake.confidence for mistake in result.mistakes]
    assert confidences == sorted(confidences, reverse=True)
    for mistake in result.mistakes:
        assert truth[mistake.index] == mistake.truth != mistake.answer
        assert probabilities[mistake.index, mistake.answer] == np.float32(mistake.confidence)
    assert result.loss == pytest.approx(
        -sum(math.log(p[t]) for p, t in zip(probabilities, truth, strict=True)) / n
    )


@pytest.mark.parametrize(
    ("probabilities", "truth"),
    [
        (np.zeros((0, 10)), np.zeros(0, int)),
        (np.ones((2, 9)), np.zeros(2, int)),
        (np.ones(10), np.zeros(1, int)),
        (np.ones((2, 10)), np.zeros(3, int)),
        (np.ones((2, 10)), np.zeros((2, 1), int)),
        (np.ones((2, 10)), np.array([0, 10])),
        (np.ones((2, 10)), np.array([-1, 0])),
    ],
)
def test_what_does_not_belong_together_is_refused(probabilities: NDArray, truth: NDArray) -> None:
    with pytest.raises(ValueError, match="expected"):
        evaluate(probabilities, truth)
