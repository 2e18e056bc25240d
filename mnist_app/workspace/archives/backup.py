"""Backups: everything that the app keeps in its home, as one zip, for `restore`.

A backup contains the database, the models, checkpoints and evaluations, and a manifest with the digest of
each file. It contains no data sets, which can be downloaded or generated again. Its models are `.keras`
files, which can contain code, so only its owner should restore it.
"""

import contextlib
import hashlib
import json
import os
import re
import shutil
import sqlite3
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from mnist_app.atomic_write import PART
from mnist_app.errors import InvalidSetting, StorageUnavailable
from mnist_app.settings import Settings
from mnist_app.workspace.archives.named_files import named_file, shown_path
from mnist_app.workspace.archives.zip_format import MANIFEST, ArchiveKind, plain_member
from mnist_app.workspace.storage.database import FILE
from mnist_app.workspace.storage.folder_lock import locked
from mnist_app.workspace.storage.identifiers import ID_FORM
from mnist_app.workspace.storage.sqlite_store import BESIDE, check_not_empty, copy_store

FORMAT = "mnist-app backup"
VERSION = 1
GIGABYTE = 10**9
MOST_FILES = 200_000
MAX_BYTES = 50 * GIGABYTE
"""Largest size of a backup, both packed and unpacked."""
_LIMITS = (
    (re.compile(re.escape(MANIFEST)), 300 * MOST_FILES),
    (re.compile(re.escape(FILE)), 20 * GIGABYTE),
    (re.compile(rf"models/{ID_FORM}\.keras"), GIGABYTE),
    (re.compile(rf"checkpoints/{ID_FORM}-[0-9]{{1,6}}\.npz"), GIGABYTE),
    (re.compile(r"evaluations/[0-9a-f]{64}-[0-9a-f]{16}\.npz"), GIGABYTE // 10),
)
_DRAFT = re.compile(rf".+\.[a-z0-9_]{{8}}{re.escape(PART)}", re.DOTALL)
"""The names of the folders that `tempfile` makes beside a backup."""
_ATTEMPTS = 5
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Contents:
    """The size of a backup's contents."""

    files: int
    """Number of files: the database, models, checkpoints and evaluations."""
    bytes: int


def write_backup(settings: Settings, file: Path) -> Contents:
    """Write a backup of the home, whole or not at all. The app may be running.

    Args:
        settings: Name the home.
        file: Where to write the backup.

    Returns:
        The size of what was written.

    Raises:
        InvalidSetting: The runs are in a database or a folder outside the home.
        StorageUnavailable: The home cannot be read or the file cannot be written.
    """
    check_database(settings)
    if not (settings.home / FILE).is_file():
        raise StorageUnavailable(f"There is nothing to back up: {settings.home} has no {FILE}.")
    check_not_empty(settings.home / FILE)
    try:
        with named_file(file, settings) as archive, _draft_folder(file) as draft:
            contents = _write(settings.home, archive, draft / FILE)
            _check_size(contents)
            return contents
    except sqlite3.Error as error:
        raise StorageUnavailable(
            f"The backup {shown_path(file)} cannot be written: {settings.home / FILE} cannot be copied "
            f"({error}). Check that the disk has room. If the store is damaged, restore an earlier backup."
        ) from error


def most_bytes(name: str) -> int | None:
    """Return the size limit of a backup's file by its name; None for a name that no backup contains."""
    return next((most for pattern, most in _LIMITS if pattern.fullmatch(name)), None)


def backup_kind() -> ArchiveKind:
    """Return the kind of archive that a backup is."""
    return ArchiveKind("backup of this app", FORMAT, VERSION, MAX_BYTES, MOST_FILES, most_bytes)


def check_database(settings: Settings) -> None:
    """Check that the runs and the models are in the home.

    Raises:
        InvalidSetting: They are elsewhere.
    """
    if settings.files is not None:
        raise InvalidSetting(
            "MNIST_APP_FILES names a place for the models outside the home, and a backup covers only the "
            "home. docs/several-machines.md says how to copy the models and the database."
        )
    if settings.database is not None:
        raise InvalidSetting(
            "MNIST_APP_DATABASE names a database outside the home, and a backup covers only the home. Use "
            "the database's own tools, such as pg_dump and pg_restore, and copy the folders models, "
            f"checkpoints and evaluations of {settings.home}."
        )


# Writing


@contextlib.contextmanager
def _draft_folder(file: Path) -> Iterator[Path]:
    """Make a folder beside a backup for a copy of the store, and remove those that killed backups left."""
    _remove_leftovers(file.parent)
    with tempfile.TemporaryDirectory(prefix=f"{file.name}.", suffix=PART, dir=file.parent) as name:
        draft = Path(name)
        with locked(draft.resolve()):  # so that no other backup takes it for a leftover
            yield draft


def _remove_leftovers(folder: Path) -> None:
    for path in folder.glob(f"*{PART}"):
        with contextlib.suppress(OSError):
            if _DRAFT.fullmatch(path.name) and _is_private_folder(path):
                with locked(path) as is_mine:
                    if is_mine and _holds_only_a_store(path):
                        shutil.rmtree(path)


def _is_private_folder(path: Path) -> bool:
    """Return whether a path is a folder, not a link, that only the user of this process can open."""
    status = path.lstat()
    own = getattr(os, "geteuid", lambda: None)()  # Windows has no such ids
    return stat.S_ISDIR(status.st_mode) and status.st_mode & 0o077 == 0 and status.st_uid == own


def _holds_only_a_store(folder: Path) -> bool:
    names = {path.name for path in folder.iterdir()}
    return FILE in names and names <= {f"{FILE}{end}" for end in BESIDE}


def _check_size(contents: Contents) -> None:
    """Raise `StorageUnavailable` if a restore would refuse a backup of this size."""
    if contents.files >= MOST_FILES or contents.bytes > MAX_BYTES - GIGABYTE:
        raise StorageUnavailable(
            f"The home has {contents.files:,} files with {contents.bytes / 1e9:,.1f} GB, "
            "too many for one backup: delete runs that nobody needs."
        )


def _write(home: Path, file: IO[bytes], copy: Path) -> Contents:
    """Write the backup, and repeat it if a training has replaced its checkpoint meanwhile."""
    missing_before: set[str] | None = None
    for _ in range(_ATTEMPTS):
        copy_store(home / FILE, copy)
        file.seek(0)
        file.truncate()
        files = _write_zip(home, file, copy)
        missing = _named_in_store(copy) - set(files)
        if not missing or missing == missing_before:  # missing twice: not replaced just now, but lost
            break
        missing_before = missing
    return Contents(len(files), sum(each["bytes"] for each in files.values()))


def _write_zip(home: Path, file: IO[bytes], copy: Path) -> dict[str, dict[str, Any]]:
    files: dict[str, dict[str, Any]] = {}
    with zipfile.ZipFile(file, "w") as archive:
        files[FILE] = _put(archive, copy, FILE, zipfile.ZIP_DEFLATED)
        for name in _names_in(home):
            with contextlib.suppress(FileNotFoundError):  # deleted since
                files[name] = _put(archive, home / name, name, zipfile.ZIP_STORED)
        manifest = {"format": FORMAT, "version": VERSION, "files": files}
        written = plain_member(MANIFEST, zipfile.ZIP_DEFLATED)
        archive.writestr(written, json.dumps(manifest, indent=1))
    return files


def _names_in(home: Path) -> list[str]:
    """Return the names of the home's files for a backup; checkpoints first, because they are replaced."""
    paths = [path for folder in ("checkpoints", "models", "evaluations") for path in _entries(home / folder)]
    names = [path.relative_to(home).as_posix() for path in paths if path.is_file() and not path.is_symlink()]
    return [name for name in names if most_bytes(name) is not None]


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _put(archive: zipfile.ZipFile, path: Path, name: str, compression: int) -> dict[str, Any]:
    """Add a file to the zip, and return its entry in the manifest."""
    sha256, count = hashlib.sha256(), 0
    info = plain_member(name, compression)
    with path.open("rb") as source, archive.open(info, "w", force_zip64=True) as member:
        while chunk := source.read(_CHUNK):
            member.write(chunk)
            sha256.update(chunk)
            count += len(chunk)
    return {"bytes": count, "sha256": sha256.hexdigest()}


def _named_in_store(store: Path) -> set[str]:
    """Return the names of the checkpoints that a store's runs need."""
    with contextlib.closing(sqlite3.connect(store)) as connection:
        query = "SELECT id, checkpoint_epoch FROM runs WHERE checkpoint_epoch IS NOT NULL"
        return {f"checkpoints/{run}-{epoch}.npz" for run, epoch in connection.execute(query)}
