"""Presence: the sessions whose browsers are connected now. Nothing of it is stored."""

import threading
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace

from streamlit import runtime

REMEMBERED = 300.0
"""Seconds for which a session with a broken connection is remembered, because it may come back."""


@dataclass(frozen=True)
class Visitor:
    """A person with the app open in a tab."""

    session: str
    """Streamlit's name for the tab."""
    name: str
    """Chosen by its owner; may be empty."""
    page: str
    """Title of the page that was opened last."""
    since: float
    """Time at which the tab was opened, in seconds since 1970."""
    seen: float
    """Time at which its page was last built."""


class Presence:
    """The tabs in which the app is open. Safe to share among threads."""

    def __init__(self, is_connected: Callable[[str], bool], clock: Callable[[], float] = time.time) -> None:
        """Begin without any tabs.

        Args:
            is_connected: returns whether a session's browser is connected.
            clock: returns seconds since 1970.
        """
        self._is_connected = is_connected
        self._clock = clock
        self._visitors: dict[str, Visitor] = {}
        self._lock = threading.Lock()

    def touch(self, session: str, *, name: str, page: str) -> None:
        """Remember that a session is here, on this page."""
        now = self._clock()
        with self._lock:
            known = self._visitors.get(session) or Visitor(session, name, page, now, now)
            self._visitors[session] = replace(known, name=name, page=page, seen=now)
            self._visitors = {
                each.session: each
                for each in self._visitors.values()
                if now - each.seen < REMEMBERED or self._is_connected(each.session)
            }

    def here(self) -> list[Visitor]:
        """Return the connected tabs: those with names in alphabetical order, then the others by age."""
        with self._lock:
            visitors = list(self._visitors.values())
        here = [each for each in visitors if self._is_connected(each.session)]
        return sorted(here, key=_place)


def _place(visitor: Visitor) -> tuple[bool, str, float, str]:
    """Return a sort key that puts names with and without accents together."""
    name = unicodedata.normalize("NFKD", visitor.name).casefold()
    return not name, name, visitor.since, visitor.session


def is_connected(session: str) -> bool:
    """Return whether a session's browser is connected; True without a server, as in tests."""
    return not runtime.exists() or runtime.get_instance().is_active_session(session)
