"""Training of a model: one call of `fit()` that reports to an observer and can be stopped by it."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import keras
import numpy as np

from mnist_app.learning.data.datasets import Dataset
from mnist_app.learning.inference.classifier import Classifier
from mnist_app.learning.inference.inference import CHUNK
from mnist_app.learning.metrics import evaluation
from mnist_app.learning.networks.designs import CLASSES
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.learning.training.input_pipeline import (
    Split,
    add_written_digits,
    batches,
    split_training_images,
)
from mnist_app.learning.training.presets import Preset, get_preset, make_optimizer

FEWEST_WINDOWS = 20
"""Least points of the training curve in an epoch, if it has that many steps."""
EXPLODED_LOSS = 1000.0
"""Mean loss of a window above which the training has diverged; guessing costs ln 10 = 2.3."""

Status = Literal["finished", "stopped", "diverged"]


class Observer:
    """Receiver of a training's progress, which may stop it. This base class does neither."""

    def on_train_begin(self, steps_per_epoch: int, epochs: int) -> None:
        """Called when training starts."""

    def on_window(self, step: int, epoch: float, loss: float, accuracy: float) -> None:
        """Called after each window of steps.

        Loss and accuracy are means over the images of this window alone, dropout and augmentation included.

        Args:
            step: Steps since the first epoch began.
            epoch: The same in epochs; 2.5 is halfway through the third.
            loss: Mean loss.
            accuracy: Mean accuracy, 0 to 1.
        """

    def on_epoch_end(
        self, epoch: int, loss: float, accuracy: float, val_loss: float | None, val_accuracy: float | None
    ) -> None:
        """Called after each epoch (from 1) with its means, and those on the validation images, if any."""

    def should_stop(self) -> bool:
        """Return whether to end the training; asked after each window."""
        return False


@dataclass(frozen=True)
class Epoch:
    """Results of one whole epoch."""

    number: int
    """From 1."""
    loss: float
    accuracy: float
    val_loss: float | None
    val_accuracy: float | None
    """On the validation images; None if there are none."""


@dataclass(frozen=True)
class TrainingResult:
    """Outcome of a training."""

    status: Status
    history: tuple[Epoch, ...]
    """The whole epochs, in order, without one that was cut short."""
    seconds: float
    """Seconds inside `fit`, validation included."""
    reason: str
    """A sentence on why it diverged; empty otherwise."""


def train(
    model: keras.Model,
    dataset: Dataset,
    config: TrainingConfig,
    observer: Observer,
    first_epoch: int = 0,
    *,
    preset: Preset | None = None,
) -> TrainingResult:
    """Train the model in place, from epoch `first_epoch` (counted from 0) to `config.epochs`.

    A compiled model keeps its optimiser with its state, so that a training can be resumed. Any other model is
    compiled as configured. The seed is set for the whole process.

    Args:
        preset: How the images are shown; None for the configuration's preset.

    Raises:
        UnknownName: There is no such preset.
        InvalidSetting: The data set has fewer images.
    """
    preset = preset or get_preset(config.preset)
    split = add_written_digits(split_training_images(dataset, config), preset)
    steps = math.ceil(len(split.x_train) / config.batch_size)
    window = window_length(steps, preset)
    # A resumed training would otherwise repeat the order and noise of its first epochs.
    drawn = replace(config, seed=(config.seed + first_epoch) % 2**31)
    keras.utils.set_random_seed(drawn.seed)
    compile_model(model, config, steps, window)
    reporter = _Reporter(observer, split, steps, config)
    observer.on_train_begin(steps, config.epochs)
    start = time.perf_counter()
    model.fit(
        batches(split.x_train, split.y_train, drawn, preset),
        epochs=config.epochs,
        initial_epoch=first_epoch,
        shuffle=False,  # the batches are shuffled already
        verbose=0,
        callbacks=[reporter],
    )
    seconds = time.perf_counter() - start
    return TrainingResult(reporter.status, tuple(reporter.history), seconds, reporter.reason)


def window_length(steps: int, preset: Preset) -> int:
    """Return the most steps to a window that the preset allows and that give `FEWEST_WINDOWS` an epoch."""
    return max(1, min(preset.most_steps_per_report, steps // FEWEST_WINDOWS))


def compile_model(model: keras.Model, config: TrainingConfig, steps_per_epoch: int, window: int) -> None:
    """Give the model loss, metric and optimiser; keep an optimiser that it has already.

    `steps_per_execution` is the window. Keras then runs so many steps without returning to Python, which
    makes the small networks 1.4 to 2 times faster, and calls back once after them.
    """
    kept = model.optimizer if model.compiled else None
    model.compile(
        optimizer=kept or make_optimizer(config, steps_per_epoch * config.epochs),
        loss="categorical_crossentropy",
        metrics=["accuracy"],
        steps_per_execution=window,
        jit_compile=False,
    )
    _make_variables(model)


def _make_variables(model: keras.Model) -> None:
    """Make the variables of optimiser and metrics now, so that Keras traces the first step only once."""
    model.optimizer.build(model.trainable_variables)
    certain = np.eye(CLASSES, dtype=np.float32)[:1]
    model.compute_metrics(None, certain, certain)
    model.reset_metrics()


def save_model(model: keras.Model, path: Path) -> None:
    """Write the model as a `.keras` file with its optimiser's state, atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.stem}.part.keras")
    model.save(draft)
    draft.replace(path)


class _Reporter(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Translator of Keras's callbacks, one at the end of each window, into the observer's."""

    def __init__(self, observer: Observer, split: Split, steps: int, config: TrainingConfig) -> None:
        super().__init__()
        self.status: Status = "finished"
        self.reason = ""
        self.history: list[Epoch] = []
        self._observer = observer
        self._split = split
        self._steps = steps
        self._config = config
        self._classifier: Classifier | None = None
        self._epoch = 0
        self._seen = 0
        self._sums = (0.0, 0.0)

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Reset the epoch's sums, as Keras resets its running means."""
        self._epoch = epoch
        self._seen = 0
        self._sums = (0.0, 0.0)

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float]) -> None:
        """Report the window that has just ended, from Keras's running means."""
        step = min(batch + 1, self._steps)  # Keras counts an incomplete last window as whole
        loss, accuracy = self._window_means(step, float(logs["loss"]), float(logs["accuracy"]))
        self._observer.on_window(
            self._epoch * self._steps + step, self._epoch + step / self._steps, loss, accuracy
        )
        if not loss <= EXPLODED_LOSS:  # also true for NaN
            self._end("diverged", f"The loss became {loss:.4g} in epoch {self._epoch + 1}.")
        elif self._observer.should_stop():
            self._end("stopped")

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float]) -> None:
        """Validate and report the epoch, unless it was cut short."""
        val_loss, val_accuracy = None, None
        if self.status == "finished" and len(self._split.x_val):
            val_loss, val_accuracy = self._validate()
        if self.status != "finished":
            return
        ended = Epoch(epoch + 1, float(logs["loss"]), float(logs["accuracy"]), val_loss, val_accuracy)
        self.history.append(ended)
        self._observer.on_epoch_end(ended.number, ended.loss, ended.accuracy, val_loss, val_accuracy)

    def _window_means(self, step: int, loss: float, accuracy: float) -> tuple[float, float]:
        """Return loss and accuracy since the last window, from their means since the epoch began."""
        seen = min(step * self._config.batch_size, len(self._split.x_train))
        sums = (loss * seen, accuracy * seen)
        count = seen - self._seen
        means = ((sums[0] - self._sums[0]) / count, (sums[1] - self._sums[1]) / count)
        self._seen, self._sums = seen, sums
        return means[0], min(max(means[1], 0.0), 1.0)  # rounding may leave it just outside

    def _validate(self) -> tuple[float | None, float | None]:
        """Return loss and accuracy on the validation images; Nones without any or after a request to stop."""
        if self._classifier is None:
            self._classifier = Classifier(self.model)
        x_val, y_val = self._split.x_val, self._split.y_val
        answers = []
        for start in range(0, len(x_val), CHUNK):
            if self._observer.should_stop():
                self._end("stopped")
                return None, None
            images = x_val[start : start + CHUNK].astype(np.float32) / 255.0
            answers.append(self._classifier.probabilities_of(images))
        probabilities = np.concatenate(answers)
        return evaluation.cross_entropy(probabilities, y_val), evaluation.accuracy(probabilities, y_val)

    def _end(self, status: Status, reason: str = "") -> None:
        self.status, self.reason = status, reason
        self.model.stop_training = True
