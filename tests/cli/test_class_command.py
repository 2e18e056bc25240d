"""`class export`, `class import` and `class reset` on the command line."""

from pathlib import Path

import pytest
from program import Run, assert_one_line
from sqlalchemy import update

from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.settings import Settings
from mnist_app.workspace.runs.queue import Queue
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.storage.database import Database
from mnist_app.workspace.storage.tables import runs


@pytest.fixture
def run_id(run: Run) -> str:
    """A run in the home of the commands; the fixture `run` names it in the environment."""
    return submit()


def submit() -> str:
    store = Store(Settings.from_environment())
    submitted = Queue(store).submit(TrainingConfig(preset="dense", dataset="synthetic"), "me")
    store.close()
    return submitted.id


def test_away_reset_and_back(run: Run, run_id: str, tmp_path: Path) -> None:
    file = tmp_path / "class.zip"
    answer = run("class", "export", file, "--json")
    assert (answer.code, answer.err) == (0, "")
    assert answer.objects == [{"path": str(file), "runs": 1, "drawings": 0, "people": 0}]
    assert (
        run("class", "import", file).out == "0 runs and 0 drawings added\n1 run and 0 drawings here already\n"
    )
    answer = run("class", "reset", "--yes-after-export", file)
    assert answer.out == "1 run, 0 drawings and 0 names removed\n"
    assert run("runs", "--json").objects == []
    answer = run("class", "import", file, "--json")
    assert answer.objects[0]["runs"] == 1 and answer.objects[0]["runs_here"] == 0
    assert [each["run_id"] for each in run("runs", "--json").objects] == [run_id]


def test_what_no_archive_can_hold_is_told_and_still_here_after_a_reset(
    run: Run, run_id: str, tmp_path: Path
) -> None:
    file, bad = tmp_path / "class.zip", submit()
    with Database(Settings.from_environment()) as database, database.writing() as connection:
        connection.execute(update(runs).where(runs.c.id == bad).values(seconds=-1.0, parameters=-1))
    answer = run("class", "export", file)
    assert (answer.code, answer.out) == (0, f"1 run, 0 drawings and 0 names in {file}\n")
    assert "1 item was left out" in answer.err and f"the parameters of run '{bad}'" in answer.err
    assert_one_line(answer.err)
    (told,) = run("class", "export", file, "--json").objects
    assert [each["id"] for each in told["left_out"]] == [bad]
    answer = run("class", "reset", "--yes-after-export", file)
    assert (answer.code, answer.out) == (0, "1 run, 0 drawings and 0 names removed\n")
    assert "1 run, 0 drawings and 0 names are still here" in answer.err
    assert_one_line(answer.err)
    assert [each["run_id"] for each in run("runs", "--json").objects] == [bad]


def test_without_an_export_of_what_is_here_nothing_is_removed(run: Run, run_id: str, tmp_path: Path) -> None:
    file = tmp_path / "class.zip"
    run("class", "export", file)
    later = submit()
    answer = run("class", "reset", "--yes-after-export", file)
    assert (answer.code, answer.out) == (1, "")
    assert "Export the class again" in answer.err
    assert_one_line(answer.err)
    assert [each["run_id"] for each in run("runs", "--json").objects] == [later, run_id]
    assert run("class", "reset").code == 2


@pytest.mark.parametrize("content", [None, b"no zip at all"])
@pytest.mark.parametrize("words", [["import"], ["reset", "--yes-after-export"]])
def test_a_file_that_is_no_archive_gets_one_line(
    run: Run, tmp_path: Path, content: bytes | None, words: list[str]
) -> None:
    file = tmp_path / "class.zip"
    if content is not None:
        file.write_bytes(content)
    answer = run("class", *words, file)
    assert answer.code == (1 if content else 2) and answer.out == ""
    assert "cannot be" in answer.err
    assert_one_line(answer.err)


def test_a_folder_that_is_not_there_gets_one_line(run: Run, run_id: str, tmp_path: Path) -> None:
    answer = run("class", "export", tmp_path / "no" / "class.zip")
    assert (answer.code, answer.out) == (1, "")
    assert_one_line(answer.err)
