"""Something done at a moment of a training."""

from collections.abc import Callable

from mnist_app.learning.training.training import Observer


class At(Observer):
    """Does something once, when the training has come so far."""

    def __init__(self, epoch: float, action: Callable[[], object]) -> None:
        self._epoch = epoch
        self._action = action

    def on_window(self, step: int, epoch: float, loss: float, accuracy: float) -> None:
        if epoch >= self._epoch:
            self._epoch = float("inf")
            self._action()
