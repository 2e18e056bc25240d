"""Where the app writes what a user names: never over its own files, nor over what is no file."""

import contextlib
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from mnist_app.errors import InvalidSetting, StorageUnavailable
from mnist_app.settings import Settings
from mnist_app.workspace.archives.named_files import named_file, open_regular


@pytest.fixture
def own(settings: Settings, tmp_path: Path) -> Settings:
    """Settings with a home, a folder of models and a database, each elsewhere."""
    home, files, data = tmp_path / "home", tmp_path / "files", tmp_path / "data"
    for folder in (home, files / "models", data):
        folder.mkdir(parents=True)
    (data / "class.sqlite").write_bytes(b"the store")
    return replace(settings, home=home, files=str(files), database=f"sqlite:///{data}/class.sqlite")


def write(path: Path, settings: Settings) -> None:
    with named_file(path, settings) as file:
        file.write(b"an archive")


@pytest.mark.parametrize("before", [None, b"an earlier archive"])
def test_a_new_or_regular_file_is_written(own: Settings, tmp_path: Path, before: bytes | None) -> None:
    file = tmp_path / "data" / "class.zip"  # beside the database, in a folder that is not the app's alone
    if before is not None:
        file.write_bytes(before)
    write(file, own)
    assert file.read_bytes() == b"an archive"


@pytest.mark.parametrize(
    "name",
    [
        "home/runs.sqlite",
        "home/new.zip",
        "home/models/new.zip",
        "data/../home/new.zip",
        "files/models/new.zip",
        "data/class.sqlite",
        "data/class.sqlite-wal",
        "link.zip",
        "folder/new.zip",
    ],
)
def test_the_apps_own_files_are_refused(own: Settings, tmp_path: Path, name: str) -> None:
    (own.home / "runs.sqlite").write_bytes(b"the store")
    (tmp_path / "link.zip").symlink_to(own.home / "runs.sqlite")
    (tmp_path / "folder").symlink_to(own.home, target_is_directory=True)
    with pytest.raises(InvalidSetting, match="Name a file in another folder"):
        write(tmp_path / name, own)
    assert (own.home / "runs.sqlite").read_bytes() == b"the store"
    assert (tmp_path / "data" / "class.sqlite").read_bytes() == b"the store"
    assert [path.name for path in own.home.iterdir()] == ["runs.sqlite"]


def test_a_link_to_another_file_is_followed(own: Settings, tmp_path: Path) -> None:
    (tmp_path / "linked.zip").write_bytes(b"an earlier archive")
    (tmp_path / "link.zip").symlink_to(tmp_path / "linked.zip")
    write(tmp_path / "link.zip", own)
    assert (tmp_path / "link.zip").is_symlink()
    assert (tmp_path / "linked.zip").read_bytes() == b"an archive"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such pipes")
def test_a_pipe_and_a_device_are_refused(own: Settings, tmp_path: Path) -> None:
    pipe, device = tmp_path / "pipe", tmp_path / "device"
    os.mkfifo(pipe)
    with contextlib.suppress(PermissionError):  # only root may make one; another's is not put at risk
        os.mknod(device, stat.S_IFCHR | 0o666, os.makedev(1, 3))
    for path in filter(Path.exists, (pipe, device)):
        with pytest.raises(InvalidSetting, match="it is a pipe or a device"), named_file(path, own):
            raise AssertionError("nothing may be written")
        assert not path.is_file()
    with pytest.raises(InvalidSetting, match="it is a folder"):
        write(tmp_path / "data", own)


def test_a_folder_that_is_not_there_is_said(own: Settings, tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable, match="No such file"):
        write(tmp_path / "no" / "class.zip", own)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such pipes")
@pytest.mark.timeout(60)
def test_only_regular_files_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(OSError, match="a pipe or a device"):
            open_regular(path)
    with pytest.raises(IsADirectoryError):
        open_regular(tmp_path)
    (tmp_path / "file").write_bytes(b"content")
    with open_regular(tmp_path / "file") as file:
        assert file.read() == b"content"
