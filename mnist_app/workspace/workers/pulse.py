"""The pulse of a worker: the word that tells its server, every few seconds, that it is getting on.

A lease shows whether a run is still being trained. A pulse shows the same of the process, also while it
trains nothing: a process that the system has stopped, or whose threads wait for one another, has none.
"""

import contextlib
import threading
import time
from collections.abc import Callable
from typing import TextIO

ALIVE = "alive"
"""The word."""
PULSE_SECONDS = 2.0
STALLED_SECONDS = 900.0
"""A worker without progress for so long has no pulse. A download may take ten minutes, a window less."""


class Pulse:
    """Says `alive` as long as its process reports progress."""

    def __init__(
        self,
        stdout: TextIO,
        stalled_after: float = STALLED_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin with progress just made.

        Args:
            stdout: where the server listens.
            stalled_after: seconds without progress after which nothing is said any more.
            clock: gives seconds.
        """
        self._stdout = stdout
        self._stalled_after = stalled_after
        self._clock = clock
        self._last_progress = clock()

    def progress(self) -> None:
        """Note that the process is getting on with its work."""
        self._last_progress = self._clock()

    def start(self) -> None:
        """Have a thread speak for as long as the process lives."""
        threading.Thread(target=self._speak, name="pulse", daemon=True).start()

    def speak_if_due(self) -> None:
        """Say the word, unless the process is stuck."""
        if self._clock() - self._last_progress < self._stalled_after:
            say(self._stdout, ALIVE)

    def _speak(self) -> None:
        pause = threading.Event()
        while True:
            self.speak_if_due()
            pause.wait(PULSE_SECONDS)


def say(stdout: TextIO, line: str) -> None:
    """Tell the server something, in one write, because several threads speak."""
    # Whoever started this may be gone already.
    with contextlib.suppress(BrokenPipeError):
        stdout.write(f"{line}\n")
        stdout.flush()
