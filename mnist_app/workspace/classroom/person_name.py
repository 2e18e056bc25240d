"""What a person may be called: any name in any script that is fit to be shown to a class."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from mnist_app.errors import InvalidSetting
from mnist_app.workspace.storage.visible_text import is_visible, visible_part

LONGEST_PERSON = 40
_LONGEST_EARLIER = 80
"""Characters that the name on a drawing could have before it was held to `LONGEST_PERSON`."""


def check_person(name: str) -> str:
    """A person's name in its usual form: composed (NFC), without white space around it; may be empty.

    Raises `InvalidSetting` for one that is too long or has characters that cannot be seen, such as control
    characters and those that turn the direction of writing.
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
    """Return the name on a drawing of an earlier version as it is kept now: composed, trimmed, and cut.

    A name that no version kept is returned unchanged.
    """
    if len(name) > _LONGEST_EARLIER or not is_visible(name):
        return name
    return visible_part(unicodedata.normalize("NFC", name).strip()[:LONGEST_PERSON].strip())


def _from_earlier(name: object) -> object:
    return in_usual_form(name) if isinstance(name, str) else name


PersonName = Annotated[str, AfterValidator(_as_kept)]
"""What a person is called, in the form that `check_person` returns."""
EarlierPersonName = Annotated[PersonName, BeforeValidator(_from_earlier)]
"""The same, read from what earlier versions wrote, in which it could be longer."""
