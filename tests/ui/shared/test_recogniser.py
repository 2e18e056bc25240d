"""The classifier beside the pages: loaded once, asked from many threads."""

import gc
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from own_home import pages_use
from trained import KERAS_WARNING, finished_run

from mnist_app.errors import ModelUnavailable
from mnist_app.learning.inference.classifier import Classifier
from mnist_app.learning.training.presets import build_model
from mnist_app.settings import Settings
from mnist_app.ui.shared import resources
from mnist_app.ui.shared.recogniser import Recogniser
from mnist_app.workspace.runs.run_store import Store


@pytest.mark.usefixtures("warm")
def test_answers_from_many_threads_agree() -> None:
    images = np.random.default_rng(0).random((40, 28, 28), dtype=np.float32)
    recogniser = resources.recogniser()
    alone = [recogniser.verdict(image) for image in images]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(recogniser.verdict, images))
    for one, other in zip(alone, together, strict=True):
        assert np.array_equal(one.probabilities, other.probabilities)
        assert one.likelihood == other.likelihood
        assert np.isclose(one.probabilities.sum(), 1, atol=1e-5)
        assert not one.is_digit  # a picture of noise


@pytest.mark.usefixtures("warm")
def test_the_garbage_collector_need_not_look_through_tensorflow() -> None:
    assert gc.get_freeze_count() > 100_000


def test_nothing_is_loaded_before_it_is_started_and_then_once() -> None:
    loads: list[int] = []
    gate = threading.Event()

    def load() -> None:
        gate.wait(60)
        loads.append(1)
        raise ModelUnavailable("The model is not there.")

    recogniser = Recogniser(load, load)  # type: ignore[arg-type]
    assert not recogniser.is_ready and not loads
    assert not recogniser.wait(0.01)
    gate.set()
    assert recogniser.wait(60)
    recogniser.start()
    assert loads == [1]


def test_a_model_that_cannot_be_loaded_says_so_when_asked() -> None:
    def load() -> None:
        raise ModelUnavailable("The model is not there.")

    recogniser = Recogniser(load, load)  # type: ignore[arg-type]
    with pytest.raises(ModelUnavailable, match="not there"):
        recogniser.verdict(np.zeros((28, 28), np.float32))


@pytest.mark.usefixtures("warm")
def test_the_explainer_is_made_once_and_asked_on_the_thread_that_answers() -> None:
    recogniser = resources.recogniser()
    threads: list[str] = []
    explainers = [
        recogniser.explain(lambda explainer: (threads.append(threading.current_thread().name), explainer)[1])
        for _ in range(2)
    ]
    assert explainers[0] is explainers[1]
    assert all(name.startswith("recogniser") for name in threads)


def test_a_recogniser_that_was_put_away_says_so_when_it_is_asked_to_explain() -> None:
    recogniser = Recogniser(lambda: None, lambda: None)  # type: ignore[arg-type, return-value]
    assert recogniser.wait(60)
    recogniser.close()
    with pytest.raises(ModelUnavailable, match="put away"):
        recogniser.explain(lambda explainer: explainer)


@pytest.fixture
def store(settings: Settings, tmp_path: Path) -> Iterator[Store]:
    """A home of its own, which the pages use."""
    with pages_use(replace(settings, home=tmp_path, database=None)) as store:
        yield store


@pytest.mark.usefixtures("warm")
@pytest.mark.filterwarnings(KERAS_WARNING)
@pytest.mark.slow
def test_a_class_s_networks_share_one_in_memory_and_answer_each_as_it_was_trained(store: Store) -> None:
    files, image = resources.model_files(), np.random.default_rng(0).random((28, 28), dtype=np.float32)
    runs = [
        finished_run(store, files, preset=preset, seed=seed)
        for seed, preset in enumerate(("dense", "cnn", "dense"))
    ]
    for _ in range(2):
        for run in runs:
            alone = Classifier(build_model(run.config.preset, run.config.seed))
            verdict = resources.recogniser_of_run(run.id, run.model_sha256).verdict(image)
            assert np.array_equal(verdict.probabilities, alone.probabilities(image))
    assert resources.shared_network("dense") is resources.shared_network("dense")
