"""Files that are written whole or not at all."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

PART = ".part"
"""What the name of a file ends in that is still being written."""


@contextmanager
def whole_file(path: Path, mode: int = 0o666) -> Iterator[IO[bytes]]:
    """Open a file to write that is in place whole afterwards, or as it was before if anything is raised.

    Where the system has files without a name (Linux), even a process that is killed leaves nothing.

    Args:
        path: Where it is to be, in a folder that is there.
        mode: Its permissions, from which the process's umask is taken.

    Raises:
        OSError: It cannot be written.
    """
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}{PART}")
    try:
        with _nameless(path.parent, mode) or _open_new(draft, mode) as file:
            yield file
            file.flush()
            if not draft.exists():
                # Without a folder's descriptor, whichever, Python gives a name to the link itself.
                os.link(f"/proc/self/fd/{file.fileno()}", draft, src_dir_fd=file.fileno())
        os.replace(draft, path)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _nameless(folder: Path, mode: int) -> IO[bytes] | None:
    """Open a file in the folder that has no name yet; None where there are no such files."""
    flag = getattr(os, "O_TMPFILE", None)
    if flag is None or not os.path.isdir("/proc/self/fd"):
        return None
    try:
        return open(os.open(folder, flag | os.O_RDWR, mode), "w+b")
    except OSError:  # not every file system has them; whatever else is wrong shows when a name is given
        return None


def _open_new(path: Path, mode: int) -> IO[bytes]:
    binary = getattr(os, "O_BINARY", 0)  # Windows only
    return open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | binary, mode), "w+b")
