"""The origins of waiting runs: digests of the tab and the network address, which are not kept themselves."""

import hashlib
import hmac
from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    """The tab and the address from which a run was submitted; None for the command line."""

    session: str | None = None
    """A digest of the tab's session."""
    address: str | None = None
    """A digest of the network address."""


class Origins:
    """Digests of sessions and addresses, which only the holder of the secret can compute.

    Servers with the same secret count together.
    """

    def __init__(self, secret: str) -> None:
        """Derive a key for this purpose from a secret that is used for others, too."""
        self._key = hmac.digest(secret.encode(), b"mnist-app origins of waiting runs", hashlib.sha256)

    def of(self, session: str, address: str) -> Origin:
        """Return the origin for a session and an address."""
        return Origin(self._digest(f"session {session}"), self._digest(f"address {address}"))

    def _digest(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()[:16]
