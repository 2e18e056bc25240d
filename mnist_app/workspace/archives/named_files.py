"""Files that a user names, to write an archive to or to read one from."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from mnist_app.atomic_write import atomic_write
from mnist_app.errors import InvalidSetting, StorageUnavailable
from mnist_app.settings import Settings
from mnist_app.workspace.storage.engine import sqlite_file
from mnist_app.workspace.storage.shared_files import local_folder
from mnist_app.workspace.storage.sqlite_store import BESIDE

NO_FILE = "it is a pipe or a device; save its contents in a file first"


@contextmanager
def named_file(path: Path, settings: Settings) -> Iterator[IO[bytes]]:
    """Open a file for writing, and replace it as a whole at the end of the block, or not at all.

    Only its owner can read it. A link is followed.

    Raises:
        InvalidSetting: The path is neither new nor a regular file, or lies in a folder of the app's own.
        StorageUnavailable: The file cannot be written.
    """
    check_target(path, settings)
    try:
        with atomic_write(path.resolve(), 0o600) as file:
            yield file
    except OSError as error:
        raise StorageUnavailable(
            f"The file {shown_path(path)} cannot be written ({error.strerror or error}); name one in a "
            "folder that can be written to, on a disk with room."
        ) from error


def check_target(path: Path, settings: Settings) -> None:
    """Check that an archive may be written to a path.

    Raises:
        InvalidSetting: The path is neither new nor a regular file, or lies in a folder of the app's own.
    """
    try:
        mode = path.stat().st_mode
    except OSError:
        mode = stat.S_IFREG  # it is new; any other fault shows when it is written
    if not stat.S_ISREG(mode):
        what = "a folder" if stat.S_ISDIR(mode) else "a pipe or a device"
        raise InvalidSetting(
            f"The file {shown_path(path)} cannot be written: it is {what}. Name a new file, or a file to "
            "replace."
        )
    for own in own_places(settings):
        if any(_is_same(own, each) for each in (path.resolve(), *path.resolve().parents)):
            raise InvalidSetting(
                f"The file {shown_path(path)} cannot be written: it is in {shown_path(own)}, where the app "
                "keeps runs and drawings. Name a file in another folder."
            )


def own_places(settings: Settings) -> list[Path]:
    """Return the app's own folders and files, which no archive may replace."""
    files = None if settings.files is None else local_folder(settings.files)
    database = sqlite_file(settings.database)
    beside = [] if database is None else [Path(f"{database}{end}") for end in BESIDE]
    return [settings.home, *([] if files is None else [files]), *beside]


def open_regular(path: Path) -> IO[bytes]:
    """Open a regular file for reading. A pipe or a device is refused, because it might never end.

    Raises:
        OSError: The file cannot be read or is not a regular file.
    """
    # Without O_NONBLOCK, opening a pipe would wait until somebody writes to it.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return open(descriptor, "rb")
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    raise OSError(errno.EINVAL, NO_FILE)


def shown_path(path: Path) -> str:
    """Return a path as text for a message."""
    return str(path) if str(path).isprintable() else repr(str(path))


def _is_same(own: Path, other: Path) -> bool:
    """Return whether two paths name the same file or folder."""
    try:
        return own.samefile(other)
    except OSError:  # one of them does not exist
        return own.resolve() == other
