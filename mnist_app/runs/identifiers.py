"""Ids and names: how an id is made, and what can be one."""

import re
import secrets

from mnist_app.errors import InvalidSetting, RunNotFound
from mnist_app.learning.configuration import LONGEST_NAME
from mnist_app.runs.visible_text import is_visible

ID_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # without l, o, 0, 1, which are mistaken for one another
ID_LENGTH = 10
_ID = re.compile(f"[{ID_ALPHABET}]{{{ID_LENGTH}}}")


def new_id() -> str:
    """A new run's id: short, at random, fit for an address and a file name."""
    return "".join(secrets.choice(ID_ALPHABET) for _ in range(ID_LENGTH))


def new_token() -> str:
    """A secret that nobody guesses."""
    return secrets.token_hex(16)


def is_id(text: object) -> bool:
    """Whether this is an id as `new_id` makes them."""
    return isinstance(text, str) and _ID.fullmatch(text) is not None


def checked_id(run_id: str) -> str:
    """The id, if it is one as `new_id` makes them; raises `RunNotFound` for anything else."""
    if not is_id(run_id):
        raise not_found(run_id)
    return run_id


def check_name(name: str) -> None:
    """Raise `InvalidSetting` unless the name can be kept: not too long, nothing in it that cannot be seen."""
    fault = fault_of_name(name)
    if fault:
        raise InvalidSetting(fault)


def fault_of_name(name: str) -> str | None:
    """Why a name cannot be kept, in a sentence; None for one that can."""
    if len(name) > LONGEST_NAME:
        return f"The name has {len(name)} characters; it can have at most {LONGEST_NAME}."
    # Nor would every database keep control characters and halves of surrogate pairs.
    if not is_visible(name):
        return (
            f"The name {shown(name)} has characters in it that cannot be seen; it can have letters, digits "
            "and signs of any script."
        )
    return None


def not_found(text: object) -> RunNotFound:
    """The error for a run that is not there."""
    return RunNotFound(f"There is no run {shown(text)}; it may have been deleted.")


def shown(text: object) -> str:
    """The text as a message may show it: quoted, and never longer than a line."""
    quoted = repr(text)
    return quoted if len(quoted) <= 40 else quoted[:37] + "..."
