"""The tabs that may ask while the pen moves. A run of the Draw page admits its tab."""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

KEPT_DRAWINGS = 4
"""Of a tab's last page runs: a question may still build on the run before the last."""

Objects = list[Any]
"""Strokes as the canvas lists them in its `json_data`."""
Answer = dict[str, Any]
"""What is sent to the page, as JSON."""
Respond = Callable[[Objects], Answer]


@dataclass
class LiveSession:
    """One tab, and what its page last showed."""

    session_id: str
    """Streamlit's name for the tab."""
    ticket: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    """What its socket shows to be let in. Only the tab's own page is told."""
    respond: Respond = field(default=lambda _: {}, repr=False)
    """Answers for the model that the tab uses."""
    drawing: int = 0
    """The number of the newest drawing."""
    drawings: dict[int, Objects] = field(default_factory=dict, repr=False)
    """What was on the canvas at the last page runs, by number."""

    def show(self, objects: Objects, respond: Respond) -> None:
        """Note what a page run shows and who answers from now on."""
        self.respond = respond
        self.drawing += 1
        newest = {**self.drawings, self.drawing: objects}
        self.drawings = {number: newest[number] for number in sorted(newest)[-KEPT_DRAWINGS:]}


class LiveSessions:
    """The admitted tabs. Safe to share among threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: dict[str, LiveSession] = {}

    def admit(self, session_id: str, objects: Objects, respond: Respond) -> LiveSession:
        """Note a page run of a tab, and return what is known of the tab."""
        with self._lock:
            session = self._sessions.setdefault(session_id, LiveSession(session_id))
            session.show(objects, respond)
            return session

    def find(self, ticket: str) -> LiveSession | None:
        """Return the tab that was given this ticket, if it is still here."""
        with self._lock:
            tabs = list(self._sessions.values())
        given = ticket.encode("utf-8", "surrogatepass")
        return next((tab for tab in tabs if secrets.compare_digest(tab.ticket.encode(), given)), None)

    def keep_only(self, session_ids: set[str]) -> None:
        """Forget all other tabs."""
        with self._lock:
            self._sessions = {each: tab for each, tab in self._sessions.items() if each in session_ids}

    def has(self, session: LiveSession) -> bool:
        """Return whether a tab is still here."""
        return self._sessions.get(session.session_id) is session


LIVE_SESSIONS = LiveSessions()
"""Of this server."""
