"""A model's features of a whole test set, computed once."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mnist_app.errors import ModelUnavailable
from mnist_app.ink.synthetic.synthesis import synthesise
from mnist_app.learning.data.datasets import Dataset
from mnist_app.learning.explanation.likeness import nearest
from mnist_app.learning.inference.classifier import Classifier
from mnist_app.learning.training.presets import build_model
from mnist_app.ui.shared import resources
from mnist_app.ui.shared.evaluation_job import EvaluationJob
from mnist_app.ui.shared.likeness_job import LikenessJob
from mnist_app.ui.shared.recogniser import PIECE, Recogniser
from mnist_app.workspace.runs.test_answers import Evaluations

MODEL, DATA = "a" * 64, "b" * 64
IMAGES = PIECE + 30


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    images, truth = synthesise(IMAGES, seed=1)
    return Dataset("synthetic", "Made up.", DATA, images[:1], truth[:1], images, truth)


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier(build_model("dense", seed=3))


@pytest.fixture
def recogniser(classifier: Classifier) -> Iterator[Recogniser]:
    recogniser = Recogniser(lambda: classifier, resources.digit_detector)
    yield recogniser
    recogniser.close()


def job_of(dataset: Dataset, recogniser: Recogniser, kept: Evaluations) -> LikenessJob:
    def evaluation() -> EvaluationJob:
        return EvaluationJob(lambda: dataset, lambda: recogniser, kept, MODEL)

    return LikenessJob(evaluation, lambda: recogniser, kept, MODEL)


def test_a_test_image_is_most_like_itself(tmp_path: Path, dataset: Dataset, recogniser: Recogniser) -> None:
    job = job_of(dataset, recogniser, Evaluations(tmp_path))
    found = job.result()
    assert job.asked == job.total == 2 * IMAGES and found.fault == ""
    assert found.features.values.shape == (IMAGES, 128) and found.places.shape == (IMAGES, 2)
    for index in (0, 7, IMAGES - 1):
        point = recogniser.features(dataset.x_test[index].astype(np.float32) / np.float32(255))
        assert nearest(found.features.distances(point))[0] == index
        assert found.flat.place(point) == pytest.approx(found.places[index], abs=0.01 * found.features.scale)


def test_kept_features_are_not_computed_again(
    tmp_path: Path, dataset: Dataset, recogniser: Recogniser
) -> None:
    first = job_of(dataset, recogniser, Evaluations(tmp_path)).result()
    again = job_of(dataset, recogniser, Evaluations(tmp_path))
    assert np.array_equal(again.result().features.values, first.features.values) and again.asked == IMAGES


def test_a_damaged_file_is_computed_anew(tmp_path: Path, dataset: Dataset, recogniser: Recogniser) -> None:
    kept = Evaluations(tmp_path)
    first = job_of(dataset, recogniser, kept).result()
    path = kept.features_path(MODEL, DATA)
    path.write_bytes(path.read_bytes()[:-100])
    again = job_of(dataset, recogniser, kept)
    assert np.array_equal(again.result().features.values, first.features.values) and again.asked == 2 * IMAGES
    assert kept.read_features(MODEL, DATA, (IMAGES, 128)) is not None


def test_features_that_cannot_be_kept_are_returned_all_the_same(
    tmp_path: Path, dataset: Dataset, recogniser: Recogniser
) -> None:
    (tmp_path / "evaluations").write_text("a file in the folder's place")
    found = job_of(dataset, recogniser, Evaluations(tmp_path)).result()
    assert "evaluations" in found.fault and len(found.features.values) == IMAGES


def test_a_diverged_network_says_so(tmp_path: Path, dataset: Dataset) -> None:
    model = build_model("dense", seed=3)
    model.set_weights([np.full_like(array, 3e38) for array in model.get_weights()])
    diverged = Recogniser(lambda: Classifier(model), resources.digit_detector)
    with pytest.raises(ModelUnavailable, match="not numbers"):
        job_of(dataset, diverged, Evaluations(tmp_path)).result()
    diverged.close()
