"""What a person may be called: any name in any script that is fit to be shown to a class."""

import unicodedata

from mnist_app.errors import InvalidSetting

LONGEST_PERSON = 40
_JOINERS = "\u200c\u200d"
"""Of no width, but Persian, Indian scripts and emoji are not written without them."""
_BLANKS = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters and signs by their category, but nothing is seen of them."""


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
    is_seen = any(unicodedata.category(character)[0] in "LNPS" for character in checked)
    if checked and not (is_seen and all(map(_is_fit, checked))):
        raise InvalidSetting(
            "This name has characters in it that cannot be seen; it can have letters, digits and signs of "
            "any script."
        )
    return checked


def _is_fit(character: str) -> bool:
    is_space = unicodedata.category(character) == "Zs"
    is_shown = character.isprintable() and character not in _BLANKS
    return is_shown or is_space or character in _JOINERS
