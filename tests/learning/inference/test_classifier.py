"""The classifier against the model itself, from one thread and many, and against bad files and images."""

import threading
from pathlib import Path

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from mnist_app.errors import ModelUnavailable
from mnist_app.learning.inference.classifier import Classifier
from mnist_app.learning.inference.inference import CHUNK
from mnist_app.learning.training.presets import build_model

# Keras 3.15 hands its variables to NumPy 2 in the old way when it writes a file.
pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
)


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return build_model("accurate", seed=3)


@pytest.fixture(scope="module")
def classifier(model: keras.Model) -> Classifier:
    return Classifier(model)


def images(n: int, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).random((n, 28, 28)).astype(np.float32)


def test_one_image_is_answered_as_by_the_model(classifier: Classifier, model: keras.Model) -> None:
    image = images(1)
    answer = classifier.probabilities(image[0])
    assert answer.shape == (10,)
    assert answer.dtype == np.float32
    np.testing.assert_allclose(answer, model(image, training=False).numpy()[0], atol=1e-6)


@pytest.mark.parametrize("n", [0, 1, 2, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 7])
def test_many_images_are_answered_as_by_the_model(classifier: Classifier, model: keras.Model, n: int) -> None:
    many = images(n, seed=n)
    answers = classifier.probabilities_of(many)
    assert answers.shape == (n, 10)
    if n:
        np.testing.assert_allclose(answers, model(many, training=False).numpy(), atol=1e-5)


def test_threads_get_the_answers_to_their_own_images(classifier: Classifier) -> None:
    own = images(8, seed=5)
    expected = [classifier.probabilities(image) for image in own]
    wrong: list[int] = []

    def ask(index: int) -> None:
        for _ in range(50):
            if not np.array_equal(classifier.probabilities(own[index]), expected[index]):
                wrong.append(index)
                return

    threads = [threading.Thread(target=ask, args=(index,)) for index in range(len(own))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_later_training_is_seen(model: keras.Model) -> None:
    changed = keras.models.clone_model(model)
    classifier = Classifier(changed)
    image = images(1)[0]
    before = classifier.probabilities(image)
    changed.set_weights([weight + 0.1 for weight in changed.get_weights()])
    assert not np.allclose(classifier.probabilities(image), before)


def test_a_saved_model_answers_as_before(classifier: Classifier, model: keras.Model, tmp_path: Path) -> None:
    model.save(tmp_path / "model.keras")
    image = images(1)[0]
    loaded = Classifier.load(tmp_path / "model.keras")
    np.testing.assert_allclose(loaded.probabilities(image), classifier.probabilities(image), atol=1e-6)


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 cut off"])
def test_a_damaged_file_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    path.write_bytes(content)
    with pytest.raises(ModelUnavailable, match=r"model\.keras"):
        Classifier.load(path)


def test_a_truncated_model_is_refused(model: keras.Model, tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    model.save(path)
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(ModelUnavailable):
        Classifier.load(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"gone\.keras"):
        Classifier.load(tmp_path / "gone.keras")


def test_another_kind_of_model_is_refused(tmp_path: Path) -> None:
    other = keras.Sequential([keras.Input((5,)), keras.layers.Dense(2)])
    other.save(tmp_path / "other.keras")
    with pytest.raises(ModelUnavailable, match="maps"):
        Classifier.load(tmp_path / "other.keras")


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((27, 28), np.float32),
        np.zeros((28, 28, 1), np.float32),
        np.zeros((1, 28, 28), np.float32),
        np.zeros((28, 28), np.float64),
        np.zeros((28, 28), np.uint8),
        np.full((28, 28), 1.01, np.float32),
        np.full((28, 28), -0.01, np.float32),
        np.full((28, 28), np.nan, np.float32),
        np.full((28, 28), np.inf, np.float32),
    ],
)
def test_what_is_no_image_is_refused(classifier: Classifier, image: NDArray) -> None:
    with pytest.raises(ValueError, match="expected"):
        classifier.probabilities(image)
    with pytest.raises(ValueError, match="expected"):
        classifier.probabilities_of(image[np.newaxis])
