"""The restore of a backup. The whole backup is checked before anything in the home is changed.

The earlier contents of the home are kept until the app's own code has opened the restored store (`exchange`).

Only the person who runs the app may restore a backup, and only their own. Its models are `.keras` files, and
loading such a file can run code that its author put there. The digests show damage, but not the author. So no
page may accept a backup.
"""

import contextlib
import hashlib
import shutil
import sqlite3
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
from mnist_app.workspace.storage.folder_lock import locked
from mnist_app.workspace.storage.migrations import REVISION, NewerStore
from mnist_app.workspace.storage.tables import metadata

OWN = (FILE, f"{FILE}-wal", f"{FILE}-shm", "models", "checkpoints", "evaluations")
"""The files and folders of the home that a restore replaces. It leaves all others alone."""
EARLIER = "before-restore"
"""The folder in which versions before 2026-12 kept the earlier contents. They cannot be put back safely."""


def restore_backup(settings: Settings, file: Path, *, replace: bool = False) -> Contents:
    """Replace the home's contents by a backup, which is checked first. The app must not be running.

    Args:
        settings: Name the home.
        file: The backup.
        replace: Whether to replace runs and drawings that the home has already.

    Returns:
        The size of what was restored.

    Raises:
        InvalidSetting: The runs are in a database or a folder outside the home.
        UnreadableArchive: The file is damaged, or this version cannot restore it.
        StorageUnavailable: The home or the file cannot be used, or another restore is running there.
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
        shutil.rmtree(draft, ignore_errors=True)  # a killed restore may have left it
        draft.mkdir()
        with _opened(file) as archive, refusals("restored"), open_archive(archive, backup_kind()) as reader:
            contents = _unpack(reader, draft)
            _check_store(draft / FILE)
        _check_unused(home / FILE)
        with refusals("restored"):
            exchange(home, OWN, lambda: check_opens(home / FILE))
        return contents
    except OSError as error:
        what_now = broken_off(home) or "Nothing was changed."
        raise StorageUnavailable(
            f"The backup cannot be restored into {home} ({error.strerror or error}). Check that the folder "
            f"can be written to and the disk has room. {what_now}"
        ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@contextlib.contextmanager
def _lock(home: Path) -> Iterator[None]:
    """Lock a home against other restores.

    Raises:
        StorageUnavailable: Another restore is running there.
    """
    with locked(home.resolve()) as is_mine:
        if is_mine is False:
            raise StorageUnavailable(
                f"Another restore into {home} is running; wait until it has ended. Nothing was changed."
            )
        yield


def _put_back(home: Path) -> None:
    """Put back what a restore replaced that was then broken off.

    Raises:
        StorageUnavailable: It cannot be put back.
    """
    try:
        take_back(home, OWN)
    except OSError as error:
        raise StorageUnavailable(
            f"A restore was broken off, and the earlier contents of {home} cannot be put back "
            f"({error.strerror or error}). Check that the folder can be written to, and start again."
        ) from error


def _check_home(home: Path, replace: bool) -> None:
    if (home / EARLIER).exists():
        raise StorageUnavailable(
            f"A restore by an earlier version was broken off. The contents from before it are in "
            f"{home / EARLIER}. Move them back into {home}, or delete them, and start again."
        )
    if not replace and any((home / name).exists() for name in OWN):
        raise StorageUnavailable(
            f"{home} has runs and drawings already, which a restore would remove. If you want that, make a "
            "backup of them, and then give --replace. Nothing was changed."
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
    """Unpack all files, and compare them with their digests.

    Raises:
        ArchiveFault: A file is not as the manifest describes it, or the disk is too small.
        OSError: A file cannot be written.
    """
    files = _checked_files(reader.manifest())
    reader.check_files(files)
    if reader.total_bytes > (free := shutil.disk_usage(folder).free):
        raise ArchiveFault(f"it needs {reader.total_bytes / 1e6:,.0f} MB, and {free / 1e6:,.0f} MB are free")
    for name, description in files.items():
        path = folder / name  # safe: the reader accepts only the names that `most_bytes` knows
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
    """Return the manifest's entries of files; raise `ArchiveFault` if the store is not among them."""
    files = manifest.get("files")
    if not isinstance(files, dict) or FILE not in files or MANIFEST in files:
        raise ArchiveFault(f"its {MANIFEST} does not describe a backup as this app does")
    return files


def _check_store(store: Path) -> None:
    """Check that a file is a sound store, and bring a store of an older version up to date.

    Raises:
        ArchiveFault: This version of the app cannot use it.
    """
    try:
        with contextlib.closing(sqlite3.connect(store)) as connection:
            sound = connection.execute("PRAGMA quick_check").fetchone()[0] == "ok"
            connection.execute("SELECT id, status FROM runs LIMIT 1").fetchone()
    except sqlite3.Error as error:
        raise ArchiveFault(f"its {FILE} is not a store of this app ({error})") from error
    if not sound:
        raise ArchiveFault(f"its {FILE} is damaged")
    check_opens(store)


def check_opens(store: Path) -> None:
    """Open a store as the app does, and read from each of its tables.

    Raises:
        ArchiveFault: This version of the app cannot use it.
    """
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
            f"a newer version of the app has made it (its tables have revision {error.revision}; this "
            f"version knows {REVISION}), so update the app first"
        ) from error
    except AppError as error:
        reason = str(getattr(error.__cause__, "orig", None) or type(error).__name__).partition("\n")[0][:60]
        raise ArchiveFault(f"its {FILE} is not a store that this version can open ({reason})") from error


def _check_unused(store: Path) -> None:
    """Raise `StorageUnavailable` if a server or worker has the store open.

    SQLite turns its write-ahead log off only for a process that alone has the file open. The app turns the
    log on again.
    """
    if not store.is_file():
        return
    with contextlib.closing(sqlite3.connect(store, timeout=0)) as connection:
        try:
            connection.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise StorageUnavailable(
                    "The app is running and has its store open. Stop it, and then restore. "
                    "Nothing was changed."
                ) from error
        except sqlite3.DatabaseError:
            pass  # a damaged store is a reason to restore
