"""The digit detector: it says whether an image is a digit at all."""

from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from mnist_app.learning.inference.classifier import Classifier
from mnist_app.learning.inference.inference import Inference, load_model
from mnist_app.learning.networks.batch_norm_folding import fold

WEIGHT_OF_SURENESS = 0.4
"""Weight of the classifier's log-odds relative to those of the detector's own network."""
_FURTHEST = 12.0
"""Largest log-odds; beyond them one network's float32 would outweigh the other in every case."""
_LEAST, _LEAST_DOUBT = 1e-6, 1e-4
"""Added to the probability of the answer and to that of all others, so that both have a logarithm."""


class DigitDetector:
    """Likelihood that images (28, 28) of float32 in [0, 1], white ink on black, are digits.

    It combines two networks. One was trained on digits against non-digits. The other is the classifier: an
    image that makes it waver between digits is more often not a digit (Hendrycks and Gimpel, "A baseline for
    detecting misclassified and out-of-distribution examples in neural networks", 2017).

    The likelihood is a number from 0 to 1, but not a probability. One half is the limit below which at most
    one real digit in a hundred falls (`verdict.DIGIT_FROM`).
    """

    def __init__(self, model: keras.Model, classifier: Classifier) -> None:
        """Prepare the model.

        Args:
            model: The detector's own network.
            classifier: The classifier that the limit was set with, whichever model names the digit.

        Raises:
            ModelUnavailable: The model does not map (n, 28, 28) to (n, 1).
        """
        self.model = model
        self.classifier = classifier
        self._inference = Inference(model, outputs=1)

    @classmethod
    def load(cls, path: Path, classifier: Classifier) -> "DigitDetector":
        """Load a `.keras` file that this app wrote. A file from a stranger can run code.

        The network is an inference-only copy (`batch_norm_folding.fold`).

        Raises:
            ModelUnavailable: The file is missing, damaged or not a detector.
        """
        return cls(fold(load_model(path)), classifier)

    def likelihood(self, image: NDArray[np.float32], answer: NDArray[np.float32] | None = None) -> float:
        """Return the likelihood of one image.

        Args:
            image: (28, 28).
            answer: The answer (10,) of `classifier`, if it is known already.

        Raises:
            ValueError: The image has another shape, type or range.
        """
        if answer is None:
            answer = self.classifier.probabilities(image)
        return float(combine(self._inference.one(image), answer[np.newaxis])[0])

    def likelihoods_of(
        self, images: NDArray[np.float32], answers: NDArray[np.float32] | None = None
    ) -> NDArray[np.float32]:
        """Return (n,) for images (n, 28, 28), n >= 0; `answers` (n, 10) and errors as for `likelihood`."""
        if answers is None:
            answers = self.classifier.probabilities_of(images)
        return combine(self._inference.many(images)[:, 0], answers)


def combine(outputs: NDArray[np.float32], answers: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return likelihoods (n,) from the detector's outputs (n,) and the classifier's answers (n, 10)."""
    taught, best = outputs.astype(np.float64), answers.max(axis=1).astype(np.float64)
    log_odds = np.log(taught + 1e-9) - np.log(1 - taught + 1e-9)
    sureness = np.log(best + _LEAST) - np.log(1 - best + _LEAST_DOUBT)
    together = np.clip(log_odds, -_FURTHEST, _FURTHEST) + WEIGHT_OF_SURENESS * sureness
    likelihoods: NDArray[np.float64] = 1 / (1 + np.exp(-together))
    return likelihoods.astype(np.float32)
