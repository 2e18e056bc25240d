"""What a person may be called: any name in any script that is fit to be shown to a class."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator

from mnist_app.errors import InvalidSetting
from mnist_app.workspace.storage.visible_text import is_visible

LONGEST_PERSON = 40


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


PersonName = Annotated[str, AfterValidator(_as_kept)]
"""What a person is called, in the form that `check_person` returns."""
