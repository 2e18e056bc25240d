"""Standard output and standard error: JSON, messages of one line, streams that nobody reads."""

import json
import logging
import math
import os
import sys
from pathlib import Path

PROGRAM = "python -m mnist_app"
"""What the user types."""


def print_json(**values: object) -> None:
    """One JSON object on a line of standard output; NaN and infinity raise `ValueError` (see `finite`)."""
    print(json.dumps(values, allow_nan=False))


def finite(value: float | None) -> float | None:
    """The value, or None for NaN and infinity, which JSON has not."""
    return value if value is not None and math.isfinite(value) else None


def say(text: str) -> None:
    """One line on standard error, whatever is in the text, in its place among the answers."""
    sys.stdout.flush()
    print(one_line(text), file=sys.stderr, flush=True)


def complain(text: str, code: int) -> int:
    """Say it, and return the exit code that goes with it."""
    say(text)
    return code


def shown(path: Path) -> str:
    """The path as a line may show it: quoted if it has line breaks or the like in it."""
    return str(path) if str(path).isprintable() else repr(str(path))


def counted(count: int, one: str, several: str = "") -> str:
    """Return a number with its noun: "1 run", "2 runs".

    Args:
        count: The number.
        one: What follows 1.
        several: What follows any other number; `one` with an s by default.
    """
    return f"{count:,} {one if count == 1 else several or one + 's'}"


def one_line(text: str) -> str:
    """The text without line breaks and without what a terminal would take for a command."""
    line = " ".join(text.split())
    return "".join(character if character.isprintable() else "?" for character in line)


def prepare_output() -> None:
    """Let any text be printed, also a file's name that is no Unicode, and log without tracebacks.

    A stream that was closed before the program began counts as one that nobody reads.
    """
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 (stays open until the end)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    handler = logging.StreamHandler()
    handler.setFormatter(_LineFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


class _LineFormatter(logging.Formatter):
    """A log's message on one line, without a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        return one_line(record.getMessage())


def give_up_output() -> int:
    """Nobody reads standard output any more: let nothing be written there, not even on exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1
