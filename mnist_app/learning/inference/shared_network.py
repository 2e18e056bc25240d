"""One network in memory that answers for many of the same design.

To build a network and compile its graphs takes half a second and megabytes. When thirty people draw with
thirty networks of three designs, that is done once for each design. Before each answer the weights of the
network in question are put in, which takes a millisecond or two.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import keras
import numpy as np
from numpy.typing import NDArray

from mnist_app.errors import ModelUnavailable
from mnist_app.learning.explanation.explainer import Explainer
from mnist_app.learning.inference.classifier import Classifier

T = TypeVar("T")
Weights = Sequence[NDArray[np.float32]]
"""A network's weights, as Keras's `get_weights` returns them."""


class SharedNetwork:
    """A network that can take other weights. Safe to use from many threads."""

    def __init__(self, model: keras.Model) -> None:
        """Prepare the network, with any weights; raise `ModelUnavailable` as `Classifier` does."""
        self._classifier = Classifier(model)
        self._lock = threading.Lock()
        self._inside: Weights | None = None

    def with_weights(self, weights: Weights) -> "NetworkOfMany":
        """Return a network with these weights; raise `ModelUnavailable` if they are another design's."""
        expected = [tuple(variable.shape) for variable in self._classifier.model.weights]
        if [array.shape for array in weights] != expected:
            raise ModelUnavailable(f"The model is not of the design {self._classifier.model.name}.")
        return NetworkOfMany(self, weights)

    @contextmanager
    def holding(self, weights: Weights) -> Iterator[Classifier]:
        """Yield the classifier with these weights in it, locked until the block ends."""
        with self._lock:
            if self._inside is not weights:
                self._inside = None  # after an interruption only some of them may be set
                self._classifier.model.set_weights(weights)
                self._inside = weights
            yield self._classifier


class NetworkOfMany:
    """One of the networks that share memory; it answers as a `Classifier` does."""

    def __init__(self, shared: SharedNetwork, weights: Weights) -> None:
        """Called by `SharedNetwork.with_weights` only."""
        self._shared = shared
        self._weights = weights

    def probabilities(self, image: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (10,) for one image (28, 28); raise ValueError for another shape, type or range."""
        with self._shared.holding(self._weights) as classifier:
            return classifier.probabilities(image)

    def probabilities_of(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (n, 10) for images (n, 28, 28), n >= 0; raise ValueError as `probabilities` does."""
        with self._shared.holding(self._weights) as classifier:
            return classifier.probabilities_of(images)

    def explain(self, ask: Callable[[Explainer], T]) -> T:
        """Return what `ask` returns for the network's explainer."""
        with self._shared.holding(self._weights) as classifier:
            return classifier.explain(ask)
