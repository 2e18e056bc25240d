"""Where waiting runs come from: a tab and a network address, told apart without being kept."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass


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
