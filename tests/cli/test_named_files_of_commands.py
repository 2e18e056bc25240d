"""No command writes over the store, a pipe or a device, and none waits at a pipe for what may never come."""

import os
from pathlib import Path

import pytest
from program import Run, assert_one_line

from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.settings import Settings
from mnist_app.workspace.runs.queue import Queue
from mnist_app.workspace.runs.run_store import Store

WRITING = [("drawings", "export"), ("class", "export"), ("backup",)]
READING = [
    ("drawings", "import"),
    ("class", "import"),
    ("class", "reset", "--yes-after-export"),
    ("restore",),
]


@pytest.fixture
def home(run: Run) -> Path:
    """The home of the commands with a run in it; the fixture `run` names it in the environment."""
    settings = Settings.from_environment()
    with Store(settings) as store:
        Queue(store).submit(TrainingConfig(preset="dense", dataset="synthetic"), "me")
    return settings.home


@pytest.mark.parametrize("command", WRITING)
@pytest.mark.parametrize("name", ["runs.sqlite", "models/new.zip", "new.zip"])
def test_nothing_is_written_into_the_home(run: Run, home: Path, command: tuple[str, ...], name: str) -> None:
    (home / "models").mkdir()
    before = (home / "runs.sqlite").read_bytes()
    answer = run(*command, home / name)
    assert (answer.code, answer.out) == (2, "")
    assert "where the app keeps runs and drawings" in answer.err
    assert_one_line(answer.err)
    assert (home / "runs.sqlite").read_bytes() == before
    assert len(run("runs", "--json").objects) == 1


NO_PATHS = [("", "is empty"), ("a\x00b", "null character")]
if os.name != "nt":
    NO_PATHS.append(("\ud800", "a character that no path"))  # half a character, which Windows accepts


@pytest.mark.parametrize("command", [*WRITING, *READING, ("predict",)])
@pytest.mark.parametrize(("path", "reason"), NO_PATHS)
def test_a_path_that_no_file_can_have_is_refused(
    run: Run, command: tuple[str, ...], path: str, reason: str
) -> None:
    answer = run(*command, path)
    assert (answer.code, answer.out) == (2, "")
    assert reason in answer.err
    assert_one_line(answer.err)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such pipes")
@pytest.mark.parametrize("command", WRITING)
def test_nothing_takes_the_place_of_a_pipe(
    run: Run, home: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    os.mkfifo(tmp_path / "pipe")
    answer = run(*command, tmp_path / "pipe")
    assert (answer.code, answer.out) == (2, "")
    assert "a pipe or a device" in answer.err
    assert_one_line(answer.err)
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.parametrize("command", WRITING)
def test_a_file_that_is_there_is_replaced_as_a_whole(
    run: Run, home: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    file, other = tmp_path / "there.zip", tmp_path / "other name.zip"
    file.write_bytes(b"an earlier one")
    os.link(file, other)
    assert run(*command, file).code == 0
    assert file.read_bytes().startswith(b"PK") and other.read_bytes() == b"an earlier one"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "other name.zip", "there.zip"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such pipes")
@pytest.mark.timeout(60)
@pytest.mark.parametrize("command", READING)
def test_a_pipe_is_not_waited_for(run: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    os.mkfifo(tmp_path / "pipe")
    answer = run(*command, tmp_path / "pipe")
    assert (answer.code, answer.out) in ((1, ""), (2, ""))
    assert "it is a pipe or a device" in answer.err
    assert_one_line(answer.err)
