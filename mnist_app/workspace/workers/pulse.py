"""The pulse of a worker: a word that tells its server, every few seconds, that the worker makes progress.

A lease shows whether a run is still being trained. A pulse shows whether the process works, also while it
trains nothing. A process that is suspended or deadlocked has no pulse.
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
"""Seconds without progress after which the pulse stops. A download may take ten minutes."""


class Pulse:
    """Says `alive` as long as its process reports progress."""

    def __init__(
        self,
        stdout: TextIO,
        stalled_after: float = STALLED_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare a pulse, and count progress from now.

        Args:
            stdout: The stream that the server reads.
            stalled_after: Seconds without progress after which the pulse stops.
            clock: Returns seconds.
        """
        self._stdout = stdout
        self._stalled_after = stalled_after
        self._clock = clock
        self._last_progress = clock()

    def progress(self) -> None:
        """Note that the process has made progress."""
        self._last_progress = self._clock()

    def start(self) -> None:
        """Start the thread that says the word until the process ends."""
        threading.Thread(target=self._speak, name="pulse", daemon=True).start()

    def speak_if_due(self) -> None:
        """Say the word, unless the process has stalled."""
        if self._clock() - self._last_progress < self._stalled_after:
            say(self._stdout, ALIVE)

    def _speak(self) -> None:
        pause = threading.Event()
        while True:
            self.speak_if_due()
            pause.wait(PULSE_SECONDS)


def say(stdout: TextIO, line: str) -> None:
    """Write a line to the server, in one write, because several threads do so."""
    # The server may have ended already.
    with contextlib.suppress(BrokenPipeError):
        stdout.write(f"{line}\n")
        stdout.flush()
