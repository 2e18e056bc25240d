"""The networks that answer, loaded beside the pages and asked from one thread.

TensorFlow takes seconds to import, and Keras is not safe to use from several threads: so one thread of
its own loads the model and answers for everybody.
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
from mnist_app.ui.shared.idle_thread import RestingThread

if TYPE_CHECKING:
    from mnist_app.learning.explanation.explainer import Explainer
    from mnist_app.learning.inference.classifier import Classifier
    from mnist_app.learning.inference.digit_detector import DigitDetector
    from mnist_app.learning.inference.shared_network import NetworkOfMany

T = TypeVar("T")

PIECE = 250
"""Images that are answered before somebody else's turn comes."""


class Recogniser:
    """Answers with ten probabilities, and whether it is a digit at all, once its networks are loaded."""

    def __init__(
        self, load: Callable[[], "Classifier | NetworkOfMany"], load_detector: Callable[[], "DigitDetector"]
    ) -> None:
        """Nothing is loaded until `start`; what loads is called then, on the recogniser's thread."""
        self._load = load
        self._load_detector = load_detector
        self._thread = RestingThread("recogniser")
        self._networks: Future[tuple[Classifier | NetworkOfMany, DigitDetector]] | None = None
        self._lock = threading.Lock()

    def start(self) -> None:
        """Begin to load, unless that was begun before."""
        with self._lock:
            if self._networks is None:
                self._networks = self._thread.submit(self._load_both)

    @property
    def is_ready(self) -> bool:
        """Whether it can answer at once (or say at once why it cannot)."""
        return self._networks is not None and self._networks.done()

    def wait(self, seconds: float) -> bool:
        """Wait until it is ready, at most so long; whether it is."""
        self.start()
        assert self._networks is not None
        try:
            self._networks.exception(timeout=seconds)
        except TimeoutError:
            return False
        return True

    def verdict(self, image: NDArray[np.float32]) -> Verdict:
        """The verdict on a (28, 28) image in [0, 1]; waits for the networks where it must.

        Raises:
            ModelUnavailable: a network could not be loaded, or was put away meanwhile.
        """
        self.start()
        assert self._networks is not None
        classifier, detector = self._networks.result()
        return self._submit(lambda: _verdict(image, classifier, detector)).result()

    def probabilities_of(
        self, images: NDArray[np.uint8], on_progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """(n, 10) for images (n, 28, 28) from 0 to 255, in pieces, between which others are answered.

        `on_progress` is told how many images have been answered.

        Raises:
            ModelUnavailable: the model could not be loaded, or was put away meanwhile.
        """
        self.start()
        assert self._networks is not None
        classifier, _ = self._networks.result()
        answers = np.empty((len(images), 10), np.float32)
        for start in range(0, len(images), PIECE):
            piece = images[start : start + PIECE].astype(np.float32) / np.float32(255)
            answer = self._submit(partial(classifier.probabilities_of, piece))
            answers[start : start + PIECE] = answer.result()
            if on_progress:
                on_progress(start + len(piece))
        return answers

    def explain(self, ask: "Callable[[Explainer], T]") -> T:
        """What `ask` learns from the network's explainer, on the recogniser's thread.

        What it asks for is traced when it is first asked for, which takes up to a second.

        Raises:
            ModelUnavailable: the model could not be loaded, or was put away meanwhile.
        """
        self.start()
        assert self._networks is not None
        classifier, _ = self._networks.result()
        return self._submit(lambda: classifier.explain(ask)).result()

    def close(self) -> None:
        """End the thread, once it has answered what it was asked."""
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


def _verdict(
    image: NDArray[np.float32], classifier: "Classifier | NetworkOfMany", detector: "DigitDetector"
) -> Verdict:
    """Both answers; where the detector goes by the same classifier, that is asked but once."""
    probabilities = classifier.probabilities(image)
    check_answers(probabilities)
    is_same = detector.classifier is classifier
    return Verdict(probabilities, detector.likelihood(image, probabilities if is_same else None))
