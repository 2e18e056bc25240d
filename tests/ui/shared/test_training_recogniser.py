"""The network of a run that trains, asked as of its last whole epoch."""

import threading
import weakref
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from trained import KERAS_WARNING
from waiting import until

from mnist_app.errors import ModelUnavailable, RunNotFound
from mnist_app.learning.inference.classifier import Classifier
from mnist_app.learning.training.presets import PRESETS, build_model
from mnist_app.settings import Settings
from mnist_app.ui.shared import resources, training_recogniser
from mnist_app.ui.shared.garbage import collect_garbage
from mnist_app.ui.shared.idle_thread import IdleThread
from mnist_app.ui.shared.training_recogniser import TrainingRecogniser
from mnist_app.workspace.runs.model_files import ModelFiles, take_checkpoint
from mnist_app.workspace.runs.records import Lease, Run, Status
from mnist_app.workspace.runs.run_store import Store

pytestmark = pytest.mark.filterwarnings(KERAS_WARNING)
IMAGES = np.random.default_rng(0).integers(0, 256, (7, 28, 28)).astype(np.uint8)


@pytest.fixture
def store(settings: Settings, tmp_path: Path) -> Iterator[Store]:
    store = Store(replace(settings, home=tmp_path, database=None))
    yield store
    store.close()


@pytest.fixture
def files(tmp_path: Path) -> ModelFiles:
    return ModelFiles(tmp_path)


@pytest.fixture
def lease(store: Store) -> Lease:
    return store.start(PRESETS["dense"].defaults, "test")


@pytest.fixture
def recogniser(store: Store, files: ModelFiles, lease: Lease) -> Iterator[TrainingRecogniser]:
    recogniser = TrainingRecogniser(lambda: store.run(lease.run_id), files)
    yield recogniser
    recogniser.close()


def keep_checkpoint(store: Store, files: ModelFiles, lease: Lease, epoch: int, seed: int) -> np.ndarray:
    """Let the run have seen so many epochs; what its network then says of the images."""
    model = build_model("dense", seed)
    model.compile(optimizer="rmsprop", loss="categorical_crossentropy")
    model.optimizer.build(model.trainable_variables)
    sha256 = files.save_checkpoint(lease.run_id, take_checkpoint(model, epoch))
    store.report(lease, status=Status.TRAINING, checkpoint_epoch=epoch, checkpoint_sha256=sha256)
    return Classifier(model).probabilities_of(IMAGES.astype(np.float32) / 255)


def test_each_answer_is_that_of_the_newest_checkpoint(
    store: Store, files: ModelFiles, lease: Lease, recogniser: TrainingRecogniser
) -> None:
    for epoch, seed in ((1, 11), (2, 12)):
        expected = keep_checkpoint(store, files, lease, epoch, seed)
        for _ in range(2):
            probabilities, seen = recogniser.probabilities_of(IMAGES)
            np.testing.assert_allclose(probabilities, expected, atol=1e-6)
            assert seen == epoch


def test_before_the_first_epoch_there_is_nobody_to_ask(recogniser: TrainingRecogniser) -> None:
    with pytest.raises(ModelUnavailable, match="no model"):
        recogniser.probabilities_of(IMAGES)


@pytest.mark.slow
def test_a_checkpoint_that_is_gone_is_said_and_the_next_one_is_taken(
    store: Store, files: ModelFiles, lease: Lease, recogniser: TrainingRecogniser
) -> None:
    keep_checkpoint(store, files, lease, 1, 11)
    recogniser.probabilities_of(IMAGES)
    keep_checkpoint(store, files, lease, 2, 12)
    files.checkpoint_path(lease.run_id, 2).unlink()
    with pytest.raises(ModelUnavailable, match="cannot be read"):
        recogniser.probabilities_of(IMAGES)
    expected = keep_checkpoint(store, files, lease, 3, 13)
    np.testing.assert_allclose(recogniser.probabilities_of(IMAGES)[0], expected, atol=1e-6)


def test_a_run_that_is_gone_is_said(store: Store, lease: Lease, recogniser: TrainingRecogniser) -> None:
    store.finish(lease, Status.STOPPED)
    store.delete(lease.run_id)
    with pytest.raises(RunNotFound):
        recogniser.probabilities_of(IMAGES)


def test_one_that_was_put_away_says_so(recogniser: TrainingRecogniser) -> None:
    recogniser.close()
    with pytest.raises(ModelUnavailable, match="put away"):
        recogniser.probabilities_of(IMAGES)


@pytest.mark.slow
def test_of_twenty_runs_that_come_and_go_no_thread_stays_and_few_networks(
    class_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_recogniser, "IdleThread", partial(IdleThread, idle_seconds=0.1))
    networks, load = [], ModelFiles.load_classifier

    def load_and_note(files: ModelFiles, run: Run) -> Classifier:
        classifier = load(files, run)
        networks.append(weakref.ref(classifier.model))
        return classifier

    monkeypatch.setattr(ModelFiles, "load_classifier", load_and_note)
    for seed in range(20):
        lease = class_store.start(PRESETS["dense"].defaults, f"test {seed}")
        keep_checkpoint(class_store, resources.model_files(), lease, 1, seed)
        recogniser = resources.training_recogniser(lease.run_id)
        recogniser.probabilities_of(IMAGES)
    assert len(networks) == 20
    until(lambda: not any(thread.name == "training-recogniser" for thread in threading.enumerate()))
    collect_garbage()
    assert 0 < sum(network() is not None for network in networks) <= 4
