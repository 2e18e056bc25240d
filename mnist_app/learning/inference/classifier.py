"""The classifier: a trained model that returns the probability of each digit."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import keras
import numpy as np
from numpy.typing import NDArray

from mnist_app.learning.explanation.explainer import Explainer
from mnist_app.learning.inference.inference import Inference, load_model
from mnist_app.learning.networks.batch_norm_folding import fold
from mnist_app.learning.networks.designs import CLASSES

T = TypeVar("T")


class Classifier:
    """Ten probabilities for images (28, 28) of float32 in [0, 1], white ink on black."""

    def __init__(self, model: keras.Model) -> None:
        """Prepare the model; raise `ModelUnavailable` unless it maps (n, 28, 28) to (n, 10)."""
        self.model = model
        self._inference = Inference(model, CLASSES)

    @classmethod
    def load(cls, path: Path) -> "Classifier":
        """Load a `.keras` file that this app wrote. A file from a stranger can run code.

        The network is an inference-only copy (`batch_norm_folding.fold`).

        Raises:
            ModelUnavailable: The file is missing, damaged or not a digit model.
        """
        return cls(fold(load_model(path)))

    def probabilities(self, image: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (10,) for one image (28, 28); raise ValueError for another shape, type or range."""
        return self._inference.one(image)

    def probabilities_of(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (n, 10) for images (n, 28, 28), n >= 0; raise ValueError as `probabilities` does."""
        return self._inference.many(images)

    def explain(self, ask: Callable[[Explainer], T]) -> T:
        """Return what `ask` returns for the network's explainer. Not safe for several threads at once."""
        return ask(self._explainer)

    @cached_property
    def _explainer(self) -> Explainer:
        return Explainer(self.model)
