"""`backup` and `restore` on the command line."""

from pathlib import Path

import pytest
from program import Run, assert_one_line, run_program

from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.settings import Settings
from mnist_app.workspace.runs.queue import Queue
from mnist_app.workspace.runs.run_store import Store


@pytest.fixture
def run_id(run: Run) -> str:
    """A run in the home of the commands; the fixture `run` names it in the environment."""
    store = Store(Settings.from_environment())
    submitted = Queue(store).submit(TrainingConfig(preset="dense", dataset="synthetic"), "me")
    store.close()
    return submitted.id


def test_there_and_back(run: Run, run_id: str, tmp_path: Path) -> None:
    file, elsewhere = tmp_path / "backup.zip", {"MNIST_APP_HOME": str(tmp_path / "elsewhere")}
    answer = run("backup", file, "--json")
    assert (answer.code, answer.err) == (0, "")
    assert answer.objects[0]["path"] == str(file) and answer.objects[0]["files"] == 1
    answer = run("restore", file, **elsewhere)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith("1 file (") and answer.out.endswith(f"is in {tmp_path / 'elsewhere'}\n")
    assert [each["run_id"] for each in run("runs", "--json").objects] == [run_id]


def test_what_is_there_is_not_replaced_unasked(run: Run, run_id: str, tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    run("backup", file)
    answer = run("restore", file)
    assert (answer.code, answer.out) == (1, "")
    assert "--replace" in answer.err
    assert_one_line(answer.err)
    assert run("restore", file, "--replace").code == 0


@pytest.mark.parametrize("content", [None, b"no zip at all"])
def test_a_file_that_is_no_backup_gets_one_line(run: Run, tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "backup.zip"
    if content is not None:
        file.write_bytes(content)
    answer = run("restore", file)
    assert (answer.code, answer.out) == (1, "")
    assert "cannot be re" in answer.err
    assert_one_line(answer.err)


def test_another_database_gets_one_line(run: Run, tmp_path: Path) -> None:
    answer = run("backup", tmp_path / "b.zip", MNIST_APP_DATABASE="postgresql+psycopg://a@host/name")
    assert (answer.code, answer.out) == (2, "")
    assert "pg_dump" in answer.err
    assert_one_line(answer.err)


@pytest.mark.slow
def test_as_a_program(run: Run, run_id: str, tmp_path: Path) -> None:
    home = {"MNIST_APP_HOME": str(tmp_path / "home")}
    answer = run_program("backup", tmp_path / "backup.zip", **home)
    assert (answer.code, answer.err) == (0, "")
    answer = run_program("restore", tmp_path / "backup.zip", "--replace", **home)
    assert (answer.code, answer.err) == (0, "")
