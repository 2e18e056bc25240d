"""The observer that hands a training's numbers, snapshots and checkpoints to the heartbeat.

Imports TensorFlow.
"""

import math
import time
from collections.abc import Sequence

import keras
import numpy as np
from numpy.typing import NDArray

from mnist_app.learning.explanation.first_layer import read_first_layer
from mnist_app.learning.inference.classifier import Classifier
from mnist_app.learning.training.training import Observer
from mnist_app.workspace.runs.model_files import ModelFiles, take_checkpoint
from mnist_app.workspace.runs.records import Moment, Point, Probe, Run, Snapshot, Status
from mnist_app.workspace.workers.heartbeat import REPORT_SECONDS, Heartbeat
from mnist_app.workspace.workers.snapshot_pace import SnapshotPace


class StoppedBeforeTraining(Exception):
    """The run was stopped before its training began."""


class Recorder(Observer):
    """Hands the training's numbers, snapshots and checkpoints to the heartbeat, which writes them."""

    def __init__(
        self,
        run: Run,
        heartbeat: Heartbeat,
        files: ModelFiles,
        other: Observer,
        model: keras.Model,
        earlier: Sequence[Moment],
    ) -> None:
        """Prepare a recorder.

        Args:
            run: The run.
            heartbeat: Writes what is recorded.
            files: The files of checkpoints.
            other: Also follows the training.
            model: The network.
            earlier: The moments of the snapshots that the run has already.
        """
        self.seconds = 0.0
        """Time spent in this observer, without the other one."""
        self._run = run
        self._heartbeat = heartbeat
        self._files = files
        self._other = other
        self._model = model
        self._batch_size = run.config.batch_size
        self._classifier: Classifier | None = None
        self._image: NDArray[np.float32] | None = None
        self._steps_per_epoch = 1
        self._rate = _Rate()
        self._last_probe = -math.inf
        self._last_step_asked = -1
        self._pace = SnapshotPace(earlier)
        self._began = 0.0
        self._last_window = (0, 0.0)

    def watch(self, classifier: Classifier, image: NDArray[np.float32]) -> None:
        """Record the network's probabilities for this image with each report."""
        self._classifier, self._image = classifier, image

    def on_train_begin(self, steps_per_epoch: int, epochs: int) -> None:
        """Restore the run's checkpoint, if it has one; only now does the model have its optimiser."""
        if not self._heartbeat.begin():
            raise StoppedBeforeTraining
        if self._run.checkpoint_epoch is not None:
            self._files.restore_checkpoint(self._run, self._model)
        self._steps_per_epoch = steps_per_epoch
        self._heartbeat.add(status=Status.TRAINING, steps_per_epoch=steps_per_epoch)
        self._began = time.perf_counter()
        done = self._run.checkpoint_epoch or 0
        self._last_window = (done * steps_per_epoch, float(done))
        self.take_last_snapshot()
        self._other.on_train_begin(steps_per_epoch, epochs)

    def on_window(self, step: int, epoch: float, loss: float, accuracy: float) -> None:
        start = time.perf_counter()
        # A curve cannot show NaN or infinity; the run's reason mentions them.
        point = Point("train", step, epoch, loss, accuracy) if math.isfinite(loss) else None
        speed = self._rate.of(step * self._batch_size, start)
        self._heartbeat.add(point=point, epoch=epoch, images_per_second=speed)
        if start - self._last_probe >= REPORT_SECONDS:
            self._last_probe = start
            self._ask(step, epoch)
        self._last_window = (step, epoch)
        if self._pace.is_due(start - self._began):
            self.take_last_snapshot()
        self.seconds += time.perf_counter() - start
        self._other.on_window(step, epoch, loss, accuracy)

    def on_epoch_end(
        self, epoch: int, loss: float, accuracy: float, val_loss: float | None, val_accuracy: float | None
    ) -> None:
        start = time.perf_counter()
        point = None
        if val_loss is not None and val_accuracy is not None:
            step = epoch * self._steps_per_epoch
            point = Point("validation", step, float(epoch), val_loss, val_accuracy)
        self._heartbeat.add(
            point=point,
            train_loss=loss,
            train_accuracy=accuracy,
            validation_loss=val_loss,
            validation_accuracy=val_accuracy,
        )
        if not self._run.config.fine_tuned_from:  # fine-tunings are short and cannot be continued
            self._heartbeat.keep(take_checkpoint(self._model, epoch))
        self._ask(epoch * self._steps_per_epoch, float(epoch))  # the last probe is of the final network
        self.seconds += time.perf_counter() - start
        self._other.on_epoch_end(epoch, loss, accuracy, val_loss, val_accuracy)

    def should_stop(self) -> bool:
        return self._heartbeat.should_stop() or self._other.should_stop()

    def take_last_snapshot(self) -> None:
        """Record the first layer as it is after the last window, unless that is done or it is not finite."""
        step, epoch = self._last_window
        pictures = None if self._pace.has(step) else read_first_layer(self._model)
        if pictures is not None:
            moment, dropped = self._pace.take(step, epoch, time.perf_counter() - self._began)
            self._heartbeat.add_snapshot(Snapshot(moment, pictures), dropped)

    def _ask(self, step: int, epoch: float) -> None:
        if self._classifier is not None and self._image is not None and step != self._last_step_asked:
            self._last_step_asked = step
            self._heartbeat.add(probe=Probe(step, epoch, self._classifier.probabilities(self._image)))


class _Rate:
    """A rate per second, over about the last two seconds."""

    def __init__(self) -> None:
        self._seen: list[tuple[float, int]] = []

    def of(self, count: int, now: float) -> float | None:
        """Return the rate up to a count that is reached now; None for the first count."""
        self._seen.append((now, count))
        while len(self._seen) > 2 and now - self._seen[0][0] > 2.0:
            self._seen.pop(0)
        (then, before) = self._seen[0]
        return (count - before) / (now - then) if now > then else None
