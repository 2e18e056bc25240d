"""Says whether an image is a digit at all."""

from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from mnist_app.learning.inference.classifier import Classifier
from mnist_app.learning.inference.inference import Inference, load_model
from mnist_app.learning.networks.batch_norm_folding import fold

WEIGHT_OF_SURENESS = 0.4
"""What the log-odds of the classifier's answer count beside those of the detector's own network."""
_FURTHEST = 12.0
"""Log-odds: beyond this a float32 of one network would outweigh whatever the other says."""
_LEAST, _LEAST_DOUBT = 1e-6, 1e-4
"""Added to the share of an answer and to that of all others, so that both have a logarithm."""


class DigitDetector:
    """Gives the likelihood that images (28, 28) of float32 in [0, 1], white ink on black, are digits.

    Two networks have a say. One was taught digits against drawings that are none. The other is the
    classifier: what makes it waver between digits is more often none (Hendrycks and Gimpel, "A baseline for
    detecting misclassified and out-of-distribution examples in neural networks", 2017).

    The likelihood is a number from 0 to 1 whose one half is put where one real digit in a hundred or fewer
    falls below it (`verdict.DIGIT_FROM`), not a probability.
    """

    def __init__(self, model: keras.Model, classifier: Classifier) -> None:
        """Get the model ready; raises `ModelUnavailable` unless it maps (n, 28, 28) to (n, 1).

        `classifier` is the one that the limit was set with, whichever other one says what digit it is.
        """
        self.model = model
        self.classifier = classifier
        self._inference = Inference(model, outputs=1)

    @classmethod
    def load(cls, path: Path, classifier: Classifier) -> "DigitDetector":
        """The detector of a `.keras` file that this app wrote, never one from a stranger: it can run code.

        Its network is for answering alone (`batch_norm_folding.fold`), not for training. Raises
        `ModelUnavailable` when the file is missing, damaged or no detector.
        """
        return cls(fold(load_model(path)), classifier)

    def likelihood(self, image: NDArray[np.float32], answer: NDArray[np.float32] | None = None) -> float:
        """Of one image (28, 28); raises ValueError for another shape, type or range.

        `answer` is what `classifier` says of it, (10,), where that is known already.
        """
        if answer is None:
            answer = self.classifier.probabilities(image)
        return float(combined(self._inference.one(image), answer[np.newaxis])[0])

    def likelihoods_of(
        self, images: NDArray[np.float32], answers: NDArray[np.float32] | None = None
    ) -> NDArray[np.float32]:
        """(n,) of images (n, 28, 28), n from 0 up; `answers`, (n, 10), and errors as of `likelihood`."""
        if answers is None:
            answers = self.classifier.probabilities_of(images)
        return combined(self._inference.many(images)[:, 0], answers)


def combined(outputs: NDArray[np.float32], answers: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n,) from what the detector's network gives, (n,), and the classifier's answers, (n, 10)."""
    taught, best = outputs.astype(np.float64), answers.max(axis=1).astype(np.float64)
    log_odds = np.log(taught + 1e-9) - np.log(1 - taught + 1e-9)
    sureness = np.log(best + _LEAST) - np.log(1 - best + _LEAST_DOUBT)
    together = np.clip(log_odds, -_FURTHEST, _FURTHEST) + WEIGHT_OF_SURENESS * sureness
    likelihoods: NDArray[np.float64] = 1 / (1 + np.exp(-together))
    return likelihoods.astype(np.float32)
