"""A store in SQLite is made whole or not at all, and an empty file is none."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from mnist_app.errors import StorageUnavailable
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.settings import PROJECT, Settings
from mnist_app.workspace.archives.backup import write_backup
from mnist_app.workspace.archives.restore import restore_backup
from mnist_app.workspace.runs.queue import Queue
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.storage.database import FILE

CONFIG = TrainingConfig(preset="dense", dataset="synthetic")
KILLED = """
import os, signal
from mnist_app.workspace.runs.run_store import Store
from mnist_app.settings import Settings
os.link = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
Store(Settings.from_environment())
"""


def put_empty_database(file: Path) -> None:
    """Write a database without tables, as a program leaves it that was killed before it made any."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("VACUUM")


@pytest.mark.parametrize("has_bytes", [False, True])
@pytest.mark.parametrize("is_named", [False, True])
def test_a_store_with_nothing_in_it_is_said(
    own_settings: Settings, tmp_path: Path, has_bytes: bool, is_named: bool
) -> None:
    own_settings.home.mkdir()
    file = tmp_path / "other.sqlite" if is_named else own_settings.home / FILE
    settings = replace(own_settings, database=f"sqlite:///{file}") if is_named else own_settings
    if has_bytes:
        put_empty_database(file)
    else:
        file.touch()
    before = file.read_bytes()
    assert (len(before) > 0) == has_bytes
    for _ in range(2):  # the first try makes it no store
        with pytest.raises(StorageUnavailable, match="has nothing in it") as raised:
            Store(settings)
    assert "Restore a backup" in str(raised.value) and str(file) in str(raised.value)
    assert file.read_bytes() == before


@pytest.mark.parametrize("is_named", [False, True])
def test_a_database_of_another_program_is_left_as_it_is(
    own_settings: Settings, tmp_path: Path, is_named: bool
) -> None:
    own_settings.home.mkdir()
    file = tmp_path / "other.sqlite" if is_named else own_settings.home / FILE
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE marks (pupil TEXT)")
    settings = replace(own_settings, database=f"sqlite:///{file}") if is_named else own_settings
    before = file.read_bytes()
    with pytest.raises(StorageUnavailable, match="that database is another program's") as raised:
        Store(settings)
    assert "MNIST_APP_DATABASE" in str(raised.value) and "delete" not in str(raised.value)
    assert file.read_bytes() == before
    assert list(file.parent.glob(f"{file.name}*")) == [file]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no /dev/null")
@pytest.mark.parametrize("path", ["/dev/null", "a folder"])
def test_a_device_or_a_folder_is_no_store(own_settings: Settings, tmp_path: Path, path: str) -> None:
    (tmp_path / "a folder").mkdir()
    settings = replace(own_settings, database=f"sqlite:///{tmp_path / path}")
    with pytest.raises(StorageUnavailable, match="that is no regular file") as raised:
        Store(settings)
    assert "delete" not in str(raised.value)


def test_nothing_is_backed_up_of_an_empty_store(own_settings: Settings, tmp_path: Path) -> None:
    own_settings.home.mkdir()
    (own_settings.home / FILE).touch()
    with pytest.raises(StorageUnavailable, match="has nothing in it"):
        write_backup(own_settings, tmp_path / "backup.zip")
    assert not (tmp_path / "backup.zip").exists()


def test_a_backup_takes_the_place_of_an_empty_store(own_settings: Settings, tmp_path: Path) -> None:
    with Store(own_settings) as store:
        run = Queue(store).submit(CONFIG, "me")
    write_backup(own_settings, tmp_path / "backup.zip")
    (own_settings.home / FILE).write_bytes(b"")
    restore_backup(own_settings, tmp_path / "backup.zip", replace=True)
    with Store(own_settings) as store:
        assert store.run(run.id).status == "queued"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_process_that_is_killed_while_it_makes_a_store_leaves_none(own_settings: Settings) -> None:
    environment = {**os.environ, **own_settings.to_environment()}
    command = [sys.executable, "-c", KILLED]
    done = subprocess.run(command, cwd=PROJECT, env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    assert not (own_settings.home / FILE).exists()
    with Store(own_settings) as store:
        assert store.runs() == []


def test_a_store_is_made_where_files_cannot_have_two_names(
    own_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    with Store(own_settings) as store:
        assert store.runs() == []
    assert [path.name for path in own_settings.home.iterdir()] == [FILE]


def test_making_a_store_leaves_nothing_beside_it(own_settings: Settings) -> None:
    Store(own_settings).close()
    assert [path.name for path in own_settings.home.iterdir()] == [FILE]


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no modes of files")
def test_nobody_else_may_read_a_store(own_settings: Settings) -> None:
    umask = os.umask(0o022)
    try:
        with Store(own_settings) as store, store.database.writing():
            files = [*own_settings.home.glob(f"{FILE}*")]
            assert {path.stat().st_mode & 0o077 for path in files} == {0}
    finally:
        os.umask(umask)


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no modes of files")
def test_nobody_else_may_read_a_store_from_before_once_it_is_opened(own_settings: Settings) -> None:
    Store(own_settings).close()
    file = own_settings.home / FILE
    file.chmod(0o644)
    with Store(own_settings) as store:
        assert file.stat().st_mode & 0o777 == 0o600
        assert store.runs() == []


def test_a_store_whose_mode_cannot_be_changed_is_opened(
    own_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    Store(own_settings).close()
    (own_settings.home / FILE).chmod(0o644)
    monkeypatch.setattr(os, "chmod", refuse)
    with Store(own_settings) as store:
        assert store.runs() == []
    assert (own_settings.home / FILE).stat().st_mode & 0o044 == 0o044
