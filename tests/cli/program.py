"""What the tests of the command line share: running the program, and what it gave."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mnist_app.settings import PROJECT

UNREACHABLE = {"HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
"""The way to the internet leads to a port where nobody listens."""


@dataclass(frozen=True)
class Answer:
    """What a run of the program gave."""

    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """Standard output as JSON objects, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Answer]
"""Runs `main` on some arguments, with some of the environment's variables set."""


def run_program(*arguments: str | Path, **environment: str) -> Answer:
    """Run `python -m mnist_app` as a user would."""
    done = subprocess.run(
        command(*arguments),
        cwd=PROJECT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def command(*arguments: str | Path) -> list[str]:
    """The words of a command."""
    return [sys.executable, "-m", "mnist_app", *map(str, arguments)]


def assert_one_line(text: str) -> None:
    """A message is one line, with words on it."""
    assert text.count("\n") == 1
    assert text.endswith("\n")
    assert "Traceback" not in text
    assert len(text.split()) > 3
