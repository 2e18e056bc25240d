"""Files that a user names: where an archive is written to, and what one is read from."""

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

NO_FILE = "it is a pipe or a device; save what comes from it in a file"


@contextmanager
def named_file(path: Path, settings: Settings) -> Iterator[IO[bytes]]:
    """Open the file that a user named to write to; it is in place whole at the end, or as it was before.

    Only its owner can read it. A link is followed.

    Raises:
        InvalidSetting: It is neither new nor a regular file, or lies where the app keeps its own.
        StorageUnavailable: It cannot be written.
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
    """Raise `InvalidSetting` unless the path is of a new or regular file outside the app's own places."""
    try:
        mode = path.stat().st_mode
    except OSError:
        mode = stat.S_IFREG  # new; whatever else is wrong shows when it is written
    if not stat.S_ISREG(mode):
        what = "a folder" if stat.S_ISDIR(mode) else "a pipe or a device"
        raise InvalidSetting(
            f"The file {shown_path(path)} cannot be written: it is {what}. Name a new file, or one that is "
            "to be replaced."
        )
    for own in own_places(settings):
        if any(_is_same(own, each) for each in (path.resolve(), *path.resolve().parents)):
            raise InvalidSetting(
                f"The file {shown_path(path)} cannot be written: it is in {shown_path(own)}, where the app "
                "keeps runs and drawings. Name a file in another folder."
            )


def own_places(settings: Settings) -> list[Path]:
    """Return the folders and files in which the app keeps what it may not lose."""
    files = None if settings.files is None else local_folder(settings.files)
    database = sqlite_file(settings.database)
    beside = [] if database is None else [Path(f"{database}{end}") for end in BESIDE]
    return [settings.home, *([] if files is None else [files]), *beside]


def open_regular(path: Path) -> IO[bytes]:
    """Open a regular file to read; a pipe or a device could keep whoever reads it waiting for ever.

    Raises:
        OSError: It cannot be read or is no regular file.
    """
    # Without O_NONBLOCK, opening a pipe waits for somebody to write to it.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return open(descriptor, "rb")
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    raise OSError(errno.EINVAL, NO_FILE)


def shown_path(path: Path) -> str:
    """Return a path as a message may show it."""
    return str(path) if str(path).isprintable() else repr(str(path))


def _is_same(own: Path, other: Path) -> bool:
    """Whether both are one file or folder, however they are written."""
    try:
        return own.samefile(other)
    except OSError:  # one of them is not there
        return own.resolve() == other
