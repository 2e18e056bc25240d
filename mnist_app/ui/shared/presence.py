"""Who is here: the sessions whose browsers are connected now. Nothing of it is stored."""

import threading
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace

from streamlit import runtime

REMEMBERED = 300.0
"""Seconds for which a session is remembered whose connection broke: it may come back."""


@dataclass(frozen=True)
class Visitor:
    """Somebody with the app open in a tab."""

    session: str
    """Streamlit's name for the tab."""
    name: str
    """As its owner chose it; may be empty."""
    page: str
    """The title of the page last opened."""
    since: float
    """When the tab was opened, in seconds since 1970."""
    seen: float
    """When its page was last built."""


class Presence:
    """The tabs in which the app is open. Safe to share among threads."""

    def __init__(self, is_connected: Callable[[str], bool], clock: Callable[[], float] = time.time) -> None:
        """`is_connected` tells it of a session; `clock` gives seconds since 1970."""
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
        """Whoever is connected now: those with names in their order, then the others, longest first."""
        with self._lock:
            visitors = list(self._visitors.values())
        here = [each for each in visitors if self._is_connected(each.session)]
        return sorted(here, key=_place)


def _place(visitor: Visitor) -> tuple[bool, str, float, str]:
    """Names with and without accents stand together."""
    name = unicodedata.normalize("NFKD", visitor.name).casefold()
    return not name, name, visitor.since, visitor.session


def is_connected(session: str) -> bool:
    """Whether a session's browser is connected to this server; without a server, as in tests, it is."""
    return not runtime.exists() or runtime.get_instance().is_active_session(session)
