"""Of what people write for others to read: what can be seen of it, in any script."""

import unicodedata

_JOINERS = "\u200c\u200d"
"""Of no width, but Persian, Indian scripts and emoji are not written without them."""
_BLANKS = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters and signs by their category, but nothing is seen of them."""


def is_visible(text: str) -> bool:
    """Whether something is seen of a text, and nothing in it hides or turns the direction of writing.

    The empty text counts as visible.
    """
    is_seen = any(unicodedata.category(character)[0] in "LNPS" for character in text)
    return not text or (is_seen and all(map(_is_fit, text)))


def visible_part(text: str) -> str:
    """A text without the characters that cannot be seen; empty where nothing would be seen of it."""
    kept = text if is_visible(text) else "".join(filter(_is_fit, text))
    return kept if is_visible(kept) else ""


def _is_fit(character: str) -> bool:
    is_shown = character.isprintable() and character not in _BLANKS
    return is_shown or character in _JOINERS or unicodedata.category(character) == "Zs"
