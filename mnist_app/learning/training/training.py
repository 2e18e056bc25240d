"""Training a model: one call of `fit()` that tells an observer how it goes and stops when it says so."""

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
"""Points of the training curve in an epoch, where it has that many steps."""
EXPLODED_LOSS = 1000.0
"""A window's mean loss above this is no learning any more; guessing costs ln 10 = 2.3."""

Status = Literal["finished", "stopped", "diverged"]


class Observer:
    """Is told how a training goes, and may stop it; by itself it does neither. Subclass it."""

    def on_train_begin(self, steps_per_epoch: int, epochs: int) -> None:
        """Training starts."""

    def on_window(self, step: int, epoch: float, loss: float, accuracy: float) -> None:
        """Another window of steps is done.

        `step` counts the steps since the first epoch, `epoch` the same in epochs (2.5: halfway through
        the third); loss and accuracy are the means over the images of this window alone, dropout and
        augmentation included.
        """

    def on_epoch_end(
        self, epoch: int, loss: float, accuracy: float, val_loss: float | None, val_accuracy: float | None
    ) -> None:
        """Epoch number `epoch` (from 1) is done: its means, and those on the images held out, if any."""

    def should_stop(self) -> bool:
        """Asked after each window: whether the training is to end here."""
        return False


@dataclass(frozen=True)
class Epoch:
    """What one whole epoch came to."""

    number: int
    """From 1."""
    loss: float
    accuracy: float
    val_loss: float | None
    val_accuracy: float | None
    """On the images held out; None where there are none."""


@dataclass(frozen=True)
class TrainingResult:
    """How a training ended."""

    status: Status
    history: tuple[Epoch, ...]
    """The whole epochs, in order; one that was cut short is not among them."""
    seconds: float
    """Time inside `fit`, validation included."""
    reason: str
    """Why it diverged, in a sentence; empty otherwise."""


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

    A model that has an optimiser already keeps it with its state, so that a training can be gone on
    with; any other is compiled as the configuration says. `preset` says how the images are shown, where that
    is not as the configuration's preset does. The seed is set for the whole process. Raises
    `UnknownName` for a preset that is none, `InvalidSetting` for more images than the data set has.
    """
    preset = preset or get_preset(config.preset)
    split = add_written_digits(split_training_images(dataset, config), preset)
    steps = math.ceil(len(split.x_train) / config.batch_size)
    window = window_length(steps, preset)
    # A training that is gone on with would otherwise draw its first epochs' order and noise once more.
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
    """Steps to a window: as many as the preset allows that give `FEWEST_WINDOWS` windows an epoch."""
    return max(1, min(preset.most_steps_per_report, steps // FEWEST_WINDOWS))


def compile_model(model: keras.Model, config: TrainingConfig, steps_per_epoch: int, window: int) -> None:
    """Give the model loss, metric and optimiser; an optimiser that it has already is kept as it is.

    `steps_per_execution` is the window: Keras then runs so many steps without returning to Python, which
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
    """Make the variables of optimiser and metrics now: a first step that makes some is traced twice."""
    model.optimizer.build(model.trainable_variables)
    certain = np.eye(CLASSES, dtype=np.float32)[:1]
    model.compute_metrics(None, certain, certain)
    model.reset_metrics()


def save_model(model: keras.Model, path: Path) -> None:
    """Write the model as a `.keras` file, optimiser state and all, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.stem}.part.keras")
    model.save(draft)
    draft.replace(path)


class _Reporter(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Turns Keras's callbacks, one at the end of each window, into the observer's."""

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
        """Start the epoch's sums anew, as Keras starts its running means."""
        self._epoch = epoch
        self._seen = 0
        self._sums = (0.0, 0.0)

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float]) -> None:
        """Report the window that has just ended, from the running means that Keras gives."""
        step = min(batch + 1, self._steps)  # Keras counts a last window that is cut short as whole
        loss, accuracy = self._window_means(step, float(logs["loss"]), float(logs["accuracy"]))
        self._observer.on_window(
            self._epoch * self._steps + step, self._epoch + step / self._steps, loss, accuracy
        )
        if not loss <= EXPLODED_LOSS:  # NaN is not
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
        """Loss and accuracy of the images since the last window, from their means since the epoch began."""
        seen = min(step * self._config.batch_size, len(self._split.x_train))
        sums = (loss * seen, accuracy * seen)
        count = seen - self._seen
        means = ((sums[0] - self._sums[0]) / count, (sums[1] - self._sums[1]) / count)
        self._seen, self._sums = seen, sums
        return means[0], min(max(means[1], 0.0), 1.0)  # rounding may leave a hair outside

    def _validate(self) -> tuple[float | None, float | None]:
        """Loss and accuracy on the images held out; Nones where a stop was asked for meanwhile."""
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
