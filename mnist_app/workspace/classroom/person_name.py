"""The definition of a person's name: visible text in any script."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from mnist_app.errors import InvalidSetting
from mnist_app.workspace.storage.visible_text import is_visible, visible_part

LONGEST_PERSON = 40
_LONGEST_EARLIER = 80
"""Characters that the name on a drawing could have in earlier versions."""


def check_person(name: str) -> str:
    """Return a person's name in its usual form: composed (NFC), without white space around it.

    Raises:
        InvalidSetting: The name is too long or has invisible characters, such as control characters and
            those that turn the direction of writing.
    """
    checked = unicodedata.normalize("NFC", name.strip()[: 10 * LONGEST_PERSON])
    if len(checked) > LONGEST_PERSON:
        raise InvalidSetting(
            f"This name has more than {LONGEST_PERSON} characters; it can have at most {LONGEST_PERSON}."
        )
    if not is_visible(checked):
        raise InvalidSetting(
            "This name has characters in it that cannot be seen; it can have letters, digits and signs of "
            "any script."
        )
    return checked


def _as_kept(name: str) -> str:
    """Return a name for pydantic, which takes a ValueError for a refusal."""
    try:
        if check_person(name) == name:
            return name
    except InvalidSetting as error:
        raise ValueError(str(error)) from error
    raise ValueError("another form than the usual one")


def in_usual_form(name: str) -> str:
    """Return a name from an earlier version in today's form: composed, trimmed and cut.

    A name that no version kept is returned unchanged.
    """
    if len(name) > _LONGEST_EARLIER or not is_visible(name):
        return name
    return visible_part(unicodedata.normalize("NFC", name).strip()[:LONGEST_PERSON].strip())


def _from_earlier(name: object) -> object:
    return in_usual_form(name) if isinstance(name, str) else name


PersonName = Annotated[str, AfterValidator(_as_kept)]
"""A person's name in the form that `check_person` returns; may be empty."""
EarlierPersonName = Annotated[PersonName, BeforeValidator(_from_earlier)]
"""The same, read from what an earlier version wrote, which could be longer."""
