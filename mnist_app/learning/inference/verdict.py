"""The verdict on a drawing: which digit, how sure, and whether it is one at all."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_app.errors import ModelUnavailable

UNSURE_BELOW = 0.8
"""An answer with a smaller probability than this is said to be not sure."""
DIGIT_FROM = 0.5
"""A drawing with a smaller likelihood than this of being a digit is said to be none."""


def check_answers(probabilities: NDArray[np.float32]) -> None:
    """Raise `ModelUnavailable` where something among a network's answers is no number."""
    if not np.isfinite(probabilities).all():
        raise ModelUnavailable(
            "This network's answers are not numbers, because its weights are too large. Use another model, "
            "or train it again with a smaller learning rate."
        )


@dataclass(frozen=True, eq=False)
class Verdict:
    """What the networks say of one drawing."""

    probabilities: NDArray[np.float32]
    """(10,): of each digit, supposing that it is one."""
    likelihood: float
    """Of being a digit at all, 0 to 1; `DIGIT_FROM` is put where hardly any digit falls below it."""

    @property
    def digit(self) -> int:
        """The likeliest digit."""
        return int(self.probabilities.argmax())

    @property
    def runner_up(self) -> int:
        """The second likeliest."""
        return int(np.argsort(self.probabilities)[-2])

    @property
    def confidence(self) -> float:
        """The likeliest digit's probability."""
        return float(self.probabilities[self.digit])

    @property
    def is_digit(self) -> bool:
        """Whether it looks like a digit at all."""
        return self.likelihood >= DIGIT_FROM

    @property
    def is_unsure(self) -> bool:
        """Whether the answer is too close to be given without its runner-up."""
        return self.confidence < UNSURE_BELOW
