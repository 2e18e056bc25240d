"""The observer that reports a training's progress to the worker's pulse. Imports TensorFlow."""

from mnist_app.learning.training.training import Observer
from mnist_app.workspace.workers.pulse import Pulse


class TrainingProgress(Observer):
    """Counts every event of a training as progress."""

    def __init__(self, pulse: Pulse) -> None:
        self._pulse = pulse

    def on_train_begin(self, steps_per_epoch: int, epochs: int) -> None:
        self._pulse.progress()

    def on_window(self, step: int, epoch: float, loss: float, accuracy: float) -> None:
        self._pulse.progress()

    def on_epoch_end(
        self, epoch: int, loss: float, accuracy: float, val_loss: float | None, val_accuracy: float | None
    ) -> None:
        self._pulse.progress()
