"""Removal of incomplete files that killed processes have left."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from mnist_app.atomic_write import PART
from mnist_app.settings import Settings
from mnist_app.workspace.runs.model_files import ModelFiles
from mnist_app.workspace.storage.database import FILE

OLD = 24 * 3600.0
"""Seconds without a change after which no process is writing the file any more."""


def remove_leftovers(settings: Settings, now: float | None = None) -> int:
    """Remove incomplete files of killed processes, and return how many there were.

    Args:
        settings: Where the app keeps its files.
        now: Seconds since 1970; by default the present.
    """
    latest = (time.time() if now is None else now) - OLD
    removed = 0
    for path in _cut_off(settings):
        with contextlib.suppress(OSError):  # another process was faster
            if path.is_file() and path.stat().st_mtime < latest:
                path.unlink()
                removed += 1
    return removed


def _cut_off(settings: Settings) -> Iterator[Path]:
    """Yield the files that may be incomplete, but no other program's files in the home."""
    for folder in _folders(settings):
        yield from folder.glob(f"*{PART}")
        yield from folder.glob(f"*{PART}.keras")
    yield from settings.home.glob(f"{FILE}.*{PART}*")


def _folders(settings: Settings) -> list[Path]:
    files = ModelFiles.of(settings).home
    return [
        files / "models",
        files / "checkpoints",
        settings.home / "evaluations",
        settings.home / "datasets",
    ]
