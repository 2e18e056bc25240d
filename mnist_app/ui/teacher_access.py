"""Who may open the teacher's page: whoever has the code, and nobody may guess for long."""

import hmac
import threading
import time
from collections.abc import Callable, Sequence
from math import ceil

from mnist_app.errors import TooManyTries, WrongCode

MOST_TRIES = 5
"""Wrong codes that may come from one session or address within `SPAN`."""
SPAN = 60.0
"""Seconds after which a wrong code is forgotten."""


class TeacherAccess:
    """Compares what is given with the teacher's code, in a time that does not tell how much of it is right.

    Safe to share among threads: of any number of tries at once, no more are compared than may be.
    """

    def __init__(self, code: str, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds that never go back."""
        self._code = code.encode()
        self._clock = clock
        self._wrong: dict[str, list[float]] = {}
        self._lock = threading.Lock()

    def check(self, given: str, sources: Sequence[str]) -> None:
        """Return when it is the code. `sources`: where it came from, such as a session and an address.

        Raises `WrongCode`, or `TooManyTries`, also for the right code, while `MOST_TRIES` wrong ones of one
        of the sources are not older than `SPAN`.
        """
        with self._lock:
            self._forget_old()
            tries = max(len(self._wrong.get(source, [])) for source in sources)
            if tries >= MOST_TRIES:
                raise TooManyTries(
                    f"Too many wrong codes came from here; try again in {ceil(self._wait(sources))} seconds."
                )
            if hmac.compare_digest(given.encode("utf-8", "replace"), self._code):
                return
            for source in sources:
                self._wrong.setdefault(source, []).append(self._clock())
        raise WrongCode(_wrong_code(MOST_TRIES - tries - 1))

    def _wait(self, sources: Sequence[str]) -> float:
        """Seconds until none of the sources has too many."""
        full = [times for source in sources if len(times := self._wrong.get(source, [])) >= MOST_TRIES]
        return max(times[-MOST_TRIES] for times in full) + SPAN - self._clock()

    def _forget_old(self) -> None:
        now = self._clock()
        young = {
            source: [each for each in times if now - each < SPAN] for source, times in self._wrong.items()
        }
        self._wrong = {source: times for source, times in young.items() if times}


def _wrong_code(left: int) -> str:
    if left == 0:
        return f"That is not the teacher's code; try again in {SPAN:.0f} seconds."
    more = "one more try" if left == 1 else f"{left} more tries"
    return f"That is not the teacher's code; there {'is' if left == 1 else 'are'} {more} in this minute."
