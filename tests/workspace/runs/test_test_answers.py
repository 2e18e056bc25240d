"""Answers on a test set, kept under the digests of model and data."""

import logging
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from mnist_app.errors import StorageUnavailable
from mnist_app.learning.explanation.likeness import Features
from mnist_app.workspace.runs.test_answers import Evaluations

MODEL, DATA = "a" * 64, "b" * 64


@pytest.fixture
def probabilities() -> NDArray[np.float32]:
    drawn = np.random.default_rng(0).dirichlet(np.ones(10), 30)
    return drawn.astype(np.float32)


def test_what_is_kept_is_read_again_by_another_server(
    tmp_path: Path, probabilities: NDArray[np.float32]
) -> None:
    Evaluations(tmp_path).keep(MODEL, DATA, probabilities)
    read = Evaluations(tmp_path).read(MODEL, DATA, 30)
    assert read is not None
    assert np.array_equal(read, probabilities)
    assert not list(tmp_path.glob("**/*.part"))


def test_another_model_or_another_data_set_has_its_own(
    tmp_path: Path, probabilities: NDArray[np.float32]
) -> None:
    kept = Evaluations(tmp_path)
    kept.keep(MODEL, DATA, probabilities)
    assert kept.read("c" * 64, DATA, 30) is None
    assert kept.read(MODEL, "d" * 64, 30) is None


@pytest.mark.parametrize("length", [0, 1, 100, 700])
def test_a_damaged_file_counts_as_none(
    tmp_path: Path,
    probabilities: NDArray[np.float32],
    length: int,
    caplog: pytest.LogCaptureFixture,
) -> None:
    kept = Evaluations(tmp_path)
    kept.keep(MODEL, DATA, probabilities)
    path = kept.path(MODEL, DATA)
    content = path.read_bytes()
    assert len(content) > 700
    path.write_bytes(content[:length])
    with caplog.at_level(logging.WARNING):
        assert kept.read(MODEL, DATA, 30) is None
    assert "evaluated again" in caplog.text


def test_a_changed_byte_of_the_answers_is_noticed(tmp_path: Path, probabilities: NDArray[np.float32]) -> None:
    kept = Evaluations(tmp_path)
    kept.keep(MODEL, DATA, probabilities)
    path = kept.path(MODEL, DATA)
    content = bytearray(path.read_bytes())
    content[content.index(probabilities.tobytes()) + 5] ^= 1
    path.write_bytes(content)
    assert kept.read(MODEL, DATA, 30) is None


@pytest.mark.parametrize("fault", ["count", "nan", "sum", "negative"])
def test_what_are_no_probabilities_of_so_many_images_counts_as_none(
    tmp_path: Path, probabilities: NDArray[np.float32], fault: str
) -> None:
    wrong = probabilities.copy()
    if fault == "nan":
        wrong[3, 3] = np.nan
    elif fault == "sum":
        wrong[3] *= 2
    elif fault == "negative":
        wrong[3, :2] += (-2, 2)
    kept = Evaluations(tmp_path)
    kept.keep(MODEL, DATA, wrong)
    assert kept.read(MODEL, DATA, 31 if fault == "count" else 30) is None


def test_a_model_s_answers_can_be_removed(tmp_path: Path, probabilities: NDArray[np.float32]) -> None:
    kept = Evaluations(tmp_path)
    kept.keep(MODEL, DATA, probabilities)
    kept.keep("c" * 64, DATA, probabilities)
    kept.delete(MODEL)
    assert kept.read(MODEL, DATA, 30) is None
    assert kept.read("c" * 64, DATA, 30) is not None


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path, probabilities: NDArray[np.float32]) -> None:
    (tmp_path / "evaluations").write_text("a file in the folder's place")
    with pytest.raises(StorageUnavailable):
        Evaluations(tmp_path).keep(MODEL, DATA, probabilities)


@pytest.fixture
def features() -> Features:
    return Features.pack(np.random.default_rng(0).normal(0, 9, (30, 20)))


def test_kept_features_are_read_again(tmp_path: Path, features: Features) -> None:
    Evaluations(tmp_path).keep_features(MODEL, DATA, features)
    read = Evaluations(tmp_path).read_features(MODEL, DATA, (30, 20))
    assert read is not None and read.scale == features.scale
    assert np.array_equal(read.values, features.values)
    assert Evaluations(tmp_path).read(MODEL, DATA, 30) is None  # answers are another file


@pytest.mark.parametrize("length", [0, 1, 100, 700])
def test_a_damaged_file_of_features_counts_as_none(tmp_path: Path, features: Features, length: int) -> None:
    kept = Evaluations(tmp_path)
    kept.keep_features(MODEL, DATA, features)
    path = kept.features_path(MODEL, DATA)
    path.write_bytes(path.read_bytes()[:length])
    assert kept.read_features(MODEL, DATA, (30, 20)) is None


@pytest.mark.parametrize("shape", [(31, 20), (30, 19)])
def test_features_of_other_images_or_of_another_layer_count_as_none(
    tmp_path: Path, features: Features, shape: tuple[int, int]
) -> None:
    kept = Evaluations(tmp_path)
    kept.keep_features(MODEL, DATA, features)
    assert kept.read_features(MODEL, DATA, shape) is None


@pytest.mark.parametrize("scale", [0.0, -1.0, np.nan, np.inf])
@pytest.mark.parametrize("value", [0.5, 2.0, np.nan])
def test_numbers_that_are_no_features_count_as_none(tmp_path: Path, scale: float, value: float) -> None:
    kept = Evaluations(tmp_path)
    kept.keep_features(MODEL, DATA, Features(np.full((3, 2), value, np.float16), scale))
    assert kept.read_features(MODEL, DATA, (3, 2)) is None


def test_features_are_removed_with_the_model_s_answers(tmp_path: Path, features: Features) -> None:
    kept = Evaluations(tmp_path)
    kept.keep_features(MODEL, DATA, features)
    kept.keep_features("c" * 64, DATA, features)
    kept.delete(MODEL)
    assert kept.read_features(MODEL, DATA, (30, 20)) is None
    assert kept.read_features("c" * 64, DATA, (30, 20)) is not None
