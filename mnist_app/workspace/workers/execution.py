"""Execution of one training run: data set, network, training, test, model. Imports TensorFlow."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import tensorflow as tf

from mnist_app.errors import AppError, LeaseLost, RunNotFound
from mnist_app.learning.data.datasets import Dataset, load_dataset
from mnist_app.learning.inference.classifier import Classifier
from mnist_app.learning.metrics import evaluation
from mnist_app.learning.networks.versions import versions
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.learning.training.presets import build_model
from mnist_app.learning.training.training import Observer, TrainingResult, train
from mnist_app.settings import Settings
from mnist_app.workspace.runs.fine_tuning import Prepared, prepare
from mnist_app.workspace.runs.leases import PATIENCE
from mnist_app.workspace.runs.model_files import ModelFiles
from mnist_app.workspace.runs.records import Lease, Run, Status
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.workers.heartbeat import Heartbeat
from mnist_app.workspace.workers.recorder import Recorder, StoppedBeforeTraining

SERVER_ENDED = "The program that started this training ended first; the training can be continued."
STOPPED = "It was stopped."

logger = logging.getLogger(__name__)

LoadDataset = Callable[[str], Dataset]


def carry_out(
    lease: Lease,
    store: Store,
    settings: Settings,
    *,
    observer: Observer | None = None,
    load: LoadDataset | None = None,
    interrupt: threading.Event | None = None,
    requeue: bool = False,
) -> Run:
    """Train a claimed run to its end, and return it as the store then has it.

    Points, probes, snapshots, checkpoints, the model and the results are in the store and its files. So is
    the reason where the run failed.

    Args:
        lease: The claim of the run.
        store: The store of the run.
        settings: Name the folders of data sets and models.
        observer: Also follows the training, and may stop it.
        load: Returns a data set by its name; by default `load_dataset`.
        interrupt: When set, nobody wants the run any more, and it ends as interrupted.
        requeue: Whether a run is put back into the queue when the process is told to end. Then it is not
            marked as interrupted.

    Raises:
        LeaseLost: Another process may have the run by now.
        StorageUnavailable: The store cannot be reached.
        KeyboardInterrupt, SystemExit: The process is told to end.
    """
    store = store.patient(PATIENCE)  # a training outlasts a short absence of the database
    run = store.run(lease.run_id)
    files = ModelFiles.of(settings)
    heartbeat = Heartbeat(lease, store, files, interrupt or threading.Event(), run.checkpoint_epoch)
    try:
        with heartbeat, _concluding(run, heartbeat, requeue):
            _carry_out(run, heartbeat, store, settings, files, observer or Observer(), load)
    except LeaseLost:
        _remove_files_if_deleted(run, store, files)
        raise
    return store.run(lease.run_id)


@contextmanager
def _concluding(run: Run, heartbeat: Heartbeat, requeue: bool) -> Iterator[None]:
    """Write to the store why the block ended early."""
    try:
        yield
    except StoppedBeforeTraining:
        pass  # the heartbeat has ended the run already
    except LeaseLost:
        raise
    except AppError as error:
        heartbeat.conclude(Status.FAILED, str(error))
    except Exception as error:
        logger.exception("Run %s failed.", run.id)
        heartbeat.conclude(Status.FAILED, _reason_of(error))
    except BaseException:  # Ctrl-C
        if not requeue:
            heartbeat.conclude(Status.INTERRUPTED, SERVER_ENDED)
        raise


def _remove_files_if_deleted(run: Run, store: Store, files: ModelFiles) -> None:
    """Remove the files of a run that its owner deleted during the training."""
    try:
        store.run(run.id)
    except RunNotFound:
        files.delete(run.id)


def _carry_out(
    run: Run,
    heartbeat: Heartbeat,
    store: Store,
    settings: Settings,
    files: ModelFiles,
    other: Observer,
    load: LoadDataset | None,
) -> None:
    """Train, test and save the model, and end the run."""
    dataset = load(run.config.dataset) if load else load_dataset(run.config.dataset, settings)
    if heartbeat.should_stop():
        _conclude_early(heartbeat)
        return
    fine_tuning = prepare(run, store, settings, dataset) if run.config.fine_tuned_from else None
    classifier = (
        fine_tuning.classifier
        if fine_tuning
        else Classifier(build_model(run.config.preset, run.config.seed, run.config.initializer))
    )
    recorder = Recorder(run, heartbeat, files, other, classifier.model, store.moments(run.id))
    image = store.probe_image(run.id)
    if image is not None:
        recorder.watch(classifier, image)
    result = _train(run, heartbeat, recorder, classifier, fine_tuning or dataset)
    if result.status == "diverged":
        heartbeat.conclude(Status.DIVERGED, f"{result.reason} {_advice(run.config)}")
        return
    heartbeat.flush()  # raises if this process has lost its lease: then it must write no model
    heartbeat.add(model_sha256=files.save_model(run.id, classifier.model))
    if fine_tuning:
        fine_tuning.measure_after()
    if result.status == "stopped":
        _conclude_early(heartbeat)
    else:
        heartbeat.add(status=Status.EVALUATING)
    if not heartbeat.interrupt.is_set():
        _test(run, heartbeat, store, classifier, dataset)


def _train(
    run: Run, heartbeat: Heartbeat, recorder: Recorder, classifier: Classifier, source: Dataset | Prepared
) -> TrainingResult:
    """Train the network on a data set, or as a fine-tuning was prepared."""
    model = classifier.model
    heartbeat.add(parameters=model.count_params(), versions=versions())
    dataset, preset = (source.dataset, source.preset) if isinstance(source, Prepared) else (source, None)
    with _graphs_taken_as_they_are():
        result = train(
            model, dataset, run.config, recorder, first_epoch=run.checkpoint_epoch or 0, preset=preset
        )
    recorder.take_last_snapshot()
    logger.info(
        "Run %s: %s after %.2f s in fit, of which %.3f s in the observer.",
        run.id,
        result.status,
        result.seconds,
        recorder.seconds,
    )
    heartbeat.add(seconds=result.seconds)
    return result


@contextmanager
def _graphs_taken_as_they_are() -> Iterator[None]:
    """Keep TensorFlow from rewriting its graphs.

    Rewriting delayed the first step of preset `accurate` by 1.5 s, and made no preset's steps faster.
    """
    before = tf.config.optimizer.get_experimental_options().get("disable_meta_optimizer", False)
    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})
    try:
        yield
    finally:
        tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": before})


def _conclude_early(heartbeat: Heartbeat) -> None:
    """End a run that is not trained to its end.

    Raises:
        LeaseLost, StorageUnavailable: The heartbeat could not write to the store.
    """
    if heartbeat.failure is not None:
        raise heartbeat.failure
    if heartbeat.interrupt.is_set():
        heartbeat.conclude(Status.INTERRUPTED, SERVER_ENDED)
    else:
        heartbeat.conclude(Status.STOPPED, STOPPED)


def _test(run: Run, heartbeat: Heartbeat, store: Store, classifier: Classifier, dataset: Dataset) -> None:
    """Measure the model on the test set. A stopped run has ended already, so that Stop acts at once."""
    probabilities = classifier.probabilities_of(dataset.x_test.astype(np.float32) / 255.0)
    loss = evaluation.cross_entropy(probabilities, dataset.y_test)
    accuracy = evaluation.accuracy(probabilities, dataset.y_test)
    if heartbeat.concluded:
        store.record_test(run.id, loss, accuracy)
    else:
        heartbeat.conclude(Status.FINISHED, test_loss=loss, test_accuracy=accuracy)


def _advice(config: TrainingConfig) -> str:
    smaller = config.learning_rate / 10
    return (
        f"Try a learning rate of {smaller:.3g} instead of {config.learning_rate:.3g}, "
        "a larger batch size, or the optimizer adam."
    )


def _reason_of(error: Exception) -> str:
    if isinstance(error, MemoryError | tf.errors.ResourceExhaustedError):
        return "There was not enough memory. Try a smaller batch size or fewer images."
    return f"A fault in the program ended this training ({type(error).__name__}: {str(error)[:200]})."
