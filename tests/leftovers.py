"""Nothing that tests start outlives them, not even when they are killed (on Linux, where `/proc` tells).

Every process that they start, directly or not, has a word in its environment that is this run's alone. A
watcher, a process of its own, waits for its pipe to close, and ends all that have the word.
"""

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

MARK = "STARTED_BY_TESTS"
PATIENCE = 60.0
"""Seconds: how long killed processes may take to be gone."""


@contextlib.contextmanager
def none_left() -> Iterator[None]:
    """All that is started meanwhile is gone afterwards, also when this process ends without a word."""
    if not sys.platform.startswith("linux"):
        yield
        return
    word = secrets.token_hex(16)
    with subprocess.Popen(
        [sys.executable, "-S", __file__, word], stdin=subprocess.PIPE, start_new_session=True
    ):
        before = os.environ.get(MARK)
        os.environ[MARK] = word
        try:
            yield
        finally:
            del os.environ[MARK]
            if before is not None:
                os.environ[MARK] = before


def marked(word: str) -> list[int]:
    """The ids of the processes that were started with that word in their environment."""
    found, setting = [], f"{MARK}={word}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has just ended, or is somebody else's
            if setting in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
    return found


def watch(word: str) -> None:
    """Wait for the end of standard input, then kill all that have the word."""
    sys.stdin.buffer.read()
    deadline = time.monotonic() + PATIENCE
    while (left := marked(word)) and time.monotonic() < deadline:
        for process in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.05)


if __name__ == "__main__":
    watch(sys.argv[1])
