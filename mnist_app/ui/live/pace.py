"""How soon a tab may ask again, so that everybody is served evenly and the server stays free for the rest."""

import threading
import time
from collections.abc import Callable

SHARE = 0.6
"""Of the time of one processor core: as much may go into live answers, of all tabs together."""
ACTIVE_SECONDS = 1.0
"""A tab that has not asked for so long does not count."""
LONGEST_WAIT = 1.0
"""Seconds."""
_WEIGHT = 0.1
"""Of the newest answer in the mean time that an answer takes."""


class Pace:
    """Counts the tabs that ask and measures what an answer takes. Safe to share among threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds that never go back."""
        self._clock = clock
        self._lock = threading.Lock()
        self._asked: dict[str, float] = {}
        """When each tab asked last."""
        self._seconds = 0.005
        """What an answer takes, a running mean."""

    def note(self, ticket: str, seconds: float) -> float:
        """Note an answer.

        Args:
            ticket: The tab that asked.
            seconds: What its answer took.

        Returns:
            Seconds that the tab waits before its next question.
        """
        now = self._clock()
        with self._lock:
            self._seconds += _WEIGHT * (seconds - self._seconds)
            self._asked[ticket] = now
            self._asked = {tab: at for tab, at in self._asked.items() if now - at < ACTIVE_SECONDS}
            turn = len(self._asked) * self._seconds / SHARE
            return min(max(turn - seconds, 0.0), LONGEST_WAIT)
