"""A network that says whether an image is a digit at all."""

from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from mnist_app.learning.folding import fold
from mnist_app.learning.inference import Inference, load_model


class DigitDetector:
    """Gives the likelihood that images (28, 28) of float32 in [0, 1], white ink on black, are digits.

    It is a number from 0 to 1 whose one half is put where one real digit in a hundred or fewer falls below
    it (`verdict.DIGIT_FROM`), not a probability.
    """

    def __init__(self, model: keras.Model) -> None:
        """Get the model ready; raises `ModelUnavailable` unless it maps (n, 28, 28) to (n, 1)."""
        self.model = model
        self._inference = Inference(model, outputs=1)

    @classmethod
    def load(cls, path: Path) -> "DigitDetector":
        """The detector of a `.keras` file that this app wrote, never one from a stranger: it can run code.

        Its network is for answering alone (`folding.fold`), not for training. Raises `ModelUnavailable`
        when the file is missing, damaged or no detector.
        """
        return cls(fold(load_model(path)))

    def likelihood(self, image: NDArray[np.float32]) -> float:
        """Of one image (28, 28); raises ValueError for another shape, type or range."""
        return float(self._inference.one(image)[0])

    def likelihoods_of(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n,) of images (n, 28, 28), n from 0 up; raises ValueError as `likelihood` does."""
        return self._inference.many(images)[:, 0]
