"""The ownership rule, one table for all actions: who may do what. Every action of a page asks it.

A random token in the browser owns runs and drawings; a name is only a label.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum

from mnist_app.errors import NotAllowed
from mnist_app.workspace.classroom.pseudonym import writer_of

HIDDEN = "Your teacher has hidden this for now."


class Standing(Enum):
    """The relation of a visitor to a thing."""

    OWNER = "the owner"
    TEACHER = "the teacher, who has given the code"
    CLASSMATE = "someone else, where a teacher's code is set"
    ANYONE = "someone else, where no code is set"


class Kind(Enum):
    """The kind of thing that an action changes."""

    THING = "somebody's run or drawing"
    OWNERLESS = "a run without an owner, from the command line"
    READING = "what everybody may see and use"
    CLASS = "the class as a whole: its settings, the queue of others, archives, reset"


ALLOWED: Mapping[Kind, frozenset[Standing]] = {
    Kind.THING: frozenset({Standing.OWNER, Standing.TEACHER}),
    Kind.OWNERLESS: frozenset({Standing.TEACHER, Standing.ANYONE}),
    Kind.READING: frozenset(Standing),
    Kind.CLASS: frozenset({Standing.TEACHER}),
}
"""The table: who may act on what."""


class Action(StrEnum):
    """An action of a visitor."""

    STOP_RUN = "stop it"
    CONTINUE_RUN = "continue it"
    RENAME_RUN = "rename it"
    DELETE_RUN = "delete it"
    REMOVE_DRAWING = "remove it"
    RELABEL_DRAWING = "give it another label"
    CHANGE_PERSON = "change this name or delete what belongs to it"
    TRAIN = "train a network"
    KEEP_DRAWING = "keep a drawing"
    IMPORT_DRAWINGS = "import drawings"
    DOWNLOAD_RUN = "download a run"
    EXPORT_DRAWINGS = "export the drawings"
    MOVE_RUN = "change the order of the queue"
    CANCEL_WAITING = "cancel the runs of others"
    SET_CLASS = "change the settings of the class"
    EXPORT_CLASS = "export the class"
    IMPORT_CLASS = "import a class"
    RESET_CLASS = "reset the class"


KIND_OF: Mapping[Action, Kind] = {
    Action.STOP_RUN: Kind.THING,
    Action.CONTINUE_RUN: Kind.THING,
    Action.RENAME_RUN: Kind.THING,
    Action.DELETE_RUN: Kind.THING,
    Action.REMOVE_DRAWING: Kind.THING,
    Action.RELABEL_DRAWING: Kind.THING,
    Action.CHANGE_PERSON: Kind.THING,
    Action.TRAIN: Kind.READING,
    Action.KEEP_DRAWING: Kind.READING,
    Action.IMPORT_DRAWINGS: Kind.READING,
    Action.DOWNLOAD_RUN: Kind.READING,
    Action.EXPORT_DRAWINGS: Kind.READING,
    Action.MOVE_RUN: Kind.CLASS,
    Action.CANCEL_WAITING: Kind.CLASS,
    Action.SET_CLASS: Kind.CLASS,
    Action.EXPORT_CLASS: Kind.CLASS,
    Action.IMPORT_CLASS: Kind.CLASS,
    Action.RESET_CLASS: Kind.CLASS,
}
HIDDEN_BY: Mapping[Action, str] = {
    Action.DELETE_RUN: "delete_runs",
    Action.KEEP_DRAWING: "keep_drawings",
    Action.IMPORT_DRAWINGS: "keep_drawings",
    Action.DOWNLOAD_RUN: "download_runs",
}
"""The control by which the teacher hides an action from the class."""
_THINGS = {
    Action.REMOVE_DRAWING: "drawing",
    Action.RELABEL_DRAWING: "drawing",
    Action.CHANGE_PERSON: "name",
}
"""What a refusal calls the thing; the others are runs."""


@dataclass(frozen=True)
class Visitor:
    """A visitor who asks for an action."""

    token: str = field(repr=False)
    """The secret that the browser keeps."""
    is_teacher: bool = False
    """Whether this tab has given the teacher's code."""
    has_teacher: bool = False
    """Whether a teacher's code is set on this server."""
    hidden_controls: frozenset[str] = frozenset()
    """What the teacher or a lesson link hides from this visitor."""


def may(action: Action, visitor: Visitor, owner: str = "") -> bool:
    """Return whether a visitor may perform an action.

    Args:
        action: The action.
        visitor: The visitor who asks for it.
        owner: The owner of the thing: a run's token, or a drawing's pseudonym (`writer_of`). Empty for a run
            from the command line, and for an action on nobody's thing.
    """
    return not why_not(action, visitor, owner)


def check(action: Action, visitor: Visitor, owner: str = "") -> None:
    """Raise `NotAllowed` unless a visitor may perform an action; the error says who may.

    The arguments are those of `may`.
    """
    if fault := why_not(action, visitor, owner):
        raise NotAllowed(fault)


def why_not(action: Action, visitor: Visitor, owner: str = "") -> str:
    """Return why a visitor may not perform an action; empty where they may.

    The arguments are those of `may`.
    """
    kind = KIND_OF[action]
    if kind is Kind.THING and not owner:
        kind = Kind.OWNERLESS
    if _standing(action, visitor, owner) not in ALLOWED[kind]:
        return _refusal(kind, action, visitor)
    is_hidden = not visitor.is_teacher and HIDDEN_BY.get(action) in visitor.hidden_controls
    return HIDDEN if is_hidden else ""


def _standing(action: Action, visitor: Visitor, owner: str) -> Standing:
    is_drawing = _THINGS.get(action) == "drawing"
    if owner and owner == (writer_of(visitor.token) if is_drawing else visitor.token):
        return Standing.OWNER
    if visitor.is_teacher:
        return Standing.TEACHER
    return Standing.CLASSMATE if visitor.has_teacher else Standing.ANYONE


def _refusal(kind: Kind, action: Action, visitor: Visitor) -> str:
    thing = _THINGS.get(action, "run")
    if kind is Kind.OWNERLESS:
        return f"This {thing} comes from the command line: only the teacher can {action}."
    if kind is Kind.THING:
        who = "its owner and the teacher" if visitor.has_teacher else "its owner"
        return f"This {thing} is somebody else's: only {who} can {action}."
    return f"Only the teacher can {action}, after giving the code on the Teacher page."
