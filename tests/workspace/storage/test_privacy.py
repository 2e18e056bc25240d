"""Only the app's user reads the home, also one that an earlier version left open."""

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from mnist_app.settings import Settings
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.storage.database import FILE

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows keeps no modes of files")
OPEN_FOLDER, OPEN_FILE = 0o755, 0o644
FOLDERS = ("models", "checkpoints", "evaluations", "copies", "datasets")


def mode(path: Path) -> int:
    """The permissions of a file or folder."""
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def home(own_settings: Settings) -> Path:
    """A home as earlier versions left it: everybody may read all of it."""
    Store(own_settings).close()
    home = own_settings.home
    for name in FOLDERS:
        (home / name).mkdir(exist_ok=True)
        (home / name / "file").touch(OPEN_FILE)
        (home / name).chmod(OPEN_FOLDER)
    (home / FILE).chmod(OPEN_FILE)
    home.chmod(OPEN_FOLDER)
    return home


def modes(home: Path) -> dict[str, int]:
    """The permissions of the home, as ".", and of everything in it."""
    return {str(path.relative_to(home)): mode(path) for path in (home, *home.rglob("*"))}


def test_a_new_home_is_its_owners_alone(own_settings: Settings, tmp_path: Path) -> None:
    new = replace(own_settings, home=tmp_path / "new" / "home")
    umask = os.umask(0o022)
    try:
        Store(new).close()
    finally:
        os.umask(umask)
    assert mode(new.home) == 0o700


def test_a_home_from_before_becomes_private_and_opens_again(own_settings: Settings, home: Path) -> None:
    for _ in range(2):
        with Store(own_settings) as store:
            assert store.runs() == []
        assert (mode(home), mode(home / FILE)) == (0o700, 0o600)


def test_a_home_with_other_things_stays_open_and_its_folders_become_private(
    own_settings: Settings, home: Path
) -> None:
    (home / "homework.txt").touch(OPEN_FILE)
    Store(own_settings).close()
    assert mode(home) == OPEN_FOLDER
    assert mode(home / "homework.txt") == OPEN_FILE
    assert {name for name in FOLDERS if mode(home / name) == 0o700} == {*FOLDERS} - {"datasets"}
    assert mode(home / FILE) == 0o600


def test_a_link_to_a_folder_elsewhere_leaves_that_folder_open(
    own_settings: Settings, home: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    (home / "models").rename(elsewhere)
    (home / "models").symlink_to(elsewhere)
    (home / "homework.txt").touch()
    Store(own_settings).close()
    assert mode(elsewhere) == OPEN_FOLDER
    assert mode(home / "checkpoints") == 0o700


@pytest.mark.parametrize("shared", [0o2770, 0o2755])
def test_a_home_that_a_group_shares_stays_as_it_is(own_settings: Settings, home: Path, shared: int) -> None:
    home.chmod(shared)
    (home / FILE).chmod(0o660)
    before = modes(home)
    Store(own_settings).close()
    assert modes(home) == before


def test_a_home_into_which_another_group_may_write_stays_as_it_is(own_settings: Settings, home: Path) -> None:
    others = [group for group in ([65534] if os.geteuid() == 0 else os.getgroups()) if group != os.getegid()]
    if not others:
        pytest.skip("This user is in one group alone.")
    os.chown(home, -1, others[0])
    home.chmod(0o770)
    before = modes(home)
    Store(own_settings).close()
    assert modes(home) == before


def test_a_home_that_holds_the_files_of_several_servers_stays_as_it_is(
    own_settings: Settings, home: Path
) -> None:
    Store(replace(own_settings, files=str(home))).close()
    assert mode(home) == mode(home / "models") == OPEN_FOLDER
    Store(replace(own_settings, files=home.as_uri())).close()
    assert mode(home) == OPEN_FOLDER


def test_the_files_of_several_servers_elsewhere_stay_as_they_are(
    own_settings: Settings, home: Path, tmp_path: Path
) -> None:
    shared = tmp_path / "shared"
    (shared / "models").mkdir(parents=True)
    for folder in (shared, shared / "models"):
        folder.chmod(0o775)
    Store(replace(own_settings, files=str(shared))).close()
    assert mode(shared) == mode(shared / "models") == 0o775
    assert mode(home) == 0o700


def test_a_home_whose_mode_cannot_be_changed_is_opened(
    own_settings: Settings, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    before = modes(home)
    monkeypatch.setattr(os, "chmod", refuse)
    with Store(own_settings) as store:
        assert store.runs() == []
    assert modes(home) == before
