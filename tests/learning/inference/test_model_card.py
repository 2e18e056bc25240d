"""The card survives JSON, notices a foreign file, and the one that ships describes the file that ships."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import keras
import numpy as np
import pytest

from mnist_app.errors import ModelUnavailable
from mnist_app.learning.inference.model_card import (
    Layer,
    Measurement,
    ModelCard,
    digest,
    read_card,
    verify,
    write_card,
)
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.settings import ASSETS

CONTENT = b"not really a model"
CARD = ModelCard(
    name="test",
    preset="dense",
    summary="A network.",
    layers=(Layer("dense", "Dense", (None, 10), 7850),),
    parameters=7850,
    data={"name": "mnist", "source": "somewhere", "sha256": "0" * 64},
    configuration=TrainingConfig(preset="dense").to_dict(),
    seconds=1.5,
    versions={"python": "3.11"},
    measurements=(Measurement("MNIST test set", 0.975, 10_000, "as they are"),),
    chosen_by="nothing",
    limits="many",
    file="model.keras",
    sha256=digest(CONTENT),
    size=len(CONTENT),
    rebuild="make model",
    date="2026-01-31",
)


def test_json_gives_the_same_card_back(tmp_path: Path) -> None:
    write_card(CARD, tmp_path / "card.json")
    assert read_card(tmp_path / "card.json") == CARD
    assert [path.name for path in tmp_path.iterdir()] == ["card.json"]


def test_a_measurement_is_found_by_name() -> None:
    found = CARD.measurement("MNIST test set")
    assert found is not None
    assert found.images == 10_000
    assert CARD.measurement("another") is None


def test_a_missing_card_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"gone\.json"):
        read_card(tmp_path / "gone.json")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        "3",
        json.dumps(asdict(CARD) | {"more": 1}),
        json.dumps(asdict(CARD) | {"layers": [{"name": "x"}]}),
        json.dumps(asdict(CARD) | {"layers": [3]}),
        json.dumps(asdict(CARD) | {"measurements": [{"what": 3}]}),
        json.dumps(asdict(CARD) | {"measurements": None}),
    ],
)
def test_a_damaged_card_is_named(text: str, tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ModelUnavailable, match=r"card\.json"):
        read_card(path)


def test_a_card_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "card.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ModelUnavailable, match=r"card\.json"):
        read_card(tmp_path / "card.json")


def test_the_right_file_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "model.keras").write_bytes(CONTENT)
    verify(CARD, tmp_path / "model.keras")


@pytest.mark.parametrize("content", [b"", CONTENT[:-1], CONTENT[:-1] + b"L", CONTENT + b"!"])
def test_another_file_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "model.keras").write_bytes(content)
    with pytest.raises(ModelUnavailable, match=r"model\.keras"):
        verify(CARD, tmp_path / "model.keras")


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"gone\.keras"):
        verify(replace(CARD, file="gone.keras"), tmp_path / "gone.keras")


def test_the_card_that_ships_describes_the_model_that_ships() -> None:
    from mnist_app.learning.inference.inference import load_model
    from mnist_app.learning.training.presets import build_model

    card = read_card(ASSETS / "model_card.json")
    verify(card, ASSETS / card.file)
    assert card.size <= 3_000_000
    model = load_model(ASSETS / card.file)
    assert model.count_params() == card.parameters
    assert sum(layer.parameters for layer in card.layers) == card.parameters
    layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    assert [layer.name for layer in layers] == [layer.name for layer in card.layers]
    assert not model.compiled
    assert TrainingConfig.from_dict(card.configuration).preset == card.preset
    assert [weight.shape for weight in build_model(card.preset).weights] == [w.shape for w in model.weights]


@pytest.mark.slow
def test_the_model_that_ships_is_as_good_as_its_card_says(mnist_path: Path) -> None:
    from mnist_app.learning.data.datasets import read_mnist
    from mnist_app.learning.inference.classifier import Classifier
    from mnist_app.learning.metrics.evaluation import evaluate

    dataset = read_mnist(mnist_path)
    card = read_card(ASSETS / "model_card.json")
    assert card.data["sha256"] == dataset.digest
    claimed = card.measurement("MNIST test set")
    assert claimed is not None
    probabilities = Classifier.load(ASSETS / card.file).probabilities_of(
        dataset.x_test.astype(np.float32) / 255
    )
    measured = evaluate(probabilities, dataset.y_test)
    # Another processor rounds otherwise: one image may fall to the other side.
    assert measured.accuracy == pytest.approx(claimed.accuracy, abs=1.5e-4)
    assert measured.accuracy >= 0.995
    assert len(dataset.y_test) == claimed.images
