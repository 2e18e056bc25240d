"""Files that are written whole or not at all, and what is left of those that were not."""

import os
import signal
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mnist_app.atomic_write import atomic_write
from mnist_app.settings import PROJECT, Settings
from mnist_app.workspace.runs.model_files import Checkpoint, ModelFiles
from mnist_app.workspace.runs.test_answers import Evaluations
from mnist_app.workspace.workers.leftovers import OLD, remove_leftovers

RUN = "a" * 10
KILLED_WITHIN = """
import os, pathlib, signal, sys
import numpy as np
from mnist_app.workspace.runs.test_answers import Evaluations
from mnist_app.workspace.runs.model_files import Checkpoint, ModelFiles
from mnist_app.atomic_write import atomic_write

home, what = pathlib.Path(sys.argv[1]), sys.argv[2]
kill = lambda *_, **options: os.kill(os.getpid(), signal.SIGKILL)
if what == "file":
    with atomic_write(home / "class.zip") as file:
        file.write(bytes(1_000_000))
        file.flush()
        kill()
os.replace = kill  # the last thing that is done
if what == "checkpoint":
    ModelFiles(home).save_checkpoint("a" * 10, Checkpoint(1, (np.arange(1000.0),)))
if what == "evaluation":
    os.link = kill
    Evaluations(home).keep("a" * 64, "b" * 16, np.full((100, 10), 0.1, np.float32))
"""


def files_in(folder: Path) -> list[str]:
    """The files of a folder and of those in it."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_file_that_is_cut_off_leaves_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "class.zip"
    file.write_bytes(b"the last export")

    def cut_off() -> None:
        with atomic_write(file) as archive:
            archive.write(b"half of")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cut_off()
    assert file.read_bytes() == b"the last export" and list(tmp_path.iterdir()) == [file]


@pytest.mark.skipif(sys.platform != "linux", reason="files without a name are Linux's")
@pytest.mark.parametrize("what", ["file", "evaluation"])
def test_a_process_that_is_killed_while_it_writes_leaves_nothing(tmp_path: Path, what: str) -> None:
    command = [sys.executable, "-c", KILLED_WITHIN, str(tmp_path), what]
    assert subprocess.run(command, cwd=PROJECT, check=False).returncode == -signal.SIGKILL
    assert files_in(tmp_path) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_what_a_killed_process_leaves_goes_once_it_is_old(tmp_path: Path, settings: Settings) -> None:
    own = replace(settings, home=tmp_path, files=None)
    command = [sys.executable, "-c", KILLED_WITHIN, str(tmp_path), "checkpoint"]
    assert subprocess.run(command, cwd=PROJECT, check=False).returncode == -signal.SIGKILL
    (left,) = (tmp_path / "checkpoints").iterdir()
    assert left.name.endswith(".npz.part") or ".npz." in left.name
    written = left.stat().st_mtime
    assert remove_leftovers(own, now=written + OLD / 2) == 0, "it may be another process's at work"
    assert remove_leftovers(own, now=written + OLD + 1) == 1
    assert files_in(tmp_path) == []


def test_only_what_was_cut_off_goes(tmp_path: Path, settings: Settings) -> None:
    own, files = replace(settings, home=tmp_path, files=None), ModelFiles(tmp_path)
    files.save_checkpoint(RUN, Checkpoint(1, (np.arange(5.0),)))
    Evaluations(tmp_path).keep("a" * 64, "b" * 16, np.full((100, 10), 0.1, np.float32))
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / f"{RUN}.keras").write_bytes(b"a model")
    kept = files_in(tmp_path)
    for name in (
        f"models/{RUN}.part.keras",
        f"checkpoints/{RUN}-1.npz.part",  # as versions before 2026-12 called it
        f"checkpoints/{RUN}-1.npz.0123abcd.part",
        "evaluations/0123456789abcdef.part",
        "runs.sqlite.0123abcd.part",
        "runs.sqlite.0123abcd.part-wal",
    ):
        (tmp_path / name).write_bytes(b"half of")
    (tmp_path / "mine.part").write_bytes(b"none of the app's")
    last = max(path.stat().st_mtime for path in tmp_path.rglob("*"))
    assert remove_leftovers(own, now=last + OLD + 1) == 6
    assert files_in(tmp_path) == sorted([*kept, "mine.part"])


@pytest.mark.parametrize("is_linux", [True, False])
def test_a_file_is_in_place_whole_and_for_whom_it_is_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_linux: bool
) -> None:
    if not is_linux:
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    file = tmp_path / "class.zip"
    for content in (b"first", b"second"):
        with atomic_write(file, 0o600) as archive:
            archive.write(content)
        assert file.read_bytes() == content and list(tmp_path.iterdir()) == [file]
    assert os.name == "nt" or stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), atomic_write(tmp_path / "no" / "class.zip"):
        pass
