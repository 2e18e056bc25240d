"""One network in memory that answers for many of its design.

To build a network and compile its graphs takes half a second and megabytes. Where thirty people draw with
thirty networks of three designs, that is done once for each design: the weights of whichever network is asked
are put in first, which takes a millisecond or two.
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
"""A network's, as Keras's `get_weights` gives them."""


class SharedNetwork:
    """A network into which weights are put; safe to use from many threads."""

    def __init__(self, model: keras.Model) -> None:
        """Get it ready, whatever weights it has; raises `ModelUnavailable` as `Classifier` does."""
        self._classifier = Classifier(model)
        self._lock = threading.Lock()
        self._inside: Weights | None = None

    def with_weights(self, weights: Weights) -> "NetworkOfMany":
        """The network with those weights; raises `ModelUnavailable` where they are another design's."""
        expected = [tuple(variable.shape) for variable in self._classifier.model.weights]
        if [array.shape for array in weights] != expected:
            raise ModelUnavailable(f"The model is not of the design {self._classifier.model.name}.")
        return NetworkOfMany(self, weights)

    @contextmanager
    def holding(self, weights: Weights) -> Iterator[Classifier]:
        """The classifier with those weights in it, for nobody else until the block is left."""
        with self._lock:
            if self._inside is not weights:
                self._inside = None  # half of them may be in, should this be broken off
                self._classifier.model.set_weights(weights)
                self._inside = weights
            yield self._classifier


class NetworkOfMany:
    """One of the networks that share one in memory; answers as a `Classifier` does."""

    def __init__(self, shared: SharedNetwork, weights: Weights) -> None:
        """`SharedNetwork.with_weights` makes it."""
        self._shared = shared
        self._weights = weights

    def probabilities(self, image: NDArray[np.float32]) -> NDArray[np.float32]:
        """(10,) for one image (28, 28); raises ValueError for another shape, type or range."""
        with self._shared.holding(self._weights) as classifier:
            return classifier.probabilities(image)

    def probabilities_of(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, 10) for images (n, 28, 28), n from 0 up; raises ValueError as `probabilities` does."""
        with self._shared.holding(self._weights) as classifier:
            return classifier.probabilities_of(images)

    def explain(self, ask: Callable[[Explainer], T]) -> T:
        """What `ask` learns from the network's explainer."""
        with self._shared.holding(self._weights) as classifier:
            return classifier.explain(ask)
