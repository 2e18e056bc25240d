"""The store as a SQLite file: making a new one, and checking that a file is one.

SQLite takes an empty file for a new database. Here a new store is made under another name, and gets its own
name once it has its tables. So an empty file is always damage, and must not read as "no runs yet".
"""

import contextlib
import os
import secrets
import shutil
import sqlite3
from pathlib import Path

from mnist_app.atomic_write import PART
from mnist_app.errors import StorageUnavailable
from mnist_app.workspace.storage.engine import make_engine
from mnist_app.workspace.storage.migrations import migrate

BESIDE = ("", "-wal", "-shm", "-journal")
"""The endings that SQLite adds to the name of a database for the files beside it."""
_ELSEWHERE = "Name a file of the app's own, or a new one, in MNIST_APP_DATABASE or MNIST_APP_HOME."


def make_store(file: Path, patience: float) -> None:
    """Make a store with all its tables, unless another process is faster.

    Only its owner may read it, because it holds names and the tokens of browsers.

    Args:
        file: The path of the store; nothing is there yet.
        patience: Seconds that a statement waits for a lock.
    """
    draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}{PART}")
    try:
        with contextlib.suppress(OSError):  # where nothing can be written, SQLite says so below
            draft.touch(mode=0o600)  # SQLite gives its files beside the store the same mode
        engine = make_engine(f"sqlite:///{draft}", patience)
        try:
            migrate(engine)
        finally:
            engine.dispose()
        _put_in_place(draft, file)
    finally:
        for end in BESIDE:
            with contextlib.suppress(OSError):
                Path(f"{draft}{end}").unlink(missing_ok=True)


def copy_store(source: Path, copy: Path) -> None:
    """Copy a consistent state of a store, even while others write to it.

    Args:
        source: The store.
        copy: The path of the copy, which is replaced.

    Raises:
        sqlite3.Error: SQLite cannot read the store or write the copy.
        OSError: The store is on a read-only disk and cannot be copied.
    """
    copy.unlink(missing_ok=True)
    if _is_read_only(source):
        # SQLite writes beside a store even to read it. Nobody can change these two files meanwhile.
        for end in ("", "-wal"):
            with contextlib.suppress(FileNotFoundError):
                shutil.copyfile(f"{source}{end}", f"{copy}{end}")
        with contextlib.closing(sqlite3.connect(copy)) as target:
            target.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return
    with (
        contextlib.closing(sqlite3.connect(source, timeout=10)) as store,
        contextlib.closing(sqlite3.connect(copy)) as target,
    ):
        store.backup(target)


def _is_read_only(file: Path) -> bool:
    """Return whether a file is on a disk that cannot be written to, as Linux makes of one that fails."""
    return hasattr(os, "statvfs") and bool(os.statvfs(file).f_flag & os.ST_RDONLY)


def check_not_empty(file: Path) -> None:
    """Raise `StorageUnavailable` for an empty file, before SQLite makes a database of it."""
    if file.is_file() and file.stat().st_size == 0:
        raise _empty(file)


def check_is_store(file: Path, patience: float) -> None:
    """Check that a file holds a store of this app, and change nothing in it.

    Args:
        file: The file.
        patience: Seconds to wait for another process that writes to it.

    Raises:
        StorageUnavailable: The file is empty, another program's, or no regular file.
        sqlite3.Error: SQLite cannot read it.
    """
    if not file.is_file():
        raise StorageUnavailable(f"The app's store cannot be {file}: that is no regular file. {_ELSEWHERE}")
    check_not_empty(file)
    with contextlib.closing(sqlite3.connect(file, timeout=patience)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if not tables:
        raise _empty(file)
    if "runs" not in tables:
        raise StorageUnavailable(
            f"The app's store cannot be {file}: that database is another program's. {_ELSEWHERE}"
        )


def _empty(file: Path) -> StorageUnavailable:
    return StorageUnavailable(
        f"The app's store {file} has nothing in it, so it is damaged. Restore a backup (restore FILE "
        "--replace). If there never were runs or drawings, delete that file and start again."
    )


def _put_in_place(draft: Path, file: Path) -> None:
    """Rename the draft, unless another process was faster."""
    try:
        os.link(draft, file)
    except FileExistsError:
        pass  # another process was faster
    except OSError:  # a file system without such links
        if not file.exists():
            os.rename(draft, file)
