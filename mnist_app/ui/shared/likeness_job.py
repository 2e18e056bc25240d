"""A model's features of all test images and their map: on a thread of their own, once for all visitors."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mnist_app.errors import StorageUnavailable
from mnist_app.learning.explanation.likeness import Features, FlatMap, choose_sample
from mnist_app.ui.shared.evaluation_job import EvaluationJob, Job, ModelAnswers
from mnist_app.ui.shared.recogniser import Recogniser

if TYPE_CHECKING:
    from mnist_app.workspace.runs.test_answers import Evaluations


@dataclass(frozen=True, eq=False)
class Likeness:
    """Holds a test set with one model's features of it, to find the images most like a drawing."""

    answered: ModelAnswers
    """The n test images and the model's answers."""
    features: Features
    """(n, d)"""
    sample: NDArray[np.intp]
    """(m,): numbers of the test images on the map."""
    flat: FlatMap
    """The map of the sample."""
    fault: str
    """Reason why the features could not be stored, in a sentence; empty where they were."""

    @cached_property
    def places(self) -> NDArray[np.float64]:
        """Places of the sample on the map, (m, 2)."""
        return self.flat.place(self.features.unpack(self.sample))


class LikenessJob(Job[Likeness]):
    """The computation of a model's features. It uses stored ones if possible."""

    def __init__(
        self,
        begin_evaluation: Callable[[], EvaluationJob],
        find_recogniser: Callable[[], Recogniser],
        kept: "Evaluations",
        model_sha256: str,
    ) -> None:
        """Begin; the functions are called on the thread."""
        self._begin_evaluation = begin_evaluation
        self._find_recogniser = find_recogniser
        self._kept = kept
        self._model_sha256 = model_sha256
        self._answered: int = 0
        super().__init__()

    def _work(self) -> Likeness:
        recogniser = self._find_recogniser()
        width = len(recogniser.features(np.zeros((28, 28), np.float32)))  # traces the graph, too
        answered = self._evaluate()
        images, digest = answered.dataset.x_test, answered.dataset.digest
        features, fault = self._kept.read_features(self._model_sha256, digest, (len(images), width)), ""
        if features is None:
            features = Features.pack(recogniser.features_of(images, self._note_features))
            try:
                self._kept.keep_features(self._model_sha256, digest, features)
            except StorageUnavailable as error:
                fault = str(error)
        sample = choose_sample(len(images))
        return Likeness(answered, features, sample, FlatMap.fit(features.unpack(sample)), fault)

    def _evaluate(self) -> ModelAnswers:
        """Wait for the model's answers, which are half of the work."""
        evaluation = self._begin_evaluation()
        while not evaluation.wait(0.1):
            self.total, self.asked = evaluation.total and 2 * evaluation.total, evaluation.asked
        answered = evaluation.result()
        self._answered = len(answered.answers)
        self.total, self.asked = 2 * self._answered, self._answered
        return answered

    def _note_features(self, asked: int) -> None:
        self.asked = self._answered + asked
