"""A backup: all that the app keeps in its home as one zip, and its way back.

In it are the database, the models, checkpoints and evaluations, and a manifest with the digest of each.
Data sets are not in it: they are fetched or written anew.

A backup is one's own, and is restored by whoever runs the app and nobody else: the models in it are `.keras`
files, and loading such a file can run code that its maker put there. The digests tell damage, not who
wrote them. No page takes a backup, and none may.
"""

import contextlib
import hashlib
import json
import os
import re
import shutil
import sqlite3
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from mnist_app.errors import InvalidSetting, StorageUnavailable, UnreadableArchive
from mnist_app.runs.archive import (
    MANIFEST,
    ArchiveFault,
    ArchiveKind,
    ArchiveReader,
    not_as_described,
    open_archive,
    plain_member,
    refusals,
)
from mnist_app.runs.database import FILE, make_folder
from mnist_app.settings import Settings

FORMAT = "mnist-app backup"
VERSION = 1
GIGABYTE = 10**9
MOST_FILES = 200_000
OWN = (FILE, f"{FILE}-wal", f"{FILE}-shm", "models", "checkpoints", "evaluations")
"""What a restore puts in place of what is there; all else in the home is left alone."""
DRAFT = "restore.part"
"""The folder in the home where a backup is unpacked and checked."""
BEFORE = "before-restore"
"""The folder in the home where what was there lies until what came is in place."""

_LIMITS = (
    (re.compile(re.escape(MANIFEST)), 200 * MOST_FILES),
    (re.compile(re.escape(FILE)), 20 * GIGABYTE),
    (re.compile(r"models/[a-z0-9]{10}\.keras"), GIGABYTE),
    (re.compile(r"checkpoints/[a-z0-9]{10}-[0-9]{1,6}\.npz"), GIGABYTE),
    (re.compile(r"evaluations/[0-9a-f]{64}-[0-9a-f]{16}\.npz"), GIGABYTE // 10),
)
_ATTEMPTS = 5
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Contents:
    """What a backup holds."""

    files: int
    """The database and the files of models, checkpoints and evaluations."""
    bytes: int


def write_backup(settings: Settings, file: Path) -> Contents:
    """Write a backup of the home, whole or not at all, also while the app runs.

    Raises `InvalidSetting` where the runs are in another database than the home's own, and
    `StorageUnavailable`.
    """
    _check_database(settings)
    if not (settings.home / FILE).is_file():
        raise StorageUnavailable(f"There is nothing to back up: {settings.home} has no {FILE}.")
    try:
        with tempfile.TemporaryDirectory(prefix=f"{file.name}.", suffix=".part", dir=file.parent) as draft:
            contents = _write_draft(settings.home, Path(draft))
            (Path(draft) / "backup.zip").chmod(0o600)  # names, drawings and tokens are in it
            os.replace(Path(draft) / "backup.zip", file)
            return contents
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise StorageUnavailable(
            f"The backup {file} cannot be written ({reason}); name a file in a folder that can be written "
            "to, on a disk with room."
        ) from error


def restore_backup(settings: Settings, file: Path, *, replace: bool = False) -> Contents:
    """Put what a backup holds in place of what the home has; all of it is checked before that.

    What the home has already is replaced only if `replace` says so; the app must not be running. Raises
    `InvalidSetting`, `UnreadableArchive` or `StorageUnavailable`, and then nothing was changed.
    """
    home = settings.home
    _check_database(settings)
    _check_home(home, replace)
    make_folder(home)
    draft = home / DRAFT
    try:
        shutil.rmtree(draft, ignore_errors=True)  # of a restore that was broken off
        draft.mkdir()
        with _opened(file) as archive, refusals("restored"), open_archive(archive, _kind()) as reader:
            contents = _unpack(reader, draft)
            _check_store(draft / FILE)
        _check_unused(home / FILE)
        _put_in_place(home, draft)
        return contents
    except OSError as error:
        raise StorageUnavailable(
            f"The backup cannot be restored into {home} ({error.strerror or error}); see that the folder can "
            "be written to and the disk has room. Nothing was changed."
        ) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def most_bytes(name: str) -> int | None:
    """How large a file of that name may be; None for a name that a backup does not have."""
    return next((most for pattern, most in _LIMITS if pattern.fullmatch(name)), None)


# Writing


def _write_draft(home: Path, draft: Path) -> Contents:
    """Write the backup; once more where a training replaced its checkpoint meanwhile."""
    missing_before: set[str] | None = None
    for _ in range(_ATTEMPTS):
        _copy_database(home / FILE, draft / FILE)
        files = _write_zip(home, draft)
        missing = _named_in_store(draft / FILE) - set(files)
        if not missing or missing == missing_before:  # what is missing twice has long been so
            break
        missing_before = missing
    return Contents(len(files), sum(each["bytes"] for each in files.values()))


def _copy_database(source: Path, copy: Path) -> None:
    """Copy a SQLite file as it is at one moment, whoever writes to it."""
    copy.unlink(missing_ok=True)
    with (
        contextlib.closing(sqlite3.connect(source, timeout=10)) as store,
        contextlib.closing(sqlite3.connect(copy)) as target,
    ):
        store.backup(target)


def _write_zip(home: Path, draft: Path) -> dict[str, dict[str, Any]]:
    files: dict[str, dict[str, Any]] = {}
    with zipfile.ZipFile(draft / "backup.zip", "w") as archive:
        files[FILE] = _put(archive, draft / FILE, FILE, zipfile.ZIP_DEFLATED)
        for name in _names_in(home):
            with contextlib.suppress(FileNotFoundError):  # deleted since
                files[name] = _put(archive, home / name, name, zipfile.ZIP_STORED)
        manifest = {"format": FORMAT, "version": VERSION, "files": files}
        written = plain_member(MANIFEST, time.localtime()[:6], zipfile.ZIP_DEFLATED)
        archive.writestr(written, json.dumps(manifest, indent=1))
    return files


def _names_in(home: Path) -> list[str]:
    """The files of the home that belong into a backup, checkpoints first: they do not last."""
    paths = [path for folder in ("checkpoints", "models", "evaluations") for path in _entries(home / folder)]
    names = [path.relative_to(home).as_posix() for path in paths if path.is_file() and not path.is_symlink()]
    return [name for name in names if most_bytes(name) is not None]


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _put(archive: zipfile.ZipFile, path: Path, name: str, compression: int) -> dict[str, Any]:
    """Add a file to the zip and return what the manifest says of it."""
    sha256, count = hashlib.sha256(), 0
    info = plain_member(name, time.localtime()[:6], compression)
    with path.open("rb") as source, archive.open(info, "w", force_zip64=True) as member:
        while chunk := source.read(_CHUNK):
            member.write(chunk)
            sha256.update(chunk)
            count += len(chunk)
    return {"bytes": count, "sha256": sha256.hexdigest()}


def _named_in_store(store: Path) -> set[str]:
    """The checkpoints that a store's runs go on from."""
    with contextlib.closing(sqlite3.connect(store)) as connection:
        query = "SELECT id, checkpoint_epoch FROM runs WHERE checkpoint_epoch IS NOT NULL"
        return {f"checkpoints/{run}-{epoch}.npz" for run, epoch in connection.execute(query)}


# Restoring


def _kind() -> ArchiveKind:
    return ArchiveKind("backup of this app", FORMAT, VERSION, 50 * GIGABYTE, MOST_FILES, most_bytes)


def _check_database(settings: Settings) -> None:
    if settings.database is not None:
        raise InvalidSetting(
            "MNIST_APP_DATABASE names a database whose own tools back it up and restore it, such as pg_dump "
            f"and pg_restore; copy the folders models, checkpoints and evaluations of {settings.home} too."
        )


def _check_home(home: Path, replace: bool) -> None:
    if (home / BEFORE).exists():
        raise StorageUnavailable(
            f"A restore was broken off: what was here before it lies in {home / BEFORE}. Move that back into "
            f"{home}, or delete it, and start again."
        )
    if not replace and any((home / name).exists() for name in OWN):
        raise StorageUnavailable(
            f"{home} has runs and drawings already, which a restore would remove; give --replace if that is "
            "what you want, after a backup of them. Nothing was changed."
        )


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[IO[bytes]]:
    try:
        archive = file.open("rb")
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
    """Raise `ArchiveFault` unless this is a sound SQLite file with runs in it."""
    try:
        with contextlib.closing(sqlite3.connect(store)) as connection:
            sound = connection.execute("PRAGMA quick_check").fetchone()[0] == "ok"
            connection.execute("SELECT id, status FROM runs LIMIT 1").fetchone()
    except sqlite3.Error as error:
        raise ArchiveFault(f"its {FILE} is no store of this app ({error})") from error
    if not sound:
        raise ArchiveFault(f"its {FILE} is damaged")


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


def _put_in_place(home: Path, draft: Path) -> None:
    """Exchange what is in the home for what is in the draft; back again when that fails halfway.

    Within the home, which may be a volume of its own or in a folder that cannot be written to.
    """
    before = home / BEFORE
    before.mkdir()
    moved: list[tuple[Path, Path]] = []
    try:
        for source, target in ((home, before), (draft, home)):
            for name in OWN:
                if (source / name).exists():
                    os.rename(source / name, target / name)
                    moved.append((source / name, target / name))
    except OSError:
        for origin, place in reversed(moved):
            os.rename(place, origin)
        before.rmdir()
        raise
    shutil.rmtree(before, ignore_errors=True)
