"""What a part of the measurements is given and what it returns."""

from dataclasses import dataclass
from typing import Literal

Bound = Literal["at most", "at least", "within"]


class NotHere(Exception):
    """What a part measures, or measures with, is not on this machine; the text says what."""


@dataclass(frozen=True)
class Options:
    """How much is measured."""

    quick: bool = False
    """Everything a few times only, to see that it works; the figures mean nothing."""
    full: bool = False
    """The published programs in their whole length."""


@dataclass(frozen=True)
class Row:
    """One figure and what it was to be."""

    figure: str
    measured: float | None = None
    """None where it was not measured; the note says why."""
    unit: str = ""
    target: float | None = None
    """None where there is none."""
    bound: Bound = "at most"
    """Which side of the target is the good one; `within`: at most so far from 0 on either side."""
    note: str = ""

    @property
    def missed_by(self) -> float | None:
        """By how much the target was missed, 0 where it was reached; None without figure or target."""
        if self.measured is None or self.target is None:
            return None
        match self.bound:
            case "at most":
                return max(0.0, self.measured - self.target)
            case "at least":
                return max(0.0, self.target - self.measured)
            case "within":
                return max(0.0, abs(self.measured) - self.target)
