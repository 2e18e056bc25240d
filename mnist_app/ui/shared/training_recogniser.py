"""The network of a run that is still training, as of its last whole epoch."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mnist_app.errors import ModelUnavailable
from mnist_app.ui.shared.garbage import collect_garbage
from mnist_app.ui.shared.idle_thread import IdleThread

if TYPE_CHECKING:
    from mnist_app.learning.inference.classifier import Classifier
    from mnist_app.workspace.runs.model_files import ModelFiles
    from mnist_app.workspace.runs.records import Run


class TrainingRecogniser:
    """A run's network with the weights of its newest checkpoint.

    The network is built once, and a newer checkpoint only changes its weights. To build it again after each
    epoch would take half a second and memory each time.
    """

    def __init__(self, find_run: Callable[[], "Run"], files: "ModelFiles") -> None:
        """Remember where the network comes from. The first question loads it."""
        self._find_run = find_run
        self._files = files
        self._thread = IdleThread("training-recogniser")
        self._classifier: Classifier | None = None
        self._epoch: int | None = None

    def probabilities_of(self, images: NDArray[np.uint8]) -> tuple[NDArray[np.float32], int | None]:
        """Return the probabilities of images, and how many epochs the network has seen.

        Args:
            images: (n, 28, 28), from 0 to 255.

        Returns:
            (n, 10), and the epochs.

        Raises:
            RunNotFound: the run was deleted.
            ModelUnavailable: its checkpoint is missing or damaged, or this was closed meanwhile.
        """
        try:
            answer = self._thread.submit(lambda: self._answer(images))
        except RuntimeError as error:  # the thread was ended: too many networks are in use at once
            raise ModelUnavailable("The network was put away while it was being asked; ask again.") from error
        return answer.result()

    def close(self) -> None:
        """End the thread after the questions that were asked."""
        self._thread.close()

    def _answer(self, images: NDArray[np.uint8]) -> tuple[NDArray[np.float32], int | None]:
        run = self._find_run()
        if self._classifier is None:
            self._classifier = self._files.load_classifier(run)
            collect_garbage()
        elif run.checkpoint_epoch != self._epoch:
            self._files.restore_weights(run, self._classifier.model)
        self._epoch = run.checkpoint_epoch
        return self._classifier.probabilities_of(images.astype(np.float32) / np.float32(255)), self._epoch
