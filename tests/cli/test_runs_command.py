"""`runs`, and models that are found by a run."""

from pathlib import Path

import numpy as np
import pytest
from program import Run, assert_one_line

from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.settings import Settings
from mnist_app.workspace.runs.records import Status
from mnist_app.workspace.runs.run_store import Store

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with three runs: two have the same name, one of these is still at work."""
    monkeypatch.setenv("MNIST_APP_HOME", str(tmp_path))
    store = Store(Settings.from_environment())
    for name in ("first", "[b]twice", "[b]twice"):
        lease = store.start(TrainingConfig(preset="dense", name=name), "test", owner="a secret")
        if name == "first":
            store.finish(lease, Status.FINISHED, test_accuracy=0.97, test_loss=0.1, seconds=12.5)
    store.close()
    return tmp_path


def test_runs_newest_first(run: Run, home: Path) -> None:
    answer = run("runs", "--json", MNIST_APP_HOME=str(home))
    assert [each["name"] for each in answer.objects] == ["[b]twice", "[b]twice", "first"]
    first = answer.objects[-1]
    assert (first["status"], first["test_accuracy"], first["seconds"]) == ("finished", 0.97, 12.5)
    assert first["configuration"]["preset"] == "dense"
    assert (answer.code, answer.err) == (0, "")


def test_runs_as_a_table(run: Run, home: Path) -> None:
    answer = run("runs", MNIST_APP_HOME=str(home))
    assert answer.out.count("[b]twice") == 2
    assert "97.00 %" in answer.out


def test_the_owners_secret_is_not_shown(run: Run, home: Path) -> None:
    for arguments in (["runs"], ["runs", "--json"]):
        assert "secret" not in run(*arguments, MNIST_APP_HOME=str(home)).out


def test_no_runs(run: Run) -> None:
    answer = run("runs")
    assert (answer.code, answer.out) == (0, "")
    assert_one_line(answer.err)


def test_name_of_two_runs_lists_their_ids(run: Run, home: Path) -> None:
    answer = run("predict", "app.py", "--model", "[b]twice", MNIST_APP_HOME=str(home))
    assert answer.code == 2
    assert_one_line(answer.err)
    ids = [each["run_id"] for each in run("runs", "--json").objects if each["name"] == "[b]twice"]
    assert all(run_id in answer.err for run_id in ids)


def test_weights_too_large_to_answer_get_one_line(run: Run, home: Path, drawings: Path) -> None:
    from mnist_app.learning.training.presets import build_model
    from mnist_app.workspace.runs.model_files import ModelFiles

    store = Store(Settings.from_environment())
    lease = store.start(TrainingConfig(preset="dense", name="huge"), "test")
    model = build_model("dense", 1)
    model.set_weights([np.full_like(each, 3e38) for each in model.get_weights()])
    store.finish(lease, Status.FINISHED, model_sha256=ModelFiles(home).save_model(lease.run_id, model))
    store.close()
    answer = run("predict", drawings / "b.json", "--model", "huge", "--json", MNIST_APP_HOME=str(home))
    assert (answer.code, answer.out) == (1, "")
    assert "weights are too large" in answer.err
    assert_one_line(answer.err)


def test_run_without_a_model(run: Run, home: Path, drawings: Path) -> None:
    answer = run("predict", drawings / "b.json", "--model", "first", MNIST_APP_HOME=str(home))
    assert (answer.code, answer.out) == (1, "")
    assert_one_line(answer.err)


@pytest.mark.parametrize("command", [("runs",), ("drawings",), ("evaluate", "--model", "mine")])
def test_an_empty_store_does_not_read_as_no_runs(run: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "runs.sqlite").touch()
    answer = run(*command, MNIST_APP_HOME=str(tmp_path))
    assert (answer.code, answer.out) == (1, "")
    assert "has nothing in it" in answer.err
    assert_one_line(answer.err)
