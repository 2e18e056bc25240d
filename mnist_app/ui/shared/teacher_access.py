"""The check of the teacher's code: guessing is slow, and does not keep the teacher out.

Every code is compared, but it may have to wait in a line first. The line moves once a second for the whole
server, so more sessions and more addresses do not guess faster. A wrong code makes the next one of its
session wait longer. Every second turn goes to the address with the fewest wrong codes, so that a teacher
passes those who guess. The turns between go to the code that waits longest, so that a teacher at the same
address gets in, too.
"""

import hashlib
import hmac
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto

SPACING = 1.0
"""Seconds from one comparison to the next: 86,400 a day."""
BURST = 5
"""Comparisons that may follow each other at once after a quiet time."""
LONGEST_DELAY = 60.0
"""Seconds that a session's next code waits at most for the wrong ones before it."""
REMEMBERED = 3_600.0
"""Seconds after which wrong codes are forgotten, counted from the last one."""


class Answer(Enum):
    """Result of giving a code."""

    NONE = auto()
    """The session has given none, or has been told."""
    WAITING = auto()
    RIGHT = auto()
    WRONG = auto()


@dataclass(frozen=True)
class _Attempt:
    session: str
    address: str
    digest: bytes = field(repr=False)
    due: float
    """Time at which it may be compared."""


@dataclass(frozen=True)
class _WrongCodes:
    count: int = 0
    last: float = 0.0
    """Time at which the last one was compared."""


class TeacherAccess:
    """Compares codes with the teacher's, in a time that does not show how much of a code is right.

    Safe to share among threads. No call waits: each call of `answer` moves the line on.
    """

    def __init__(
        self, code: str, is_connected: Callable[[str], bool], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Remember the code.

        Args:
            code: The teacher's code.
            is_connected: Returns whether a session's browser is connected. Others lose their place in line.
            clock: Returns seconds that never go back.
        """
        self._digest = _digest(code)
        self._is_connected = is_connected
        self._clock = clock
        self._line: dict[str, _Attempt] = {}
        self._answers: dict[str, Answer] = {}
        self._wrong: dict[str, _WrongCodes] = {}
        """By session and by address."""
        self._rests_until = clock() - BURST * SPACING
        self._turns = 0
        self._lock = threading.Lock()

    def give(self, code: str, session: str, address: str) -> None:
        """Put a code into the line. A session has one place, and a new code takes that of its last one."""
        now = self._clock()
        with self._lock:
            self._forget(now)
            wrong = self._wrong_codes(session)
            due = max(now, wrong.last + _delay(wrong.count)) if wrong.count else now
            waiting = self._line.get(session)
            self._line[session] = _Attempt(session, address, _digest(code), waiting.due if waiting else due)
            self._answers.pop(session, None)

    def answer(self, session: str) -> Answer:
        """Return the result of the session's code, and forget it unless the code waits."""
        with self._lock:
            self._move_on()
            if session in self._line:
                return Answer.WAITING
            return self._answers.pop(session, Answer.NONE)

    def wait(self, session: str) -> float:
        """Return about how many seconds the session's code still waits, or its next one would."""
        now = self._clock()
        with self._lock:
            if attempt := self._line.get(session):
                return max(attempt.due - now, 0.0) + 2 * SPACING * self._place(attempt)
            wrong = self._wrong_codes(session)
            return max(wrong.last + _delay(wrong.count) - now, 0.0) if wrong.count else 0.0

    def forget_old(self) -> None:
        """Forget old wrong codes and their addresses, even if nobody gives a code."""
        with self._lock:
            self._forget(self._clock())

    def remembered(self) -> set[str]:
        """Return the sessions and addresses about which something is remembered."""
        with self._lock:
            return {*self._line, *self._answers, *self._wrong}

    def _place(self, attempt: _Attempt) -> int:
        """Return the place of an attempt in the line: among all, or among the addresses that guess less."""
        keys: tuple[Callable[[_Attempt], tuple[float, ...]], ...] = (self._by_time, self._by_wrong_codes)
        return min(sum(key(each) <= key(attempt) for each in self._line.values()) for key in keys)

    def _move_on(self) -> None:
        now = self._clock()
        while self._rests_until <= now and (attempt := self._next(now)):
            del self._line[attempt.session]
            if self._is_connected(attempt.session):
                self._compare(attempt, now)

    def _next(self, now: float) -> _Attempt | None:
        """Return the attempt whose turn it is, if one is due."""
        due = [each for each in self._line.values() if each.due <= now]
        key = self._by_time if self._turns % 2 else self._by_wrong_codes
        return min(due, key=key, default=None)

    def _by_time(self, attempt: _Attempt) -> tuple[float, ...]:
        return (attempt.due,)

    def _by_wrong_codes(self, attempt: _Attempt) -> tuple[float, ...]:
        return (self._wrong_codes(attempt.address).count, attempt.due)

    def _compare(self, attempt: _Attempt, now: float) -> None:
        self._turns += 1
        self._rests_until = max(self._rests_until, now - (BURST - 1) * SPACING) + SPACING
        if hmac.compare_digest(attempt.digest, self._digest):
            self._answers[attempt.session] = Answer.RIGHT
            self._wrong.pop(attempt.session, None)
            return
        self._answers[attempt.session] = Answer.WRONG
        for source in (attempt.session, attempt.address):
            self._wrong[source] = _WrongCodes(self._wrong_codes(source).count + 1, now)

    def _wrong_codes(self, source: str) -> _WrongCodes:
        return self._wrong.get(source, _WrongCodes())

    def _forget(self, now: float) -> None:
        """Drop sessions without a browser, and old wrong codes."""
        for known in (self._line, self._answers):
            for session in [each for each in known if not self._is_connected(each)]:
                del known[session]
        self._wrong = {
            source: wrong for source, wrong in self._wrong.items() if now - wrong.last < REMEMBERED
        }


def _digest(code: str) -> bytes:
    """Return a code's digest, which cannot be read and is as long for each code."""
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).digest()


def _delay(wrong: int) -> float:
    """Return the seconds from a session's last wrong code to its next comparison: 1, 2, 4, … 60."""
    return min(2.0 ** min(wrong - 1, 10), LONGEST_DELAY)
