"""What the views work on: one image, the network in use, and its answer."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_app.learning.inference.verdict import Verdict
from mnist_app.ui.shared.recogniser import Recogniser

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Inside:
    """A drawing that was answered, and who answered it."""

    image: Floats
    """(28, 28) in [0, 1]: the very image that the network got."""
    verdict: Verdict
    recogniser: Recogniser
    model: str
    """`shipped`, or the id of the run whose model answers."""
