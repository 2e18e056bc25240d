"""A wait for another thread or process, and a clock that tests move on by hand."""

import threading
import time
from collections.abc import Callable


def until(condition: Callable[[], object], seconds: float = 300.0) -> None:
    """Wait until the condition holds.

    Raises:
        AssertionError: it does not hold within so many seconds, which are plenty on a busy machine.
    """
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, "what was waited for did not happen"
        pause.wait(0.02)


class Clock:
    """A clock whose time passes only when a test says so."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now
