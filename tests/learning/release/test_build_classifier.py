"""The program that builds the shipped model, on small data: what it writes, what it refuses to write."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from mnist_app.errors import ModelUnavailable
from mnist_app.ink.synthetic.synthesis import synthesise, write_digit
from mnist_app.learning.data.datasets import Dataset
from mnist_app.learning.inference.classifier import Classifier
from mnist_app.learning.inference.model_card import read_card, verify
from mnist_app.learning.metrics.calibration import with_temperature
from mnist_app.learning.release import build_classifier
from mnist_app.learning.release.build_classifier import build, calibrate, with_pen_digits
from mnist_app.learning.release.measure_classifier import HELD_OUT, WAYS
from mnist_app.learning.release.pendigits import PenDigit
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.learning.training.presets import build_model, get_preset

# Keras 3.15 hands its variables to NumPy 2 in the old way when it writes a file.
pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
)

CONFIG = replace(get_preset("dense").defaults, epochs=3, batch_size=16, name="small")
TODAY = date(2026, 1, 31)


@pytest.fixture(scope="module")
def digits() -> Dataset:
    x, y = synthesise(500, seed=0)
    return Dataset("digits", "From /some/folder: written by rule.", "abc", x[:400], y[:400], x[400:], y[400:])


@pytest.fixture(scope="module")
def pen_digits() -> list[PenDigit]:
    rng = np.random.default_rng(0)
    return [
        PenDigit(
            n % 10, writer=n // 10 + 1, sample=n, strokes=[way * 200 + 50 for way in write_digit(n % 10, rng)]
        )
        for n in range(120)
    ]


def test_model_and_card_are_written_and_belong_together(
    digits: Dataset, pen_digits: list[PenDigit], tmp_path: Path
) -> None:
    card = build(digits, CONFIG, pen_digits, tmp_path, TODAY, copies=2)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.keras", "model_card.json"]
    assert read_card(tmp_path / "model_card.json") == card
    verify(card, tmp_path / "model.keras")
    classifier = Classifier.load(tmp_path / "model.keras")
    assert not classifier.model.compiled
    answers = classifier.probabilities_of(digits.x_test.astype(np.float32) / 255).argmax(axis=1)
    on_test = card.measurement("digits test set")
    assert on_test is not None
    assert on_test.accuracy == np.mean(answers == digits.y_test)
    groups = [entry.images for entry in card.measurements]
    # Of twelve writers with ten digits each three are held out: 4 and 12, and 8.
    assert groups == [100] + [90] * 3 + [20] * 3 + [10] * 3 + [30] * len(WAYS)
    assert all(len(entry.per_digit) == 10 for entry in card.measurements)
    assert TrainingConfig.from_dict(card.configuration) == CONFIG
    assert card.parameters == 101_770
    assert card.data["sha256"] == "abc"
    assert card.data["source"] == "written by rule."
    assert card.date == "2026-01-31"


@pytest.mark.slow
def test_without_pen_digits_the_test_set_is_measured_alone(digits: Dataset, tmp_path: Path) -> None:
    card = build(digits, replace(CONFIG, epochs=1), [], tmp_path, TODAY)
    assert [entry.name for entry in card.measurements] == ["digits test set"]


def test_a_training_that_diverges_writes_nothing(digits: Dataset, tmp_path: Path) -> None:
    config = replace(CONFIG, optimizer="momentum", learning_rate=10.0, momentum=0.99, epochs=20)
    with pytest.raises(RuntimeError, match="diverged"):
        build(digits, config, [], tmp_path, TODAY)
    assert list(tmp_path.iterdir()) == []


def test_pen_digits_join_the_training_images(digits: Dataset, pen_digits: list[PenDigit]) -> None:
    joined = with_pen_digits(digits, pen_digits, copies=3)
    assert joined.x_train.shape == (400 + 360, 28, 28)
    np.testing.assert_array_equal(joined.x_train[:400], digits.x_train)
    np.testing.assert_array_equal(joined.y_train[400:], [digit.digit for digit in pen_digits] * 3)
    assert joined.x_test is digits.x_test
    assert with_pen_digits(digits, [], copies=3) is digits


def test_calibration_divides_the_logits_and_changes_no_answer(pen_digits: list[PenDigit]) -> None:
    model = build_model("dense", seed=3)
    before = model.get_weights()
    images = np.random.default_rng(0).uniform(size=(50, 28, 28)).astype(np.float32)
    answers = Classifier(model).probabilities_of(images)
    temperature = calibrate(model, pen_digits[:40])
    assert temperature > 1  # a network that knows nothing does best to say so
    for old, new in zip(before, model.get_weights(), strict=True):
        assert np.array_equal(old, new) or np.allclose(old / temperature, new)
    scaled = Classifier(model).probabilities_of(images)
    np.testing.assert_allclose(scaled, with_temperature(answers, temperature), atol=1e-5)
    assert calibrate(model, []) == 1


def test_no_writer_is_both_learned_from_and_measured_on() -> None:
    assert len(set(HELD_OUT)) == len(HELD_OUT)


def test_what_cannot_be_had_is_said_in_a_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MNIST_APP_PENDIGITS", str(tmp_path / "gone"))
    assert build_classifier.main() == 1
    assert "gone" in capsys.readouterr().err


@pytest.mark.slow
def test_a_model_that_is_not_the_cards_is_noticed(digits: Dataset, tmp_path: Path) -> None:
    card = build(digits, replace(CONFIG, epochs=1), [], tmp_path, TODAY)
    path = tmp_path / "model.keras"
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(ModelUnavailable):
        verify(card, path)
