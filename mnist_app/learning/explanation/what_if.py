"""What-if: a network's answers to one digit over the whole range of each alteration."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mnist_app.ink.alterations import Alterations, Ink, alter

Name = Literal["right", "down", "turn", "size", "thicker", "noise"]
Side = Literal["below", "above"]
Ask = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""Function from images (n, 28, 28) of 0 to 255 to probabilities (n, 10)."""

POSITIONS: Mapping[Name, tuple[float, ...]] = {
    "right": tuple(map(float, range(-10, 11))),
    "down": tuple(map(float, range(-10, 11))),
    "turn": tuple(map(float, range(-180, 181, 3))),
    "size": tuple(map(float, range(50, 151, 5))),
    "thicker": tuple(half / 2 for half in range(-4, 9)),
    "noise": tuple(map(float, range(0, 101, 5))),
}
"""Values tried of each of `Alterations`, in its unit; fewer than 250 in all, the images of one call."""


@dataclass(frozen=True)
class Flip:
    """The place where the answer changes."""

    position: float
    """The first position with the other answer."""
    digit: int
    """The other answer."""


@dataclass(frozen=True, eq=False)
class Sweep:
    """Answers over one alteration's range, with the other alterations as they are."""

    positions: tuple[float, ...]
    """Ascending."""
    start: float
    """The position at which this alteration does nothing."""
    probabilities: NDArray[np.float32]
    """(positions, 10)"""

    @property
    def answers(self) -> NDArray[np.intp]:
        """The most probable digit at each position."""
        digits: NDArray[np.intp] = self.probabilities.argmax(axis=1)
        return digits

    @property
    def answer_at_start(self) -> int:
        """The answer at the position where this alteration does nothing."""
        return int(self.answers[self.positions.index(self.start)])

    def side(self, side: Side) -> list[int]:
        """Return the indices on one side of the start, from near to far; none if the range begins there."""
        start = self.positions.index(self.start)
        return list(range(start + 1, len(self.positions)) if side == "above" else range(start - 1, -1, -1))

    def flip(self, digit: int, side: Side) -> Flip | None:
        """Return the first position on one side of the start whose answer is not `digit`, or None."""
        found = next((index for index in self.side(side) if self.answers[index] != digit), None)
        return None if found is None else Flip(self.positions[found], int(self.answers[found]))

    def way_back(self, digit: int, side: Side) -> float | None:
        """Return the first position on one side of the start whose answer is `digit`, or None."""
        found = next((index for index in self.side(side) if self.answers[index] == digit), None)
        return None if found is None else self.positions[found]


def sweep_all(ask: Ask, ink: Ink, alterations: Alterations) -> dict[Name, Sweep]:
    """Sweep each alteration over its range, in one call of `ask`; raise what `ask` raises.

    Args:
        ink: (28, 28), 0 to 255.
        alterations: The values of the alterations that are not swept.
        ask: The network.
    """
    images = [
        alter(ink, replace(alterations, **{name: position}))
        for name, positions in POSITIONS.items()
        for position in positions
    ]
    answers = ask(np.stack(images))
    ends = np.cumsum([len(positions) for positions in POSITIONS.values()])
    return {
        name: Sweep(positions, getattr(Alterations(), name), part)
        for (name, positions), part in zip(POSITIONS.items(), np.split(answers, ends[:-1]), strict=True)
    }
