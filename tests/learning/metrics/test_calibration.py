"""Calibration, against data whose calibration is known by how they were made."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_app.learning.metrics.calibration import (
    best_temperature,
    expected_calibration_error,
    with_temperature,
)

COUNT = 20_000


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def answers_and_truth(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Logits, and digits drawn by just the probabilities that they give."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 3, (COUNT, 10))
    truth = (softmax(logits).cumsum(axis=1) < rng.uniform(size=(COUNT, 1))).sum(axis=1)
    return logits, np.minimum(truth, 9)


def test_answers_that_are_as_right_as_they_are_sure_have_hardly_an_error() -> None:
    logits, truth = answers_and_truth()
    assert expected_calibration_error(softmax(logits), truth) < 0.012


def test_the_error_is_the_distance_of_confidence_from_accuracy() -> None:
    probabilities = np.tile([0.73] + [0.03] * 9, (100, 1))
    truth = np.array([0] * 40 + [1] * 60)
    assert expected_calibration_error(probabilities, truth) == pytest.approx(0.33)
    assert expected_calibration_error(np.eye(10), np.arange(10)) == 0


def test_the_temperature_that_was_put_on_is_found_again() -> None:
    logits, truth = answers_and_truth()
    too_sure = softmax(logits * 2)
    temperature = best_temperature(too_sure, truth)
    assert temperature == pytest.approx(2, rel=0.05)
    mended = with_temperature(too_sure, temperature)
    assert expected_calibration_error(mended, truth) < 0.015 < expected_calibration_error(too_sure, truth)


@given(st.integers(0, 2**32), st.floats(0.25, 4))
def test_a_temperature_divides_the_logits_and_keeps_the_answer(seed: int, temperature: float) -> None:
    logits = np.random.default_rng(seed).normal(0, 2, (5, 10))
    scaled = with_temperature(softmax(logits), temperature)
    np.testing.assert_allclose(scaled, softmax(logits / temperature), atol=1e-9)
    assert (scaled.argmax(axis=1) == logits.argmax(axis=1)).all()


def test_a_probability_of_nothing_stays_a_number() -> None:
    assert np.isfinite(with_temperature(np.eye(10, dtype=np.float32), 0.5)).all()
    assert np.isfinite(best_temperature(np.eye(10, dtype=np.float32), np.arange(10)))
