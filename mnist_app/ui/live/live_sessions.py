"""The tabs that get answers while the pen moves. A run of the Draw page admits its tab."""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

KEPT_DRAWINGS = 4
"""Number of a tab's newest drawings that are kept, because a question may build on an earlier page run."""

Objects = list[Any]
"""Strokes as the canvas lists them in its `json_data`."""
Answer = dict[str, Any]
"""The answer for the page, ready for JSON."""
Respond = Callable[[Objects], Answer]


@dataclass
class LiveSession:
    """A tab, and the drawings of its last page runs."""

    session_id: str
    """Streamlit's id of the tab."""
    ticket: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    """Secret that admits the tab's socket. Only the tab's own page knows it."""
    respond: Respond = field(default=lambda _: {}, repr=False)
    """Answers with the tab's model."""
    drawing: int = 0
    """Number of the newest drawing."""
    drawings: dict[int, Objects] = field(default_factory=dict, repr=False)
    """Strokes on the canvas at the last page runs, by the drawing's number."""

    def show(self, objects: Objects, respond: Respond) -> None:
        """Note a page run.

        Args:
            objects: The strokes on its canvas.
            respond: Answers the tab's questions from now on.
        """
        self.respond = respond
        self.drawing += 1
        newest = {**self.drawings, self.drawing: objects}
        self.drawings = {number: newest[number] for number in sorted(newest)[-KEPT_DRAWINGS:]}


class LiveSessions:
    """All admitted tabs. Safe to share among threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: dict[str, LiveSession] = {}

    def admit(self, session_id: str, objects: Objects, respond: Respond) -> LiveSession:
        """Admit a tab, or note another page run of it.

        Args:
            session_id: Streamlit's id of the tab.
            objects: The strokes on the canvas.
            respond: Answers the tab's questions from now on.

        Returns:
            The tab's session.
        """
        with self._lock:
            session = self._sessions.setdefault(session_id, LiveSession(session_id))
            session.show(objects, respond)
            return session

    def find(self, ticket: str) -> LiveSession | None:
        """Return the tab with this ticket; None if there is none or it has left."""
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
"""The admitted tabs of this server."""
