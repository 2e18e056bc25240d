"""Items that an export leaves out, because they could not be imported again."""

from collections.abc import Sequence
from dataclasses import dataclass

_MOST_TOLD = 3
_LOST_BY_RESET = {"settings", "curve"}
"""The kinds of items that a reset removes, because it does not look at them one by one."""


@dataclass(frozen=True)
class LeftOut:
    """An item of a store that is not in an archive. It stays in the store."""

    kind: str
    """`drawing`, `run`, `network`, `curve`, `name` or `settings`."""
    id: str
    """Id of the item, or of the run that it belongs to; empty for a name and for settings."""
    title: str
    """The item for people, such as "a 4 by Zoë"."""
    why: str
    """The fault, as the end of a sentence."""

    def to_dict(self) -> dict[str, str]:
        """Return the fields by name, ready for JSON."""
        return {"kind": self.kind, "id": self.id, "why": self.why}


def left_out_in_words(items: Sequence[LeftOut]) -> str:
    """Return sentences that say what was left out and why; empty if nothing was left out."""
    if not items:
        return ""
    count = f"{len(items):,} {'item was' if len(items) == 1 else 'items were'}"
    told = "; ".join(f"{each.title}: {each.why}" for each in items[:_MOST_TOLD])
    told = told[:1].upper() + told[1:]
    more = f"; and {len(items) - _MOST_TOLD:,} more" if len(items) > _MOST_TOLD else ""
    they = "it" if len(items) == 1 else "they"
    return f"{count} left out, because {they} could not be imported again. {told}{more}."


def left_out_of_class_in_words(items: Sequence[LeftOut]) -> str:
    """Return the same for an export of the class, which a reset may follow."""
    lost = {each.kind for each in items} & _LOST_BY_RESET
    if len(lost) == len({each.kind for each in items}):
        return left_out_in_words(items)
    but = ", but for points of curves and settings" if lost else ""
    return f"{left_out_in_words(items)} What was left out is still here, also after a reset{but}."
