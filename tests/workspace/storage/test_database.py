"""The database: who closes it."""

import os
from pathlib import Path

import pytest

from mnist_app.settings import Settings
from mnist_app.workspace.storage.database import FILE, Database

OPEN_FILES = Path("/proc/self/fd")


def connections_to(file: Path) -> int:
    """Return how many times this process has a file open."""
    opened = [os.readlink(entry) for entry in OPEN_FILES.iterdir() if entry.is_symlink()]
    return opened.count(str(file.resolve()))


@pytest.mark.skipif(not OPEN_FILES.is_dir(), reason="This system does not list the open files of a process.")
def test_the_with_statement_closes_every_connection(own_settings: Settings) -> None:
    with Database(own_settings) as database, database.reading(), database.patient(1.0).reading():
        assert connections_to(own_settings.home / FILE) == 2
    assert connections_to(own_settings.home / FILE) == 0
