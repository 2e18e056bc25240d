"""Restoring a backup: all of it is checked before anything in the home is changed.

What was there is kept until the app's own code has opened what came (`exchange`).

A backup is one's own, and is restored by whoever runs the app and nobody else: the models in it are `.keras`
files, and loading such a file can run code that its maker put there. The digests tell damage, not who
wrote them. No page takes a backup, and none may.
"""

import contextlib
import hashlib
import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from sqlalchemy import select

from mnist_app.errors import AppError, StorageUnavailable, UnreadableArchive
from mnist_app.settings import Settings
from mnist_app.workspace.archives.backup import Contents, backup_kind, check_database
from mnist_app.workspace.archives.named_files import open_regular
from mnist_app.workspace.archives.zip_format import (
    MANIFEST,
    ArchiveFault,
    ArchiveReader,
    not_as_described,
    open_archive,
    refusals,
)
from mnist_app.workspace.storage.database import FILE, broken_off, make_folder, open_database, transaction
from mnist_app.workspace.storage.exchange import COMING, exchange, take_back
from mnist_app.workspace.storage.migrations import REVISION, NewerStore
from mnist_app.workspace.storage.tables import metadata

OWN = (FILE, f"{FILE}-wal", f"{FILE}-shm", "models", "checkpoints", "evaluations")
"""What a restore puts in place of what is there; all else in the home is left alone."""
EARLIER = "before-restore"
"""Where versions before 2026-12 kept what was there; which of it was still in the home cannot be told."""


def restore_backup(settings: Settings, file: Path, *, replace: bool = False) -> Contents:
    """Replace what the home has by what a backup holds; all of it is checked before that.

    The app must not be running.

    Args:
        settings: Name the home.
        file: The backup.
        replace: Whether to replace runs and drawings that the home has already.

    Raises:
        InvalidSetting: The runs are in another database than the home's own.
        UnreadableArchive: The backup is damaged, or no backup that this version can restore.
        StorageUnavailable: The home or the file cannot be used, or another restore is at work there.
            Nothing was changed, unless the error says otherwise.
    """
    check_database(settings)
    make_folder(settings.home)
    with _lock(settings.home):
        return _restore(settings.home, file, replace)


def _restore(home: Path, file: Path, replace: bool) -> Contents:
    _put_back(home)
    _check_home(home, replace)
    draft = home / COMING
    try:
        shutil.rmtree(draft, ignore_errors=True)  # of a restore that was broken off
        draft.mkdir()
        with _opened(file) as archive, refusals("restored"), open_archive(archive, backup_kind()) as reader:
            contents = _unpack(reader, draft)
            _check_store(draft / FILE)
        _check_unused(home / FILE)
        with refusals("restored"):
            exchange(home, OWN, lambda: _check_opens(home / FILE))
        return contents
    except OSError as error:
        what_now = broken_off(home) or "Nothing was changed."
        raise StorageUnavailable(
            f"The backup cannot be restored into {home} ({error.strerror or error}); see that the folder can "
            f"be written to and the disk has room. {what_now}"
        ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@contextlib.contextmanager
def _lock(home: Path) -> Iterator[None]:
    """Keep other restores out of a home; raises `StorageUnavailable` if one is at work there.

    The system frees the lock when the process ends, however it ends. Windows has no lock on folders.
    """
    if sys.platform == "win32":
        yield
        return
    import fcntl

    folder = os.open(home, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some network file systems have no locks
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise StorageUnavailable(
                    f"Another restore into {home} is at work; wait until it has ended. Nothing was changed."
                ) from error
        yield
    finally:
        os.close(folder)


def _put_back(home: Path) -> None:
    """Put back what was there before a restore that was broken off; raises `StorageUnavailable`."""
    try:
        take_back(home, OWN)
    except OSError as error:
        raise StorageUnavailable(
            f"A restore was broken off, and what was in {home} before cannot be put back "
            f"({error.strerror or error}); see that the folder can be written to, and start again."
        ) from error


def _check_home(home: Path, replace: bool) -> None:
    if (home / EARLIER).exists():
        raise StorageUnavailable(
            f"A restore by an earlier version was broken off: what was here before it lies in "
            f"{home / EARLIER}. Move that back into {home}, or delete it, and start again."
        )
    if not replace and any((home / name).exists() for name in OWN):
        raise StorageUnavailable(
            f"{home} has runs and drawings already, which a restore would remove; give --replace if that is "
            "what you want, after a backup of them. Nothing was changed."
        )


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[IO[bytes]]:
    try:
        archive = open_regular(file)
    except OSError as error:
        raise UnreadableArchive(f"The file {file} cannot be read ({error.strerror}).") from error
    with archive:
        yield archive


def _unpack(reader: ArchiveReader, folder: Path) -> Contents:
    """Unpack everything, checked by the digests; raises `ArchiveFault` or `OSError`."""
    files = _checked_files(reader.manifest())
    reader.check_files(files)
    if reader.total_bytes > (free := shutil.disk_usage(folder).free):
        raise ArchiveFault(f"it needs {reader.total_bytes / 1e6:,.0f} MB, and {free / 1e6:,.0f} MB are free")
    for name, description in files.items():
        path = folder / name  # one of the names that `most_bytes` knows
        path.parent.mkdir(exist_ok=True)
        sha256 = hashlib.sha256()
        with path.open("xb") as target:
            for chunk in reader.chunks(name):
                target.write(chunk)
                sha256.update(chunk)
            count = target.tell()
        if description != {"bytes": count, "sha256": sha256.hexdigest()}:
            raise not_as_described(name)
    return Contents(len(files), sum(each["bytes"] for each in files.values()))


def _checked_files(manifest: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The digests that a manifest lists, checked by their shapes; the store is among them."""
    files = manifest.get("files")
    if not isinstance(files, dict) or FILE not in files or MANIFEST in files:
        raise ArchiveFault(f"its {MANIFEST} does not describe a backup as this app does")
    return files


def _check_store(store: Path) -> None:
    """Raise `ArchiveFault` unless this is a sound store that this version of the app can use.

    One of an older version is brought up to date.
    """
    try:
        with contextlib.closing(sqlite3.connect(store)) as connection:
            sound = connection.execute("PRAGMA quick_check").fetchone()[0] == "ok"
            connection.execute("SELECT id, status FROM runs LIMIT 1").fetchone()
    except sqlite3.Error as error:
        raise ArchiveFault(f"its {FILE} is no store of this app ({error})") from error
    if not sound:
        raise ArchiveFault(f"its {FILE} is damaged")
    _check_opens(store)


def _check_opens(store: Path) -> None:
    """Open a store as the app does and look into each of its tables; raises `ArchiveFault`."""
    try:
        engine = open_database(f"sqlite:///{store}", store.parent)
        try:
            for table in metadata.sorted_tables:
                with transaction(engine, writes=False) as connection:
                    connection.execute(select(table).limit(1)).first()
        finally:
            engine.dispose()
    except NewerStore as error:
        raise ArchiveFault(
            f"a newer version of the app has made it (its tables are of revision {error.revision}; this "
            f"version knows {REVISION}), so update the app first"
        ) from error
    except AppError as error:
        reason = str(getattr(error.__cause__, "orig", None) or type(error).__name__).partition("\n")[0][:60]
        raise ArchiveFault(f"its {FILE} is no store that this version can open ({reason})") from error


def _check_unused(store: Path) -> None:
    """Raise `StorageUnavailable` if a server or worker has the store open.

    SQLite gives up its write-ahead log only to whoever has the file to itself; the app turns it on again.
    """
    if not store.is_file():
        return
    with contextlib.closing(sqlite3.connect(store, timeout=0)) as connection:
        try:
            connection.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise StorageUnavailable(
                    "The app is running and has its store open; stop it, and restore then. "
                    "Nothing was changed."
                ) from error
        except sqlite3.DatabaseError:
            pass  # a store that is damaged is what a backup is for
