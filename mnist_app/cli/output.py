"""Standard output and standard error: JSON, one-line messages, closed streams."""

import json
import logging
import math
import os
import sys
from pathlib import Path

PROGRAM = "python -m mnist_app"
"""The command that the user types."""


def print_json(**values: object) -> None:
    """Print one JSON object on a line; raise `ValueError` for NaN and infinity (see `finite`)."""
    print(json.dumps(values, allow_nan=False))


def answer(as_json: bool, line: str, **values: object) -> None:
    """Print the values as a JSON object, or else the line."""
    if as_json:
        print_json(**values)
    else:
        print(line)


def finite(value: float | None) -> float | None:
    """Return the value, or None for NaN and infinity, which JSON does not have."""
    return value if value is not None and math.isfinite(value) else None


def say(text: str) -> None:
    """Print one line on standard error, after everything printed so far."""
    sys.stdout.flush()
    print(one_line(text), file=sys.stderr, flush=True)


def complain(text: str, code: int) -> int:
    """Print a message on standard error, and return the exit code."""
    say(text)
    return code


def shown(path: Path) -> str:
    """Return the path for a message, quoted if it has line breaks or the like."""
    return str(path) if str(path).isprintable() else repr(str(path))


def one_line(text: str) -> str:
    """Remove line breaks and control characters, which a terminal could obey."""
    line = " ".join(text.split())
    return "".join(character if character.isprintable() else "?" for character in line)


def prepare_output() -> None:
    """Make any text printable, including file names that are not Unicode, and log without tracebacks.

    A stream that was closed before the program began is replaced by one that discards everything.
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
    """Formatter of a log's message on one line, without a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        return one_line(record.getMessage())


def give_up_output() -> int:
    """Discard all further output, even on exit, because standard output was closed; return the exit code."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1
