"""Atomic writes: a file is replaced as a whole or not at all."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

PART = ".part"
"""Ending of the name of a file that is still being written."""


@contextmanager
def atomic_write(path: Path, mode: int = 0o666) -> Iterator[IO[bytes]]:
    """Open a file for writing, and put it in place when the block ends.

    If the block raises, the file that was there stays unchanged. On Linux, where a file can have no name,
    even a process that is killed leaves nothing behind.

    Args:
        path: The file's final place. Its folder must exist.
        mode: The file's permissions; the process's umask is subtracted.

    Raises:
        OSError: The file cannot be written.
    """
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}{PART}")
    try:
        with _nameless(path.parent, mode) or _open_new(draft, mode) as file:
            yield file
            file.flush()
            if not draft.exists():
                # Without `src_dir_fd`, Python would link the symbolic link in /proc, not the file.
                os.link(f"/proc/self/fd/{file.fileno()}", draft, src_dir_fd=file.fileno())
        os.replace(draft, path)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _nameless(folder: Path, mode: int) -> IO[bytes] | None:
    """Open a file without a name in the folder.

    Returns:
        The open file, or None if the system or the file system has no such files.
    """
    flag = getattr(os, "O_TMPFILE", None)
    if flag is None or not os.path.isdir("/proc/self/fd"):
        return None
    try:
        return open(os.open(folder, flag | os.O_RDWR, mode), "w+b")
    except OSError:  # any other fault shows when the draft is opened by name
        return None


def _open_new(path: Path, mode: int) -> IO[bytes]:
    binary = getattr(os, "O_BINARY", 0)  # Windows only
    return open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | binary, mode), "w+b")
