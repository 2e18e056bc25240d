"""Where waiting runs come from: a tab and a network address, told apart without being kept."""

import hashlib
import hmac
from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    """From where a run was submitted; None for the command line."""

    session: str | None = None
    """A digest of the tab's session."""
    address: str | None = None
    """A digest of the network address."""


class Origins:
    """Digests of sessions and addresses, by which nobody without the secret can tell an address.

    Servers with the same secret count together; one with another secret counts anew.
    """

    def __init__(self, secret: str) -> None:
        """Derive a key for this one purpose from a secret that has others too."""
        self._key = hmac.digest(secret.encode(), b"mnist-app origins of waiting runs", hashlib.sha256)

    def of(self, session: str, address: str) -> Origin:
        """Return the origin of what comes from this session and this address."""
        return Origin(self._digest(f"session {session}"), self._digest(f"address {address}"))

    def _digest(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()[:16]
