"""Text that people write for others: its visible characters, and what the name of a run may be."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from mnist_app.errors import InvalidSetting
from mnist_app.learning.inference.shipped import SHIPPED
from mnist_app.learning.training.configuration import LONGEST_NAME
from mnist_app.workspace.storage.identifiers import shown

_JOINERS = "\u200c\u200d"
"""Characters without width, which Persian, Indian scripts and emoji need."""
_BLANKS = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters and signs by their category, but invisible."""


def is_visible(text: str) -> bool:
    """Return whether a text has visible characters, and none that hide or turn the direction of writing.

    The empty text counts as visible.
    """
    is_seen = any(unicodedata.category(character)[0] in "LNPS" for character in text)
    return not text or (is_seen and all(map(_is_fit, text)))


def visible_part(text: str) -> str:
    """Return a text without its invisible characters; empty where no visible one is left."""
    kept = text if is_visible(text) else "".join(filter(_is_fit, text))
    return kept if is_visible(kept) else ""


def _is_fit(character: str) -> bool:
    is_shown = character.isprintable() and character not in _BLANKS
    return is_shown or character in _JOINERS or unicodedata.category(character) == "Zs"


def on_one_line(text: str, longest: int) -> str:
    """Return a text on one line, cut to `longest` characters, without those that databases refuse."""
    line = " ".join(text.split())
    return "".join(each for each in line if unicodedata.category(each) not in ("Cc", "Cs"))[:longest]


def check_name(name: str) -> str:
    """Return a name that somebody gives to a run, unchanged.

    Raises:
        InvalidSetting: It is too long, has invisible characters, or stands for the built-in model.
    """
    fault = fault_of_name(name)
    if name == SHIPPED:  # --model would never find the run by it
        fault = f"The name {shown(name)} stands for the built-in model. Choose another name."
    if fault:
        raise InvalidSetting(fault)
    return name


def fault_of_name(name: str) -> str | None:
    """Return why a name cannot be kept, in a sentence; None for a valid name."""
    if len(name) > LONGEST_NAME:
        return f"The name has {len(name)} characters; it can have at most {LONGEST_NAME}."
    # Not every database keeps control characters and halves of surrogate pairs.
    if not is_visible(name):
        return (
            f"The name {shown(name)} has characters in it that cannot be seen; it can have letters, digits "
            "and signs of any script."
        )
    return None


def _checked_name(name: str) -> str:
    """Return a name for pydantic, which takes a ValueError for a refusal."""
    fault = fault_of_name(name)
    if fault:
        raise ValueError(fault)
    return name


def _visible(name: object) -> object:
    """Return the visible part of a name: older versions and their archives had no such rule."""
    return visible_part(name) if isinstance(name, str) else name


VisibleName = Annotated[str, AfterValidator(_checked_name), BeforeValidator(_visible)]
"""The name of a run; may be empty. Characters that cannot be seen are left out."""
