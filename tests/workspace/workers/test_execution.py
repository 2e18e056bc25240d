"""Carrying out a run: real trainings on small images, and all that becomes of them in the store."""

import threading
from collections.abc import Callable
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from databases import postgresql_is_slow
from moments import At
from waiting import until

from mnist_app.errors import DatasetUnavailable, LeaseLost, ModelUnavailable, RunNotFound, RunNotReady
from mnist_app.ink.synthetic.synthesis import synthesise
from mnist_app.learning.data.datasets import Dataset
from mnist_app.learning.explanation.first_layer import read_first_layer
from mnist_app.learning.inference.inference import load_model
from mnist_app.learning.metrics import evaluation
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.learning.training.presets import build_model, get_preset
from mnist_app.learning.training.training import Observer, train
from mnist_app.settings import Settings
from mnist_app.workspace.runs.leases import ON_CLUSTER
from mnist_app.workspace.runs.model_files import ModelFiles
from mnist_app.workspace.runs.queue import Queue
from mnist_app.workspace.runs.records import Lease, Run, Status
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.workers.cluster.recovery import Recovery
from mnist_app.workspace.workers.execution import carry_out

# Keras 3.15 saves TensorFlow's variables in a way that NumPy 2.4 warns about.
pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
)

CONFIG = TrainingConfig(
    preset="dense", dataset="small", epochs=2, batch_size=16, optimizer="adam", learning_rate=0.001, seed=3
)
LONG = replace(CONFIG, epochs=200)


@pytest.fixture(scope="module")
def small() -> Dataset:
    """Six hundred digits, and a hundred to test on."""
    x, y = synthesise(700, seed=0)
    return Dataset("small", "written by rule", "", x[:600], y[:600], x[600:], y[600:])


@pytest.fixture
def load(small: Dataset) -> Callable[[str], Dataset]:
    """Gives the small data set, whatever is asked for."""
    return lambda name: small


@postgresql_is_slow
def test_a_run_is_trained_tested_and_kept(
    store: Store, any_settings: Settings, load: Callable[[str], Dataset], small: Dataset
) -> None:
    probe = (small.x_test[0] / 255).astype(np.float32)
    lease = store.start(CONFIG, "me", probe=probe)
    run = carry_out(lease, store, any_settings, load=load)
    assert (run.status, run.reason, run.epoch) == (Status.FINISHED, "", 2.0)
    assert run.parameters == 101_770
    assert set(run.versions) == {"python", "tensorflow", "keras", "numpy"}
    assert run.started is not None and run.ended is not None and run.ended >= run.started
    assert run.lease_expires is None

    classifier = ModelFiles(any_settings.home).load_classifier(run)
    answers = classifier.probabilities_of(small.x_test.astype(np.float32) / 255)
    assert run.test_accuracy == evaluation.accuracy(answers, small.y_test)
    assert run.test_loss == pytest.approx(evaluation.cross_entropy(answers, small.y_test))

    train_points, validation = store.points(run.id, "train"), store.points(run.id, "validation")
    assert len(train_points) >= 40 and train_points[-1].epoch == 2.0
    assert [point.epoch for point in validation] == [1.0, 2.0]
    assert run.validation_accuracy == validation[-1].accuracy
    assert run.train_loss is not None and run.train_loss < train_points[0].loss
    asked = store.probes(run.id)
    assert all(each.probabilities.sum() == pytest.approx(1, abs=1e-5) for each in asked)
    assert asked[-1].epoch == 2.0, "the last answer is that of the network as it is kept"
    assert asked[-1].probabilities == pytest.approx(classifier.probabilities(probe), abs=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("preset", ["dense", "cnn", "accurate"])
def test_the_first_layer_is_kept_from_the_untrained_network_to_the_trained_one(
    own_settings: Settings, load: Callable[[str], Dataset], preset: str
) -> None:
    """No digit is watched."""
    store, files = Store(own_settings), ModelFiles(own_settings.home)
    config = replace(CONFIG, preset=preset)
    run = carry_out(store.start(config, "me"), store, own_settings, load=load)
    moments = store.moments(run.id)
    assert (moments[0].step, moments[-1].epoch) == (0, 2.0)
    assert_snapshot(store, run, 0.0, build_model(preset, config.seed))
    assert_snapshot(store, run, 2.0, load_model(files.load_model(run)))
    store.close()


def assert_snapshot(store: Store, run: Run, epoch: float, model: keras.Model) -> None:
    """The snapshot of that moment is of that network."""
    found, expected = store.snapshot(run.id, epoch), read_first_layer(model)
    assert found is not None and expected is not None
    assert (found.moment.epoch, found.pictures.largest) == (epoch, expected.largest)
    np.testing.assert_array_equal(found.pictures.levels, expected.levels)


@pytest.mark.slow
def test_the_run_is_what_training_alone_would_have_been(
    own_settings: Settings, load: Callable[[str], Dataset], small: Dataset
) -> None:
    store = Store(own_settings)
    probe = (small.x_test[0] / 255).astype(np.float32)
    run = carry_out(store.start(CONFIG, "me", probe=probe), store, own_settings, load=load)
    model = build_model(CONFIG.preset, CONFIG.seed)
    result = train(model, small, CONFIG, Observer())
    assert run.train_loss == pytest.approx(result.history[-1].loss, rel=1e-3)
    assert run.validation_loss == pytest.approx(result.history[-1].val_loss, rel=1e-3)
    store.close()


@pytest.mark.slow
def test_graphs_are_rewritten_again_once_a_run_is_trained(
    own_settings: Settings, load: Callable[[str], Dataset]
) -> None:
    store = Store(own_settings)
    seen: list[bool] = []
    look = At(1.0, lambda: seen.append(_takes_graphs_as_they_are()))
    carry_out(store.start(CONFIG, "me"), store, own_settings, load=load, observer=look)
    assert seen == [True] and not _takes_graphs_as_they_are()
    store.close()


def _takes_graphs_as_they_are() -> bool:
    return bool(tf.config.optimizer.get_experimental_options()["disable_meta_optimizer"])


@pytest.mark.slow
def test_a_stopped_run_keeps_its_model_and_can_be_continued(
    own_settings: Settings, load: Callable[[str], Dataset]
) -> None:
    store, files = Store(own_settings), ModelFiles(own_settings.home)
    lease = store.start(LONG, "me", probe=np.zeros((28, 28), np.float32))
    stop = At(2.5, lambda: store.request_cancel(lease.run_id))
    run = carry_out(lease, store, own_settings, load=load, observer=stop)
    assert (run.status, run.cancel) == (Status.STOPPED, True)
    assert run.epoch < 200
    assert run.test_accuracy is not None
    assert files.load_classifier(run).probabilities(np.zeros((28, 28), np.float32)).shape == (10,)

    done = run.checkpoint_epoch
    assert done is not None and done >= 2
    child = Queue(store).continue_run(run, 1, "other", files)
    assert (child.continued_from, child.config.epochs, child.owner) == (run.id, done + 1, "other")
    kept = [point for point in store.points(run.id) if point.epoch <= done]
    assert store.points(child.id) == kept
    earlier = [moment for moment in store.moments(run.id) if moment.epoch <= done]
    assert store.moments(child.id) == earlier
    assert store.snapshot(run.id).moment.epoch == run.epoch, "the network as it was stopped"
    assert store.probe_image(child.id) is not None
    store.delete(run.id)
    files.delete(run.id)
    claimed = store.claim("me")
    assert claimed is not None and claimed.run_id == child.id
    child = carry_out(claimed, store, own_settings, load=load)
    assert (child.status, child.epoch) == (Status.FINISHED, done + 1)
    points = store.points(child.id, "train")
    assert points[: len([p for p in kept if p.split == "train"])] == [p for p in kept if p.split == "train"]
    assert [point.step for point in points] == sorted({point.step for point in points})
    assert points[-1].step == (done + 1) * (run.steps_per_epoch or 0)
    moments = store.moments(child.id)
    assert moments[0] == earlier[0] and moments[-1].epoch == done + 1
    assert [moment.seconds for moment in moments] == sorted(moment.seconds for moment in moments)
    assert not list(own_settings.home.glob(f"*/{run.id}*"))
    cut_off = own_settings.home / "models" / f"{child.id}.part.keras"
    cut_off.touch()
    files.delete(child.id)
    assert not cut_off.exists()
    store.close()


@pytest.mark.slow
def test_going_on_has_the_optimisers_state_too(
    own_settings: Settings, load: Callable[[str], Dataset], small: Dataset
) -> None:
    """Without Adam's moments and step count the first steps would be far larger than the last ones were."""
    store, files = Store(own_settings), ModelFiles(own_settings.home)
    config = replace(CONFIG, validation_share=0.0)
    run = carry_out(store.start(config, "me"), store, own_settings, load=load)
    model = build_model(config.preset, config.seed)
    train(model, small, config, Observer())
    restored = build_model(config.preset, 99)
    restored.compile(optimizer="adam", loss="categorical_crossentropy")
    files.restore_checkpoint(run, restored)
    for ours, theirs in zip(restored.weights, model.weights, strict=True):
        assert np.allclose(ours, theirs, atol=1e-4)
    for ours, theirs in zip(restored.optimizer.variables, model.optimizer.variables, strict=True):
        assert np.allclose(ours, theirs, atol=1e-4)
    assert int(restored.optimizer.iterations) == 2 * 38
    weights_alone = build_model(config.preset, 98)
    files.restore_weights(run, weights_alone)
    for ours, theirs in zip(weights_alone.weights, restored.weights, strict=True):
        assert np.array_equal(ours, theirs)
    store.close()


@pytest.mark.slow
def test_a_loss_that_explodes_says_what_to_try(
    own_settings: Settings, load: Callable[[str], Dataset]
) -> None:
    store = Store(own_settings)
    config = replace(CONFIG, optimizer="sgd", learning_rate=10.0, preset="cnn", epochs=3)
    run = carry_out(store.start(config, "me"), store, own_settings, load=load)
    if run.status is Status.FINISHED:
        pytest.fail(f"It did not diverge: its loss is {run.train_loss}.")
    assert run.status is Status.DIVERGED
    assert "loss became" in run.reason and "learning rate of 1 instead of 10" in run.reason
    assert run.model_sha256 is None
    assert all(np.isfinite(point.loss) for point in store.points(run.id))
    with pytest.raises(ModelUnavailable, match="has no model: it is diverged"):
        ModelFiles(own_settings.home).load_model(run)
    with pytest.raises(RunNotReady):
        Queue(store).continue_run(run, 1, "me", ModelFiles(own_settings.home))
    store.close()


@pytest.mark.slow
def test_when_its_server_is_gone_a_run_is_interrupted_with_its_checkpoint(
    own_settings: Settings, load: Callable[[str], Dataset]
) -> None:
    store, gone = Store(own_settings), threading.Event()
    run = carry_out(
        store.start(LONG, "me"), store, own_settings, load=load, interrupt=gone, observer=At(1.5, gone.set)
    )
    assert run.status is Status.INTERRUPTED
    assert (run.checkpoint_epoch or 0) >= 1
    assert Queue(store).continue_run(run, 1, "me", ModelFiles(own_settings.home)).status is Status.QUEUED
    store.close()


@pytest.mark.slow
def test_ctrl_c_marks_the_run(own_settings: Settings, load: Callable[[str], Dataset]) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    store = Store(own_settings)
    lease = store.start(LONG, "me")
    with pytest.raises(KeyboardInterrupt):
        carry_out(lease, store, own_settings, load=load, observer=At(0.5, interrupt))
    assert store.run(lease.run_id).status is Status.INTERRUPTED
    store.close()


@pytest.mark.parametrize("last", [1, 2], ids=["midway", "after the last epoch"])
@pytest.mark.slow
def test_a_run_that_is_put_back_into_the_queue_goes_on_where_it_was(
    own_settings: Settings, load: Callable[[str], Dataset], last: int
) -> None:
    """Whoever trained it is told to end when a checkpoint of so many epochs is written."""
    store = Store(own_settings)

    class Ends(Observer):
        def on_epoch_end(self, epoch: int, *_: float | None) -> None:
            if epoch == last:
                until(lambda: store.run(lease.run_id).checkpoint_epoch == last)
                raise SystemExit

    lease = store.start(CONFIG, f"{ON_CLUSTER}1")
    with pytest.raises(SystemExit):
        carry_out(lease, store, own_settings, load=load, observer=Ends(), requeue=True)
    assert store.run(lease.run_id).status is Status.TRAINING, "nobody sees it as interrupted"
    assert Recovery(store).after(f"{ON_CLUSTER}1")
    claimed = store.claim(f"{ON_CLUSTER}2")
    assert claimed is not None and claimed.run_id == lease.run_id
    run = carry_out(claimed, store, own_settings, load=load)
    assert (run.status, run.epoch) == (Status.FINISHED, 2.0)
    assert run.test_accuracy is not None
    assert [point.epoch for point in store.points(run.id, "validation")] == [1.0, 2.0]
    steps = [point.step for point in store.points(run.id, "train")]
    assert steps == [*range(1, 2 * (run.steps_per_epoch or 0) + 1)]
    store.close()


@pytest.mark.slow
@pytest.mark.parametrize("preset", ["dense", "cnn", "accurate"])
def test_a_continued_run_that_is_interrupted_in_its_first_epoch_can_be_continued_again(
    own_settings: Settings, load: Callable[[str], Dataset], preset: str
) -> None:
    store, files = Store(own_settings), ModelFiles(own_settings.home)
    queue = Queue(store)
    run = carry_out(
        store.start(replace(get_preset(preset).defaults, epochs=2), "me"), store, own_settings, load=load
    )
    child = queue.continue_run(run, 5, "me", files)
    lease = store.claim("me")
    assert lease is not None
    gone = threading.Event()
    child = carry_out(lease, store, own_settings, load=load, observer=At(2.0, gone.set), interrupt=gone)
    assert (child.status, child.checkpoint_epoch) == (Status.INTERRUPTED, 2)
    grandchild = queue.continue_run(child, 1, "me", files)
    lease = store.claim("me")
    assert lease is not None
    grandchild = carry_out(lease, store, own_settings, load=load)
    assert (grandchild.status, grandchild.epoch, grandchild.config.epochs) == (Status.FINISHED, 3.0, 3)
    store.close()


def test_a_data_set_that_is_not_here_fails_the_run(own_settings: Settings) -> None:
    def unavailable(name: str) -> Dataset:
        raise DatasetUnavailable(f"{name} is not here.")

    store = Store(own_settings)
    run = carry_out(store.start(CONFIG, "me"), store, own_settings, load=unavailable)
    assert (run.status, run.reason) == (Status.FAILED, "small is not here.")
    store.close()


@pytest.mark.slow
def test_a_fault_in_the_program_fails_the_run(
    own_settings: Settings, load: Callable[[str], Dataset], caplog: pytest.LogCaptureFixture
) -> None:
    def fault() -> None:
        raise ZeroDivisionError("oh")

    store = Store(own_settings)
    run = carry_out(store.start(CONFIG, "me"), store, own_settings, load=load, observer=At(0.5, fault))
    assert run.status is Status.FAILED
    assert "ZeroDivisionError" in run.reason
    assert "Traceback" in caplog.text
    store.close()


def test_more_images_than_there_are_fail_the_run(
    own_settings: Settings, load: Callable[[str], Dataset]
) -> None:
    store = Store(own_settings)
    config = replace(CONFIG, train_size=1000)
    run = carry_out(store.start(config, "me"), store, own_settings, load=load)
    assert run.status is Status.FAILED
    assert "1,000" in run.reason and "600" in run.reason
    store.close()


def test_while_data_are_loaded_the_lease_is_renewed_and_a_stop_acts(
    own_settings: Settings, small: Dataset
) -> None:
    store = Store(own_settings)
    lease = store.start(CONFIG, "me")
    first = store.run(lease.run_id).lease_expires

    def slow_load(name: str) -> Dataset:
        until(lambda: store.run(lease.run_id).lease_expires != first)
        store.request_cancel(lease.run_id)
        until(lambda: store.run(lease.run_id).status is Status.STOPPED)
        return small

    run = carry_out(lease, store, own_settings, load=slow_load)
    assert (run.status, run.reason) == (Status.STOPPED, "It was stopped before its training began.")
    assert store.points(run.id) == [] and run.model_sha256 is None
    store.close()


@pytest.mark.slow
def test_who_loses_the_lease_stops_and_writes_no_more(
    own_settings: Settings, load: Callable[[str], Dataset]
) -> None:
    store = Store(own_settings)
    lease = store.start(LONG, "me")
    take_away = At(1.0, lambda: store.end_runs_of("me", Status.INTERRUPTED, "Taken away."))
    with pytest.raises(LeaseLost):
        carry_out(lease, store, own_settings, load=load, observer=take_away)
    run = store.run(lease.run_id)
    assert (run.status, run.reason) == (Status.INTERRUPTED, "Taken away.")
    store.close()


@pytest.mark.slow
def test_who_loses_the_lease_at_the_end_leaves_the_files_as_they_are(
    own_settings: Settings, load: Callable[[str], Dataset]
) -> None:
    """Another process may be training the run by then, as after a lost node of a cluster."""
    store, files = Store(own_settings), ModelFiles(own_settings.home)
    lease = store.start(CONFIG, "me")
    take_away = At(2.0, lambda: store.end_runs_of("me", Status.INTERRUPTED, "Taken away."))
    with pytest.raises(LeaseLost):
        carry_out(lease, store, own_settings, load=load, observer=take_away)
    assert not files.model_path(lease.run_id).exists()
    assert not files.checkpoint_path(lease.run_id, 2).exists()
    store.close()


@pytest.mark.slow
def test_a_checkpoint_is_replaced_and_not_heaped_up(
    own_settings: Settings, load: Callable[[str], Dataset]
) -> None:
    store = Store(own_settings)
    run = carry_out(store.start(replace(CONFIG, epochs=5), "me"), store, own_settings, load=load)
    files = sorted(path.name for path in own_settings.home.glob("*/*"))
    assert files == [f"{run.id}-5.npz", f"{run.id}.keras"]
    store.close()


@pytest.mark.slow
def test_a_model_that_is_missing_or_damaged_is_said(
    own_settings: Settings, load: Callable[[str], Dataset]
) -> None:
    store, files = Store(own_settings), ModelFiles(own_settings.home)
    run = carry_out(store.start(CONFIG, "me"), store, own_settings, load=load)
    for path in (files.model_path(run.id), files.checkpoint_path(run.id, 2)):
        content = path.read_bytes()
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(ModelUnavailable, match=f"model of run {run.id} is damaged"):
        files.load_classifier(run)
    with pytest.raises(ModelUnavailable, match=f"checkpoint of run {run.id} is damaged"):
        Queue(store).continue_run(run, 1, "me", files)
    files.delete(run.id)
    with pytest.raises(ModelUnavailable, match="cannot be read"):
        files.load_classifier(run)
    with pytest.raises(ModelUnavailable, match="cannot be read"):
        Queue(store).continue_run(run, 1, "me", files)
    assert Queue(store).waiting() == 0
    store.close()


@pytest.mark.slow
def test_the_network_in_training_can_be_asked_as_of_its_last_epoch(
    own_settings: Settings, load: Callable[[str], Dataset], small: Dataset
) -> None:
    store, files = Store(own_settings), ModelFiles(own_settings.home)
    lease = store.start(replace(CONFIG, epochs=3), "me")
    seen: list[float] = []

    class Look(Observer):
        def on_epoch_end(self, epoch: int, *_: object) -> None:
            until(lambda: store.run(lease.run_id).checkpoint_epoch == epoch)
            classifier = files.load_classifier(store.run(lease.run_id))
            answers = classifier.probabilities_of(small.x_test.astype(np.float32) / 255)
            seen.append(evaluation.accuracy(answers, small.y_test))

    run = carry_out(lease, store, own_settings, load=load, observer=Look())
    assert len(seen) == 3 and seen[-1] == run.test_accuracy
    store.close()


def test_a_lease_for_no_run_is_refused(own_settings: Settings) -> None:
    store = Store(own_settings)
    with pytest.raises(RunNotFound):
        carry_out(Lease("../../etc", "x"), store, own_settings)
    store.close()
