"""A model asked about a whole test set, once."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from mnist_app.errors import DatasetUnavailable, ModelUnavailable
from mnist_app.learning.data.datasets import Dataset
from mnist_app.ui.shared.evaluation_job import EvaluationJob
from mnist_app.ui.shared.idle_thread import IdleThread
from mnist_app.ui.shared.recogniser import PIECE, Recogniser
from mnist_app.workspace.runs.test_answers import Evaluations

MODEL = "a" * 64
IMAGES = 2 * PIECE + 30


class BrightPixel:
    """Stands in for a network: it takes an image for the digit whose pixel in the first row is brightest."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.before_piece: Callable[[], None] = lambda: None

    def probabilities_of(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        assert images.dtype == np.float32 and images.max() <= 1
        self.before_piece()
        self.sizes.append(len(images))
        scores = images[:, 0, :10] + 0.01
        return np.asarray(scores / scores.sum(axis=1, keepdims=True), np.float32)

    def probabilities(self, image: NDArray[np.float32]) -> NDArray[np.float32]:
        return self.probabilities_of(image[np.newaxis])[0]


class AlwaysADigit:
    """A detector that takes everything for a digit."""

    classifier = None

    def likelihood(self, image: NDArray[np.float32], answer: NDArray[np.float32] | None) -> float:
        return 1.0


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    generator = np.random.default_rng(0)
    images = np.zeros((IMAGES, 28, 28), np.uint8)
    digits = generator.integers(0, 10, IMAGES).astype(np.uint8)
    images[np.arange(IMAGES), 0, digits] = generator.integers(100, 255, IMAGES)
    truth = digits.copy()
    truth[:7] = (truth[:7] + 1) % 10
    return Dataset("synthetic", "Made up.", "b" * 64, images[:1], truth[:1], images, truth)


@pytest.fixture
def network() -> BrightPixel:
    return BrightPixel()


@pytest.fixture
def recogniser(network: BrightPixel) -> Iterator[Recogniser]:
    recogniser = Recogniser(lambda: network, AlwaysADigit)  # type: ignore[arg-type, return-value]
    yield recogniser
    recogniser.close()


def test_each_image_is_answered_once_and_in_its_place(
    tmp_path: Path, dataset: Dataset, network: BrightPixel, recogniser: Recogniser
) -> None:
    job = EvaluationJob(lambda: dataset, lambda: recogniser, Evaluations(tmp_path), MODEL)
    assert job.wait(60)
    answered = job.result()
    assert job.asked == job.total == sum(network.sizes) == IMAGES
    assert [mistake.index for mistake in answered.evaluation.mistakes if mistake.index > 6] == []
    assert len(answered.evaluation.mistakes) == 7
    assert np.array_equal(answered.answers[7:], dataset.y_test[7:])
    assert answered.fault == ""


def test_what_was_kept_is_not_asked_again(
    tmp_path: Path, dataset: Dataset, network: BrightPixel, recogniser: Recogniser
) -> None:
    first = EvaluationJob(lambda: dataset, lambda: recogniser, Evaluations(tmp_path), MODEL).result()
    second = EvaluationJob(lambda: dataset, lambda: recogniser, Evaluations(tmp_path), MODEL).result()
    assert sum(network.sizes) == IMAGES
    assert np.array_equal(first.probabilities, second.probabilities)


def test_somebody_else_is_answered_between_two_pieces(
    tmp_path: Path,
    dataset: Dataset,
    network: BrightPixel,
    recogniser: Recogniser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        begun.set()
        assert go_on.wait(60)

    network.before_piece = hold
    job = EvaluationJob(lambda: dataset, lambda: recogniser, Evaluations(tmp_path), MODEL)
    assert begun.wait(60)
    queued, submit = threading.Event(), IdleThread.submit

    def submit_and_tell(thread: IdleThread, function: Callable[[], object]) -> Future[object]:
        future = submit(thread, function)
        queued.set()
        return future

    monkeypatch.setattr(IdleThread, "submit", submit_and_tell)
    with ThreadPoolExecutor(1) as other:
        drawn = other.submit(recogniser.verdict, np.zeros((28, 28), np.float32))
        assert queued.wait(60)
        go_on.set()
        assert drawn.result(60).is_digit
    assert job.result().evaluation.accuracy > 0.9
    assert network.sizes == [PIECE, 1, PIECE, IMAGES - 2 * PIECE]


def test_answers_that_cannot_be_kept_are_shown_with_the_reason(
    tmp_path: Path, dataset: Dataset, recogniser: Recogniser
) -> None:
    (tmp_path / "evaluations").write_text("a file in the folder's place")
    answered = EvaluationJob(lambda: dataset, lambda: recogniser, Evaluations(tmp_path), MODEL).result()
    assert len(answered.evaluation.mistakes) == 7
    assert "evaluations" in answered.fault


def test_a_data_set_or_a_model_that_is_not_there_is_said(tmp_path: Path, dataset: Dataset) -> None:
    def no_data() -> Dataset:
        raise DatasetUnavailable("There is no data.")

    def no_model() -> None:
        raise ModelUnavailable("There is no model.")

    broken = Recogniser(no_model, no_model)  # type: ignore[arg-type]
    with pytest.raises(DatasetUnavailable, match="no data"):
        EvaluationJob(no_data, lambda: broken, Evaluations(tmp_path), MODEL).result()
    with pytest.raises(ModelUnavailable, match="no model"):
        EvaluationJob(lambda: dataset, lambda: broken, Evaluations(tmp_path), MODEL).result()
    broken.close()


def test_a_recogniser_that_was_put_away_says_so(
    tmp_path: Path, dataset: Dataset, recogniser: Recogniser
) -> None:
    assert recogniser.wait(60)
    recogniser.close()
    with pytest.raises(ModelUnavailable, match="put away"):
        EvaluationJob(lambda: dataset, lambda: recogniser, Evaluations(tmp_path), MODEL).result()


def test_no_thread_is_left_over(tmp_path: Path, dataset: Dataset, recogniser: Recogniser) -> None:
    job = EvaluationJob(lambda: dataset, lambda: recogniser, Evaluations(tmp_path), MODEL)
    job.result()
    for thread in threading.enumerate():
        if thread.name.startswith("evaluation"):
            thread.join(60)
            assert not thread.is_alive()
