"""Recognisers: networks that a thread of their own loads and asks, for all visitors.

TensorFlow takes seconds to import, and Keras is not safe to use from several threads.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from mnist_app.errors import ModelUnavailable
from mnist_app.learning.inference.verdict import Verdict, check_answers
from mnist_app.ui.shared.garbage import collect_garbage
from mnist_app.ui.shared.idle_thread import IdleThread

if TYPE_CHECKING:
    from mnist_app.learning.explanation.explainer import Explainer
    from mnist_app.learning.inference.classifier import Classifier
    from mnist_app.learning.inference.digit_detector import DigitDetector
    from mnist_app.learning.inference.shared_network import NetworkOfMany

T = TypeVar("T")

PIECE = 250
"""Images that are answered before another visitor's turn comes."""


class Recogniser:
    """A classifier and a detector of digits, which answer as soon as they are loaded."""

    def __init__(
        self, load: Callable[[], "Classifier | NetworkOfMany"], load_detector: Callable[[], "DigitDetector"]
    ) -> None:
        """Remember how to load the networks. Both functions run on the recogniser's thread, after `start`."""
        self._load = load
        self._load_detector = load_detector
        self._thread = IdleThread("recogniser")
        self._networks: Future[tuple[Classifier | NetworkOfMany, DigitDetector]] | None = None
        self._lock = threading.Lock()

    def start(self) -> None:
        """Begin to load the networks, unless that was begun before."""
        self._begin()

    def _begin(self) -> "Future[tuple[Classifier | NetworkOfMany, DigitDetector]]":
        with self._lock:
            if self._networks is None:
                self._networks = self._thread.submit(self._load_both)
            return self._networks

    @property
    def is_ready(self) -> bool:
        """Whether it can answer, or say why it cannot, at once."""
        return self._networks is not None and self._networks.done()

    def wait(self, seconds: float) -> bool:
        """Load the networks, wait at most so long for them, and return whether they are ready."""
        try:
            self._begin().exception(timeout=seconds)
        except TimeoutError:
            return False
        return True

    def verdict(self, image: NDArray[np.float32]) -> Verdict:
        """Return the verdict on a (28, 28) image in [0, 1], after waiting for the networks if necessary.

        Raises:
            ModelUnavailable: a network could not be loaded, or was closed meanwhile.
        """
        classifier, detector = self._begin().result()
        return self._submit(lambda: _verdict(image, classifier, detector)).result()

    def probabilities_of(
        self, images: NDArray[np.uint8], on_progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Return the probabilities of many images, in pieces between which other visitors are answered.

        Args:
            images: (n, 28, 28), from 0 to 255.
            on_progress: called with the number of images that have been answered.

        Returns:
            (n, 10)

        Raises:
            ModelUnavailable: the model could not be loaded, or was closed meanwhile.
        """
        classifier, _ = self._begin().result()
        return self._in_pieces(classifier.probabilities_of, images, on_progress)

    def features(self, image: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the outputs of the last hidden layer, (d,), for a (28, 28) image in [0, 1].

        Raises:
            ModelUnavailable: as `explain`, or the network has no hidden layer, or its outputs are not finite.
        """
        features: NDArray[np.float32] = self.explain(partial(_read_features, image[np.newaxis]))[0]
        return features

    def features_of(
        self, images: NDArray[np.uint8], on_progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """Return (n, d) for images (n, 28, 28), from 0 to 255; else as `features` and `probabilities_of`."""
        classifier, _ = self._begin().result()
        return self._in_pieces(
            lambda piece: classifier.explain(partial(_read_features, piece)), images, on_progress
        )

    def _in_pieces(
        self,
        ask: Callable[[NDArray[np.float32]], NDArray[np.float32]],
        images: NDArray[np.uint8],
        on_progress: Callable[[int], None] | None,
    ) -> NDArray[np.float32]:
        answers = []
        for start in range(0, len(images), PIECE):
            piece = images[start : start + PIECE].astype(np.float32) / np.float32(255)
            answers.append(self._submit(partial(ask, piece)).result())
            if on_progress:
                on_progress(start + len(piece))
        return np.concatenate(answers)

    def explain(self, ask: "Callable[[Explainer], T]") -> T:
        """Call `ask` with the network's explainer, on the recogniser's thread, and return its result.

        TensorFlow traces each kind of question at its first use, which takes up to a second.

        Raises:
            ModelUnavailable: the model could not be loaded, or was closed meanwhile.
        """
        classifier, _ = self._begin().result()
        return self._submit(lambda: classifier.explain(ask)).result()

    def close(self) -> None:
        """End the thread after the questions that were asked."""
        self._thread.close()

    def _submit(self, function: Callable[[], T]) -> Future[T]:
        try:
            return self._thread.submit(function)
        except RuntimeError as error:  # the thread was ended, because other models are in use
            raise ModelUnavailable("The model was put away while it was asked; look again.") from error

    def _load_both(self) -> "tuple[Classifier | NetworkOfMany, DigitDetector]":
        networks = self._load(), self._load_detector()
        collect_garbage()
        return networks


def _read_features(images: NDArray[np.float32], explainer: "Explainer") -> NDArray[np.float32]:
    features = explainer.features.read(images)
    check_answers(features)
    return features


def _verdict(
    image: NDArray[np.float32], classifier: "Classifier | NetworkOfMany", detector: "DigitDetector"
) -> Verdict:
    """Ask both networks, and the classifier only once where the detector uses the same one."""
    probabilities = classifier.probabilities(image)
    check_answers(probabilities)
    is_same = detector.classifier is classifier
    return Verdict(probabilities, detector.likelihood(image, probabilities if is_same else None))
