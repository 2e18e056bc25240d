"""Outcomes that the store of drawings returns: of keeping, of adding, and the people who drew."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kept:
    """The result of keeping a drawing."""

    id: str
    label_before: int | None
    """The label of a drawing that was kept already; None for a new one."""


@dataclass(frozen=True)
class Writer:
    """A person who has kept drawings."""

    id: str
    """As in `KeptDrawing.writer`."""
    person: str
    """The name on the newest drawing; may be empty."""
    count: int
    importer: str | None
    """As in `KeptDrawing.importer`."""


@dataclass(frozen=True)
class Added:
    """The result of adding drawings from elsewhere."""

    added: int
    already_here: int
