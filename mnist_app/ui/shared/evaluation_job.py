"""The evaluation of a model on all test images: on a thread of its own, once for all visitors."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from mnist_app.errors import StorageUnavailable
from mnist_app.learning.metrics.evaluation import Evaluation, evaluate
from mnist_app.ui.shared.recogniser import Recogniser

if TYPE_CHECKING:
    from mnist_app.learning.data.datasets import Dataset
    from mnist_app.workspace.runs.test_answers import Evaluations

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class ModelAnswers:
    """A model's answers to the n test images of a data set."""

    dataset: "Dataset"
    probabilities: NDArray[np.float32]
    """(n, 10)"""
    evaluation: Evaluation
    fault: str
    """Reason why the answers could not be stored, in a sentence; empty where they were."""

    @property
    def answers(self) -> NDArray[np.intp]:
        """Likeliest digit of each image, (n,)."""
        answers: NDArray[np.intp] = self.probabilities.argmax(axis=1)
        return answers

    @property
    def confidence(self) -> NDArray[np.float32]:
        """Probability of each answer, (n,)."""
        confidence: NDArray[np.float32] = self.probabilities.max(axis=1)
        return confidence


class Job(ABC, Generic[T]):
    """Work on all test images on a thread of its own. It begins when it is made.

    The thread only reads files and waits. The recogniser answers on its own thread.
    """

    def __init__(self) -> None:
        """Begin."""
        self.asked: int = 0
        """Questions about images that have been answered."""
        self.total: int | None = None
        """Number of these questions; None until the images are loaded."""
        thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="evaluation")
        self._result = thread.submit(self._work)
        thread.shutdown(wait=False)  # it ends when this is done

    def wait(self, seconds: float) -> bool:
        """Wait at most so long for the end or a failure, and return whether it came."""
        try:
            self._result.exception(timeout=seconds)
        except TimeoutError:
            return False
        return True

    def result(self) -> T:
        """Return the result after waiting for it.

        Raises:
            DatasetUnavailable: The images cannot be loaded.
            ModelUnavailable: The model cannot be loaded, or does not have what is asked for.
        """
        return self._result.result()

    @abstractmethod
    def _work(self) -> T:
        """Return the result; called on the thread."""

    def _note(self, asked: int) -> None:
        self.asked = asked


class EvaluationJob(Job[ModelAnswers]):
    """The evaluation of a model. It uses stored answers if possible."""

    def __init__(
        self,
        load: Callable[[], "Dataset"],
        find_recogniser: Callable[[], Recogniser],
        kept: "Evaluations",
        model_sha256: str,
    ) -> None:
        """Begin; `load` and `find_recogniser` are called on the thread."""
        self._load = load
        self._find_recogniser = find_recogniser
        self._kept = kept
        self._model_sha256 = model_sha256
        super().__init__()

    def _work(self) -> ModelAnswers:
        dataset = self._load()
        self.total = len(dataset.x_test)
        fault = ""
        probabilities = self._kept.read(self._model_sha256, dataset.digest, self.total)
        if probabilities is None:
            probabilities = self._find_recogniser().probabilities_of(dataset.x_test, self._note)
            try:
                self._kept.keep(self._model_sha256, dataset.digest, probabilities)
            except StorageUnavailable as error:
                fault = str(error)
        return ModelAnswers(dataset, probabilities, evaluate(probabilities, dataset.y_test), fault)
