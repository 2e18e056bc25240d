"""Where waiting runs come from: a tab and a network address, told apart without being kept."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from mnist_app.errors import InvalidSetting
from mnist_app.workspace.storage.identifiers import shown

MOST_PER_ADDRESS = 200
"""Runs from one address that may wait unless a setting says otherwise: six for each pupil of a class."""


@dataclass(frozen=True)
class Origin:
    """From where a run was submitted; None for the command line."""

    session: str | None = None
    """A digest of the tab's session."""
    address: str | None = None
    """A digest of the network address."""


class Origins:
    """Digests of sessions and addresses. The key is in memory alone, so nobody can tell an address from one.

    Another server, and the same one after a restart, has another key and counts anew.
    """

    def __init__(self) -> None:
        """Draw a key."""
        self._key = secrets.token_bytes(32)

    def of(self, session: str, address: str) -> Origin:
        """Return the origin of what comes from this session and this address."""
        return Origin(self._digest(f"session {session}"), self._digest(f"address {address}"))

    def _digest(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()[:16]


def most_per_address(text: str) -> int:
    """Return how many runs from one address may wait.

    Args:
        text: the value of `MNIST_APP_MOST_WAITING_PER_ADDRESS`; empty where it is not set.

    Raises:
        InvalidSetting: it is no whole number of at least 1.
    """
    if not text:
        return MOST_PER_ADDRESS
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0):
        raise InvalidSetting(
            f"MNIST_APP_MOST_WAITING_PER_ADDRESS is {shown(text)}; give a whole number of at least 1."
        )
    return int(text)
