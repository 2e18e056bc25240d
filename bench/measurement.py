"""Options and rows of the measurements."""

from dataclasses import dataclass
from typing import Literal

Bound = Literal["at most", "at least", "within"]


class NotHere(Exception):
    """Something that a part needs is not on this machine; the text says what."""


@dataclass(frozen=True)
class Options:
    """Extent of the measurements."""

    quick: bool = False
    """Do everything a few times only, as a test; the figures mean nothing."""
    full: bool = False
    """Run the published programs in full length."""


@dataclass(frozen=True)
class Row:
    """One figure and its target."""

    figure: str
    measured: float | None = None
    """None if it was not measured; the note says why."""
    unit: str = ""
    target: float | None = None
    """None if there is none."""
    bound: Bound = "at most"
    """The good side of the target; `within` means at most so far from 0 on either side."""
    note: str = ""

    @property
    def missed_by(self) -> float | None:
        """Return the distance to the target, 0 if it was reached; None without figure or target."""
        if self.measured is None or self.target is None:
            return None
        match self.bound:
            case "at most":
                return max(0.0, self.measured - self.target)
            case "at least":
                return max(0.0, self.target - self.measured)
            case "within":
                return max(0.0, abs(self.measured) - self.target)


@dataclass(frozen=True)
class Figure:
    """One row of the table of accuracy: our figure, and the usual pipeline's."""

    name: str
    images: int
    ours: float
    """A share, 0 to 1."""
    usual: float | None = None
    """The usual pipeline's share; None if it has nothing comparable."""
    target: str = ""
