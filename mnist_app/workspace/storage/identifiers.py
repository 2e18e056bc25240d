"""Ids and tokens: their one definition, and how they are made."""

import re
import secrets
from typing import Annotated

from pydantic import StringConstraints

from mnist_app.errors import RunNotFound

ID_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # l, o, 0 and 1 look alike
ID_LENGTH = 10
ID_FORM = f"[a-z0-9]{{{ID_LENGTH}}}"
"""The form of an id. It allows l, o, 0 and 1, because stores and archives have items with such ids."""
_ID = re.compile(ID_FORM)


def _whole(form: str) -> StringConstraints:
    """Return the constraint that a whole text has this form."""
    return StringConstraints(pattern=rf"\A{form}\z")


Id = Annotated[str, _whole(ID_FORM)]
"""The id of a run or of a drawing."""
Owner = Annotated[str, _whole(r"[\x20-\x7e]{0,64}")]
"""The token that the owner's browser keeps; empty for the command line."""
Writer = Annotated[str, _whole("[0-9a-f]{16}")]
"""The pseudonym of a drawing's owner, derived from the token."""
Sha256 = Annotated[str, _whole("[0-9a-f]{64}")]
"""A digest in hexadecimal."""


def new_id() -> str:
    """Return a random id for a run or drawing, which fits into addresses and file names."""
    return "".join(secrets.choice(ID_ALPHABET) for _ in range(ID_LENGTH))


def new_token() -> str:
    """Return a secret that nobody can guess."""
    return secrets.token_hex(16)


def is_id(text: object) -> bool:
    """Return whether this has the form of an id."""
    return isinstance(text, str) and _ID.fullmatch(text) is not None


def checked_id(run_id: str) -> str:
    """Return the id unchanged.

    Raises:
        RunNotFound: It does not have the form of an id.
    """
    if not is_id(run_id):
        raise not_found(run_id)
    return run_id


def not_found(text: object) -> RunNotFound:
    """Return the error for a run that is not there."""
    return RunNotFound(f"There is no run {shown(text)}; it may have been deleted.")


def shown(text: object) -> str:
    """Return the text quoted for a message, cut to 40 characters."""
    quoted = repr(text)
    return quoted if len(quoted) <= 40 else quoted[:37] + "..."
