"""The verdict on a drawing: the digit, the confidence, and whether it is a digit at all."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_app.errors import ModelUnavailable

UNSURE_BELOW = 0.8
"""Probability below which an answer is called not sure."""
DIGIT_FROM = 0.5
"""Likelihood below which a drawing is called not a digit."""


def check_answers(probabilities: NDArray[np.float32]) -> None:
    """Raise `ModelUnavailable` if one of a network's answers is not a finite number."""
    if not np.isfinite(probabilities).all():
        raise ModelUnavailable(
            "This network's answers are not numbers, because its weights are too large. Use another model, "
            "or train it again with a smaller learning rate."
        )


@dataclass(frozen=True, eq=False)
class Verdict:
    """The networks' answers to one drawing."""

    probabilities: NDArray[np.float32]
    """(10,): probability of each digit, assuming that the drawing is a digit."""
    likelihood: float
    """Likelihood of being a digit at all, 0 to 1; hardly any digit falls below `DIGIT_FROM`."""

    @property
    def digit(self) -> int:
        """The most probable digit."""
        return int(self.probabilities.argmax())

    @property
    def runner_up(self) -> int:
        """The second most probable digit."""
        return int(np.argsort(self.probabilities)[-2])

    @property
    def confidence(self) -> float:
        """The most probable digit's probability."""
        return float(self.probabilities[self.digit])

    @property
    def is_digit(self) -> bool:
        """True if the drawing looks like a digit at all."""
        return self.likelihood >= DIGIT_FROM

    @property
    def is_unsure(self) -> bool:
        """True if the answer is too close to show without its runner-up."""
        return self.confidence < UNSURE_BELOW
