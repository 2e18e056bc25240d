"""The pace of live answers, which divides a limited share of the processor evenly among the tabs."""

import threading
import time
from collections.abc import Callable

SHARE = 0.6
"""Share of one core's time that the live answers of all tabs together may take."""
ACTIVE_SECONDS = 1.0
"""Seconds without a question after which a tab no longer counts."""
LONGEST_WAIT = 1.0
"""Most seconds that a tab waits between two questions."""
_WEIGHT = 0.1
"""Weight of the newest answer in the running mean of the time per answer."""


class Pace:
    """Counts the tabs that ask, and measures the time per answer. Safe to share among threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin without tabs.

        Args:
            clock: Returns seconds that never go back.
        """
        self._clock = clock
        self._lock = threading.Lock()
        self._asked: dict[str, float] = {}
        """Time of each tab's last question."""
        self._seconds = 0.005
        """Running mean of the seconds per answer."""

    def note(self, ticket: str, seconds: float) -> float:
        """Note an answer.

        Args:
            ticket: The ticket of the tab.
            seconds: Seconds that the answer took.

        Returns:
            Seconds that the tab must wait before its next question.
        """
        now = self._clock()
        with self._lock:
            self._seconds += _WEIGHT * (seconds - self._seconds)
            self._asked[ticket] = now
            self._asked = {tab: at for tab, at in self._asked.items() if now - at < ACTIVE_SECONDS}
            turn = len(self._asked) * self._seconds / SHARE
            return min(max(turn - seconds, 0.0), LONGEST_WAIT)
