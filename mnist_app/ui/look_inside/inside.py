"""Input of the views: one image, the network in use, and its answer."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_app.learning.inference.verdict import Verdict
from mnist_app.ui.shared.recogniser import Recogniser

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Inside:
    """A drawing with the network's answer to it."""

    image: Floats
    """Input of the network: (28, 28) in [0, 1]."""
    verdict: Verdict
    recogniser: Recogniser
    model: str
    """Model that answers: `shipped`, or the id of a run."""
