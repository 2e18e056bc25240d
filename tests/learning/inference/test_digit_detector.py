"""The detector that ships, and the program that builds one, on little."""

from datetime import date
from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_app.errors import ModelUnavailable
from mnist_app.ink.drawing import Drawing
from mnist_app.ink.preprocess import preprocess
from mnist_app.ink.strokes import Stroke
from mnist_app.ink.synthetic.non_digits import HELD_OUT, TRAINED_ON
from mnist_app.ink.synthetic.synthesis import synthesise, write_digit
from mnist_app.learning.data.datasets import Dataset
from mnist_app.learning.inference.classifier import Classifier
from mnist_app.learning.inference.digit_detector import DigitDetector, combine
from mnist_app.learning.inference.inference import load_model
from mnist_app.learning.inference.model_card import read_card, verify
from mnist_app.learning.inference.verdict import DIGIT_FROM
from mnist_app.learning.release import build_detector, measure_detector
from mnist_app.learning.release.non_digit_images import images_of_others, images_of_print
from mnist_app.settings import ASSETS

# Keras 3.15 hands its variables to NumPy 2 in the old way when it writes a file.
pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
)


@pytest.fixture(scope="module")
def shipped() -> DigitDetector:
    return DigitDetector.load(ASSETS / "digit_detector.keras", Classifier.load(ASSETS / "model.keras"))


@pytest.fixture(scope="module")
def digits() -> Dataset:
    x, y = synthesise(700, seed=0)
    return Dataset("digits", "Written by rule.", "abc", x[:600], y[:600], x[600:], y[600:])


def test_what_ships_is_what_its_card_describes() -> None:
    card = read_card(ASSETS / "digit_detector_card.json")
    verify(card, ASSETS / card.file)
    assert card.parameters == load_model(ASSETS / card.file).count_params()
    both = (ASSETS / "digit_detector.keras").stat().st_size + (ASSETS / "model.keras").stat().st_size
    assert both <= 3_000_000


@pytest.mark.slow
def test_digits_by_rule_are_digits_and_other_drawings_are_not(shipped: DigitDetector) -> None:
    rng = np.random.default_rng(0)
    strokes = [
        [Stroke(way * 140 + 70, 16) for way in write_digit(n % 10, rng, haste=0.2)] for n in range(100)
    ]
    written = np.array([preprocess(Drawing.from_strokes(each, 280)).image for each in strokes])
    assert (shipped.likelihoods_of(written) >= DIGIT_FROM).mean() >= 0.97
    others, _ = images_of_others(10 * len(TRAINED_ON), 99, TRAINED_ON)
    assert (shipped.likelihoods_of(others.astype(np.float32) / 255) < DIGIT_FROM).mean() >= 0.9


def test_one_and_many_agree(shipped: DigitDetector) -> None:
    images = np.random.default_rng(0).random((3, 28, 28), dtype=np.float32)
    many = shipped.likelihoods_of(images)
    assert many.shape == (3,) and (many >= 0).all() and (many <= 1).all()
    np.testing.assert_allclose(many, [shipped.likelihood(image) for image in images], atol=1e-5)


def test_an_answer_that_is_known_is_not_asked_for_again(shipped: DigitDetector) -> None:
    images = np.random.default_rng(1).random((3, 28, 28), dtype=np.float32)
    answers = shipped.classifier.probabilities_of(images)
    np.testing.assert_array_equal(shipped.likelihoods_of(images, answers), shipped.likelihoods_of(images))
    alone = shipped.classifier.probabilities(images[0])
    assert shipped.likelihood(images[0], alone) == shipped.likelihood(images[0])


@given(st.floats(0.1, 1.0), st.floats(0.1, 1.0), st.floats(0.0, 1.0, width=32))
def test_the_surer_the_classifier_the_likelier_a_digit(one: float, other: float, taught: float) -> None:
    answers = np.full((2, 10), 0.0, np.float32)
    for row, best in zip(answers, sorted((one, other)), strict=True):
        row[:] = (1 - best) / 9
        row[3] = best
    less, more = combine(np.full(2, taught, np.float32), answers)
    assert 0 <= less <= more <= 1


def test_neither_network_is_trusted_without_end() -> None:
    sure, taught = np.eye(10, dtype=np.float32)[:1], np.array([0.0], np.float32)
    assert 0 < combine(taught, sure)[0] < DIGIT_FROM < combine(1 - taught, np.full((1, 10), 0.1))[0] < 1


def test_a_model_of_digits_is_no_detector(tmp_path: Path) -> None:
    classifier = Classifier.load(ASSETS / "model.keras")
    with pytest.raises(ModelUnavailable, match="expected was"):
        DigitDetector.load(ASSETS / "model.keras", classifier)
    with pytest.raises(ModelUnavailable, match="no model at"):
        DigitDetector.load(tmp_path / "gone.keras", classifier)


def test_other_drawings_become_images_always_the_same() -> None:
    x, kinds = images_of_others(30, 7, HELD_OUT)
    assert x.shape == (30, 28, 28) and (x.max(axis=(1, 2)) == 255).all()
    assert set(kinds.tolist()) == set(range(len(HELD_OUT)))
    again, _ = images_of_others(30, 7, HELD_OUT)
    np.testing.assert_array_equal(x, again)
    printed = images_of_print(8, 0, "AK")
    assert printed.shape == (8, 28, 28) and printed.dtype == np.uint8


@pytest.mark.slow
def test_the_limit_is_put_where_hardly_any_digit_falls_below_one_half(
    shipped: DigitDetector, digits: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_detector, "VALIDATION", 400)
    classifier = shipped.classifier
    model = build_detector.detector_network(seed=1)
    images = digits.x_train[-400:].astype(np.float32) / np.float32(255)
    before = DigitDetector(model, classifier).likelihoods_of(images)
    limit = build_detector.set_limit(model, classifier, digits, [])
    assert limit == pytest.approx(np.quantile(before, build_detector.FALSE_ALARMS), abs=1e-4)
    after = DigitDetector(model, classifier).likelihoods_of(images)
    assert (after < DIGIT_FROM).mean() == pytest.approx((before < limit).mean(), abs=0.003)
    assert (np.argsort(before) == np.argsort(after)).mean() > 0.9


@pytest.mark.slow
def test_detector_and_card_are_written(
    shipped: DigitDetector, digits: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (
        ("OTHERS", 256),
        ("PRINTED", 16),
        ("WRITTEN", 20),
        ("VALIDATION", 200),
        ("EPOCHS", 2),
    ):
        monkeypatch.setattr(build_detector, name, value)
    monkeypatch.setattr(measure_detector, "PER_KIND", 2)
    card = build_detector.build(digits, [], shipped.classifier, tmp_path, date(2026, 1, 31))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "digit_detector.keras",
        "digit_detector_card.json",
    ]
    assert read_card(tmp_path / "digit_detector_card.json") == card
    verify(card, tmp_path / card.file)
    assert not keras.models.load_model(tmp_path / card.file).compiled
    names = [entry.name for entry in card.measurements]
    assert names[:2] == ["digits test set taken for digits", "other drawings called no digit"]
    assert len(names) == 3 + len(HELD_OUT)
