"""Backups: what was backed up comes back exactly; what is damaged, foreign or hostile changes nothing."""

import contextlib
import functools
import hashlib
import io
import json
import os
import shutil
import signal
import sqlite3
import stat
import struct
import subprocess
import sys
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawn import drawing_of
from empty_stores import put_empty_store
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from mutation import mutated

from mnist_app.errors import AppError, InvalidSetting, StorageUnavailable, UnreadableArchive
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.settings import PROJECT, Settings
from mnist_app.workspace.archives import backup, restore
from mnist_app.workspace.archives.backup import write_backup
from mnist_app.workspace.archives.restore import EARLIER, restore_backup
from mnist_app.workspace.archives.zip_format import MANIFEST, ArchiveFault
from mnist_app.workspace.drawings.drawing_store import Drawings
from mnist_app.workspace.runs.model_files import Checkpoint, ModelFiles
from mnist_app.workspace.runs.queue import Queue
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.storage.database import FILE
from mnist_app.workspace.storage.exchange import BEFORE, LEAVING
from mnist_app.workspace.storage.folder_lock import locked
from mnist_app.workspace.storage.sqlite_store import copy_store

CONFIG = TrainingConfig(preset="dense", dataset="synthetic", name="Zoë's")
FOLDERS = {"models", "checkpoints", "evaluations", "datasets"}
"""Those of `other_home`, before a restore and after it."""


def fill(settings: Settings) -> str:
    """Write a home with a run, its checkpoint and model, a drawing and an evaluation; return the run's id."""
    put_empty_store(settings.home)
    store, files = Store(settings), ModelFiles(settings.home)
    run_id = store.start(CONFIG, "me").run_id
    sha256 = files.save_checkpoint(run_id, Checkpoint(2, (np.arange(5.0),)))
    with store.writing() as connection:
        connection.exec_driver_sql("UPDATE runs SET checkpoint_epoch = 2, checkpoint_sha256 = ?", (sha256,))
    model = files.model_path(run_id)
    model.parent.mkdir()
    model.write_bytes(b"a model")
    (settings.home / "evaluations").mkdir()
    (settings.home / "evaluations" / f"{'a' * 64}-{'b' * 16}.npz").write_bytes(b"an evaluation")
    Drawings(store.database).keep(drawing_of(4), 4, "somebody", person="Mia")
    store.close()
    return run_id


@functools.cache
def good() -> bytes:
    """A backup."""
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(Settings.from_environment(), home=Path(folder) / "home", database=None)
        fill(settings)
        write_backup(settings, Path(folder) / "good.zip")
        return (Path(folder) / "good.zip").read_bytes()


def contents_of(home: Path) -> dict[str, bytes]:
    """Every file of a home but the database's, and that as text: it may be written in another order."""
    paths = [path for path in home.rglob("*") if path.is_file() and not path.name.startswith(FILE)]
    found = {path.relative_to(home).as_posix(): path.read_bytes() for path in paths}
    if (home / FILE).is_file():
        with contextlib.closing(sqlite3.connect(home / FILE)) as connection:
            found[FILE] = "\n".join(connection.iterdump()).encode()
    return found


@pytest.fixture
def elsewhere(own_settings: Settings, tmp_path: Path) -> Settings:
    """Settings with another home, which is not there."""
    return replace(own_settings, home=tmp_path / "elsewhere")


@pytest.fixture
def other_home(elsewhere: Settings) -> Settings:
    """Another home that has a run and a drawing of its own, and a file that is none of ours."""
    fill(elsewhere)
    (elsewhere.home / "datasets").mkdir()
    (elsewhere.home / "datasets" / "mine.npz").write_bytes(b"data")
    return elsewhere


def test_what_was_backed_up_comes_back_exactly(
    own_settings: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    run_id, file = fill(own_settings), tmp_path / "backup.zip"
    features = f"evaluations/{'a' * 64}-{'b' * 16}-features.npz"
    left_out = {"models/half.part.keras": b"cut off", features: b"large, and soon computed anew"}
    for name, content in left_out.items():
        (own_settings.home / name).write_bytes(content)
    assert write_backup(own_settings, file).files == 4
    assert restore_backup(elsewhere, file).files == 4
    expected = contents_of(own_settings.home)
    for name in left_out:
        del expected[name]
    assert contents_of(elsewhere.home) == expected
    store = Store(elsewhere)
    assert store.run(run_id).name == "Zoë's"
    assert [drawing.person for drawing in Drawings(store.database).find()] == ["Mia"]
    assert len(ModelFiles(elsewhere.home).read_checkpoint(store.run(run_id))) == 1
    store.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.zip", "elsewhere", "home"]


def test_a_backup_is_whole_while_the_app_writes(
    own_settings: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    """An open store, one committed run still in its log, and one that another process is about to write."""
    store = Store(own_settings)
    committed = Queue(store).submit(CONFIG, "a")
    with contextlib.closing(sqlite3.connect(own_settings.home / FILE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE runs SET name = 'half done'")
        write_backup(own_settings, tmp_path / "backup.zip")
        other.execute("ROLLBACK")
    store.close()
    restore_backup(elsewhere, tmp_path / "backup.zip")
    restored = Store(elsewhere)
    assert [run.id for run in restored.runs()] == [committed.id]
    assert restored.run(committed.id).name == "Zoë's"
    restored.close()


def test_a_backup_of_very_many_files_comes_back(
    own_settings: Settings, elsewhere: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end of a zip has another form from 65,536 files on; here from the fourth."""
    fill(own_settings)
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 3)
    write_backup(own_settings, tmp_path / "backup.zip")
    assert b"PK\x06\x06" in (tmp_path / "backup.zip").read_bytes()[-98:]
    assert restore_backup(elsewhere, tmp_path / "backup.zip").files == 4


KILLED_BACKUP = """
import os, pathlib, signal, sys, zipfile
from mnist_app.workspace.archives.backup import write_backup
from mnist_app.settings import Settings
zipfile.ZipFile = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
write_backup(Settings.from_environment(), pathlib.Path(sys.argv[1]))
"""


def leave_a_copy(settings: Settings, file: Path) -> Path:
    """Kill a backup to a file once it has copied the store, and return the folder with the copy."""
    environment = {**os.environ, **settings.to_environment()}
    command = [sys.executable, "-c", KILLED_BACKUP, str(file)]
    done = subprocess.run(command, cwd=PROJECT, env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    (left,) = file.parent.glob(f"{file.name}.*.part")
    assert (left / FILE).is_file()
    return left


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_copy_that_a_killed_backup_left_goes_with_the_next_one(
    own_settings: Settings, tmp_path: Path
) -> None:
    fill(own_settings)
    left = leave_a_copy(own_settings, tmp_path / "monday.zip")
    with locked(left) as is_mine:  # as by a backup that is being written
        assert is_mine
        write_backup(own_settings, tmp_path / "tuesday.zip")
        assert (left / FILE).is_file()
    write_backup(own_settings, tmp_path / "tuesday.zip")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "tuesday.zip"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such links and modes")
def test_what_may_be_somebody_else_s_stays_beside_a_backup(own_settings: Settings, tmp_path: Path) -> None:
    fill(own_settings)
    left, linked = leave_a_copy(own_settings, tmp_path / "monday.zip"), tmp_path / "linked"
    for name in ("more.zip.abcd1234.part", "open.zip.abcd1234.part", "other.part", "linked"):
        shutil.copytree(left, tmp_path / name)
    (tmp_path / "more.zip.abcd1234.part" / "notes.txt").touch()
    (tmp_path / "open.zip.abcd1234.part").chmod(0o755)
    (tmp_path / "link.zip.abcd1234.part").symlink_to(linked)
    (tmp_path / "file.zip.abcd1234.part").touch(0o600)
    before = {path.name for path in tmp_path.iterdir()}
    write_backup(own_settings, tmp_path / "tuesday.zip")
    assert {path.name for path in tmp_path.iterdir()} == before - {left.name} | {"tuesday.zip"}
    assert (linked / FILE).is_file()


def test_what_could_not_be_restored_is_not_written(
    own_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(own_settings)
    monkeypatch.setattr(backup, "MOST_FILES", 4)
    with pytest.raises(StorageUnavailable, match="too many for one backup"):
        write_backup(own_settings, tmp_path / "backup.zip")
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_a_checkpoint_that_is_replaced_meanwhile_is_followed(
    own_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = fill(own_settings)
    copy, files = copy_store, ModelFiles(own_settings.home)
    copies = 0

    def copy_and_train_on(source: Path, target: Path) -> None:
        nonlocal copies
        copy(source, target)
        copies += 1
        if copies == 1:
            files.save_checkpoint(run_id, Checkpoint(3, (np.arange(5.0),)))
            with contextlib.closing(sqlite3.connect(source)) as connection, connection:
                connection.execute("UPDATE runs SET checkpoint_epoch = 3")
            files.delete_checkpoints_but(run_id, [3])

    monkeypatch.setattr(backup, "copy_store", copy_and_train_on)
    write_backup(own_settings, tmp_path / "backup.zip")
    with zipfile.ZipFile(tmp_path / "backup.zip") as archive:
        assert f"checkpoints/{run_id}-3.npz" in archive.namelist()
    assert copies == 2


def test_what_is_there_is_replaced_only_when_told(other_home: Settings, tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    file.write_bytes(good())
    before = contents_of(other_home.home)
    with pytest.raises(StorageUnavailable, match="--replace"):
        restore_backup(other_home, file)
    assert contents_of(other_home.home) == before
    restore_backup(other_home, file, replace=True)
    after = contents_of(other_home.home)
    assert after.pop("datasets/mine.npz") == b"data"
    assert set(after) == set(members(good())) - {MANIFEST}
    assert {path.name for path in other_home.home.iterdir() if path.is_dir()} == FOLDERS


def test_an_app_that_runs_is_not_restored_into(other_home: Settings, tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    file.write_bytes(good())
    store = Store(other_home)
    names = [run.id for run in store.runs()]
    with pytest.raises(StorageUnavailable, match="is running"):
        restore_backup(other_home, file, replace=True)
    assert [run.id for run in store.runs()] == names
    store.close()
    restore_backup(other_home, file, replace=True)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no lock on folders")
def test_two_restores_are_not_at_work_in_one_home(other_home: Settings, tmp_path: Path) -> None:
    import fcntl

    (tmp_path / "backup.zip").write_bytes(good())
    before = sorted(path.name for path in other_home.home.iterdir())
    other = os.open(other_home.home, os.O_RDONLY)
    try:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(StorageUnavailable, match="Another restore into .* is running"):
            restore_backup(other_home, tmp_path / "backup.zip", replace=True)
        assert sorted(path.name for path in other_home.home.iterdir()) == before
    finally:
        os.close(other)
    restore_backup(other_home, tmp_path / "backup.zip", replace=True)


@pytest.mark.parametrize("failing", range(1, 11))
def test_a_move_that_fails_halfway_is_taken_back(
    other_home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    """Four entries go aside, four come in, and two folders change their names; each move fails once."""
    file, before, rename, moves = tmp_path / "backup.zip", contents_of(other_home.home), os.rename, 0
    file.write_bytes(good())

    def fail_once(source: Path, target: Path) -> None:
        nonlocal moves
        moves += 1
        if moves == failing:
            raise OSError(5, "Input/output error")
        rename(source, target)

    monkeypatch.setattr(os, "rename", fail_once)
    with pytest.raises(StorageUnavailable, match=r"Input/output error.*Nothing was changed"):
        restore_backup(other_home, file, replace=True)
    assert contents_of(other_home.home) == before
    assert {path.name for path in other_home.home.iterdir() if path.is_dir()} == FOLDERS


KILLED = """
import os, pathlib, signal, sys
from dataclasses import replace
from mnist_app.workspace.archives.restore import restore_backup
from mnist_app.settings import Settings

home, file = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
counted, moment = sys.argv[3], int(sys.argv[4])
module, name = (os, "rename") if counted == "rename" else (__import__("shutil"), "rmtree")
act, count = getattr(module, name), 0

def act_or_die(*arguments, **options):
    global count
    count += 1
    if count == moment:
        os.kill(os.getpid(), signal.SIGKILL)
    return act(*arguments, **options)

setattr(module, name, act_or_die)
restore_backup(replace(Settings.from_environment(), home=home, database=None, files=None), file, replace=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
@pytest.mark.parametrize(("counted", "moments"), [("rename", range(1, 11)), ("rmtree", range(1, 5))])
def test_a_restore_that_is_killed_loses_nothing(
    other_home: Settings, tmp_path: Path, counted: str, moments: range
) -> None:
    """Whenever it is killed, the home is the old or the new one, or says that the old one is put back."""
    home, file = other_home.home, tmp_path / "backup.zip"
    file.write_bytes(good())
    shutil.copytree(home, tmp_path / "old")
    old = contents_of(home)
    restore_backup(other_home, file, replace=True)
    new = contents_of(home)
    said = []
    for moment in moments:
        for next_file in (tmp_path / "no backup.zip", file):
            shutil.rmtree(home)
            shutil.copytree(tmp_path / "old", home)
            command = [sys.executable, "-c", KILLED, str(home), str(file), counted, str(moment)]
            assert subprocess.run(command, cwd=PROJECT, check=False).returncode == -signal.SIGKILL
            try:
                Store(other_home).close()
            except StorageUnavailable as error:
                said.append(str(error))
            else:
                found = {name: each for name, each in contents_of(home).items() if ".part/" not in name}
                assert found in (old, new)
            with contextlib.suppress(UnreadableArchive):
                restore_backup(other_home, next_file, replace=True)
            assert contents_of(home) in ([new] if next_file == file else [old, new])
    assert all("command restore again" in each for each in said)
    assert len(said) == (20 if counted == "rename" else 0)


def test_a_home_between_old_and_new_is_not_opened(own_settings: Settings) -> None:
    """A server that is started then would find no store, and begin a new one."""
    fill(own_settings)
    for folder in (BEFORE, LEAVING):
        (own_settings.home / folder).mkdir()
        with pytest.raises(StorageUnavailable, match="Run the command restore again"):
            Store(own_settings)
        (own_settings.home / folder).rmdir()
    Store(own_settings).close()


def test_what_cannot_be_opened_in_place_is_taken_back(
    other_home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "backup.zip").write_bytes(good())
    before, opened, check = contents_of(other_home.home), [], restore.check_opens

    def fail_in_place(store: Path) -> None:
        opened.append(store)
        check(store)
        if store.parent == other_home.home:
            raise ArchiveFault("it cannot be opened here")

    monkeypatch.setattr(restore, "check_opens", fail_in_place)
    with pytest.raises(UnreadableArchive, match=r"it cannot be opened here\. Nothing was changed"):
        restore_backup(other_home, tmp_path / "backup.zip", replace=True)
    assert len(opened) == 2 and contents_of(other_home.home) == before


def test_what_an_earlier_version_broke_off_is_not_written_over(other_home: Settings, tmp_path: Path) -> None:
    (other_home.home / EARLIER).mkdir()
    with pytest.raises(StorageUnavailable, match="was broken off"):
        restore_backup(other_home, tmp_path / "backup.zip", replace=True)


def test_another_database_is_left_to_its_own_tools(own_settings: Settings, tmp_path: Path) -> None:
    settings = replace(own_settings, database="postgresql+psycopg://somebody:secret@host/name")
    for act in (write_backup, restore_backup):
        with pytest.raises(InvalidSetting, match="pg_dump") as raised:
            act(settings, tmp_path / "backup.zip")
        assert "secret" not in str(raised.value)


def test_models_outside_the_home_are_not_left_out_unsaid(own_settings: Settings, tmp_path: Path) -> None:
    for act in (write_backup, restore_backup):
        with pytest.raises(InvalidSetting, match="MNIST_APP_FILES"):
            act(replace(own_settings, files=str(tmp_path / "files")), tmp_path / "backup.zip")


def test_a_home_with_nothing_in_it_is_said(own_settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable, match="nothing to back up"):
        write_backup(own_settings, tmp_path / "backup.zip")
    assert list(tmp_path.iterdir()) == []


def test_a_backup_that_cannot_be_written_leaves_the_last_one(own_settings: Settings, tmp_path: Path) -> None:
    fill(own_settings)
    with pytest.raises(StorageUnavailable, match="cannot be written"):
        write_backup(own_settings, tmp_path / "no folder" / "backup.zip")
    (own_settings.home / FILE).write_bytes(b"damaged" * 1000)
    file = tmp_path / "backup.zip"
    file.write_bytes(b"the last one")
    with pytest.raises(StorageUnavailable, match="cannot be written"):
        write_backup(own_settings, file)
    assert file.read_bytes() == b"the last one"


# What comes from elsewhere


def members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def described(content: dict[str, bytes], /, **changes: Any) -> bytes:
    """A backup of any files, with a manifest that fits them but for the changes."""
    listed = {
        name: {"bytes": len(each), "sha256": hashlib.sha256(each).hexdigest()}
        for name, each in content.items()
    }
    manifest = {"format": backup.FORMAT, "version": backup.VERSION, "files": listed, **changes}
    return zipped({**content, MANIFEST: json.dumps(manifest).encode()})


@functools.cache
def files_of_good() -> dict[str, bytes]:
    return {name: content for name, content in members(good()).items() if name != MANIFEST}


def with_file(name: str, content: bytes = b"x") -> bytes:
    return described({**files_of_good(), name: content})


def twice() -> bytes:
    file = io.BytesIO(good())
    with zipfile.ZipFile(file, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr(FILE, b"another")
    return file.getvalue()


def linked() -> bytes:
    """A symbolic link in the place of a model."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members(good()).items():
            info = zipfile.ZipInfo(name)
            is_link = name.endswith(".keras")
            info.external_attr = ((stat.S_IFLNK if is_link else stat.S_IFREG) | 0o777) << 16
            archive.writestr(info, b"/etc/passwd" if is_link else content)
    return file.getvalue()


def lying_bomb() -> bytes:
    """A model of 10 MB that says that it is small."""
    content = bytearray(with_file("models/aaaaaaaaaa.keras", b"0" * 10_000_000))
    for place in range(len(content) - 4):
        if content[place : place + 4] == struct.pack("<I", 10_000_000):
            content[place : place + 4] = struct.pack("<I", 1_000)
    return bytes(content)


def huge() -> bytes:
    """A model that says that it has 4 GB."""
    content = bytearray(with_file("models/aaaaaaaaaa.keras", b"0" * 10_000_000))
    for place in range(len(content) - 4):
        if content[place : place + 4] == struct.pack("<I", 10_000_000):
            content[place : place + 4] = struct.pack("<I", 4_000_000_000)
    return bytes(content)


def changed(name: str) -> bytes:
    """A backup in which a file of the home is not the one that the manifest describes."""
    files = members(good())
    found = next(each for each in files if each.startswith(name))
    return zipped({**files, found: files[found][:-1] + b"!"})


def with_store(*changes: str) -> bytes:
    """A backup whose store was changed by these statements."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / FILE
        store.write_bytes(files_of_good()[FILE])
        with contextlib.closing(sqlite3.connect(store)) as connection, connection:
            for change in changes:
                connection.execute(change)
        return with_file(FILE, store.read_bytes())


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "not a complete zip"),
    "not a zip": (lambda: b"GIF89a" * 50, "not a complete zip"),
    "cut off": (lambda: good()[: len(good()) // 2], "not a complete zip"),
    "an end of a large zip": (lambda: good()[:-22] + b"PK\x06\x07" + bytes(16) + good()[-22:], "damaged"),
    "climbing": (lambda: with_file("../../etc/cron.d/evil"), "does not belong"),
    "climbing inside": (lambda: with_file("models/../../evil.keras"), "does not belong"),
    "absolute": (lambda: with_file("/etc/passwd"), "does not belong"),
    "a drive": (lambda: with_file("C:\\windows\\evil.keras"), "does not belong"),
    "a folder": (lambda: with_file("models/", b""), "does not belong"),
    "another model": (lambda: with_file("models/evil.keras"), "does not belong"),
    "a log of the database": (lambda: with_file(f"{FILE}-wal"), "does not belong"),
    "a link": (linked, "not a plain file"),
    "a name twice": (twice, "twice"),
    "a bomb that lies": (lying_bomb, "damaged or cut off"),
    "too large a file": (huge, "bytes, and at most"),
    "packed otherwise": (lambda: zipped(members(good()), zipfile.ZIP_BZIP2), "compressed or encrypted"),
    "no manifest": (lambda: zipped(files_of_good()), f"no {MANIFEST}"),
    "a manifest that is none": (lambda: zipped({MANIFEST: b"[" * 100_000}), "cannot be read"),
    "drawings": (lambda: described(files_of_good(), format="mnist-app drawings"), "is no backup"),
    "a later version": (lambda: described(files_of_good(), version=2), "version 2"),
    "no list": (lambda: described(files_of_good(), files=[]), "does not describe"),
    "no store": (lambda: described({"models/aaaaaaaaaa.keras": b"x"}), "does not describe"),
    "a file that is not described": (
        lambda: zipped({**members(good()), "models/aaaaaaaaaa.keras": b"x"}),
        "do not belong together",
    ),
    "another model than described": (lambda: changed("models/"), "is not what"),
    "another store than described": (lambda: changed(FILE), "is not what"),
    "a store that is none": (lambda: with_file(FILE, b"no database" * 500), "is not a store"),
    "an empty store": (lambda: with_file(FILE, b""), "is not a store"),
    "a store of a later version": (
        lambda: with_store("UPDATE alembic_version SET version_num = '9999'", "DROP TABLE points"),
        "a newer version of the app has made it (its tables have revision 9999",
    ),
    "a store that lacks a column": (
        lambda: with_store("ALTER TABLE runs DROP COLUMN worker"),
        "not a store that this version can open (no such column",
    ),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_foreign_or_hostile_backup_gets_a_sentence_and_changes_nothing(
    other_home: Settings, tmp_path: Path, kind: str
) -> None:
    make, words = HOSTILE[kind]
    file = tmp_path / "backup.zip"
    file.write_bytes(make())
    before, around = contents_of(other_home.home), sorted(tmp_path.iterdir())
    with pytest.raises(UnreadableArchive) as raised:
        restore_backup(other_home, file, replace=True)
    text = str(raised.value)
    assert words in text and text.endswith("Nothing was changed.") and len(text) < 250
    assert text.isprintable()
    assert contents_of(other_home.home) == before
    assert sorted(tmp_path.iterdir()) == around


def test_more_than_the_disk_has_is_refused_before_it_is_unpacked(
    elsewhere: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "backup.zip"
    file.write_bytes(good())
    monkeypatch.setattr("shutil.disk_usage", lambda _: Usage())
    with pytest.raises(UnreadableArchive, match="0 MB are free"):
        restore_backup(elsewhere, file)
    assert list(elsewhere.home.iterdir()) == []


class Usage:
    """A disk without room."""

    free = 0


def test_a_total_beyond_the_limit_is_refused(
    elsewhere: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "backup.zip").write_bytes(with_file("models/aaaaaaaaaa.keras", b"0" * 10_000_000))
    kind = replace(backup.backup_kind(), max_bytes=5_000_000)
    monkeypatch.setattr("mnist_app.workspace.archives.restore.backup_kind", lambda: kind)
    with pytest.raises(UnreadableArchive, match="larger than 5 MB"):
        restore_backup(elsewhere, tmp_path / "backup.zip")


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A home that hostile backups are restored into, one after another."""
    yield replace(Settings.from_environment(), home=tmp_path_factory.mktemp("scratch"), database=None)


def refused_or_the_same(settings: Settings, content: bytes) -> None:
    """A backup is refused in our words, or brings exactly what was backed up."""
    file = settings.home.with_suffix(".zip")
    file.write_bytes(content)
    with contextlib.suppress(AppError):
        restore_backup(settings, file, replace=True)
        found = {path.relative_to(settings.home).as_posix() for path in settings.home.rglob("*.*")}
        assert found == set(files_of_good())
        for name, expected in files_of_good().items():
            assert (settings.home / name).read_bytes() == expected
    assert {path.name for path in settings.home.iterdir() if path.is_dir()} <= FOLDERS


@hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400))
def test_any_bytes_are_refused_in_our_words(scratch: Settings, content: bytes) -> None:
    file = scratch.home.with_suffix(".zip")
    file.write_bytes(content)
    with pytest.raises(UnreadableArchive):
        restore_backup(scratch, file, replace=True)


@hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_mutated_backup_is_refused_or_brings_what_was_backed_up(
    scratch: Settings, data: st.DataObject
) -> None:
    refused_or_the_same(scratch, mutated(good(), data))


@hypothesis_settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner) | st.dictionaries(st.just(FILE) | st.text(max_size=5), inner),
        max_leaves=5,
    )
)
def test_any_value_in_the_manifest_is_refused_in_our_words(scratch: Settings, value: Any) -> None:
    for name in ("format", "version", "files"):
        refused_or_the_same(scratch, described(files_of_good(), **{name: value}))
