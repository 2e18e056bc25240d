"""Fine-tuning on the command line."""

from collections.abc import Iterator

import pytest
from program import Run, assert_one_line
from written import stroke

from mnist_app.ink.drawing import Drawing
from mnist_app.settings import Settings
from mnist_app.workspace.drawings.drawing_store import Drawings
from mnist_app.workspace.runs.run_store import Store

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
)


@pytest.fixture
def store(run: Run) -> Iterator[Store]:
    """The store of the commands, with 24 drawings of two people in it; `run` names it."""
    with Store(Settings.from_environment()) as store:
        drawings = Drawings(store.database)
        for number in range(24):
            digit = (0, 1, 7)[number % 3]
            ways = [way.moved(number, number / 2) for way in stroke(digit)]
            drawings.keep(Drawing.from_strokes(ways, 280), digit, f"person {number % 2}")
        yield store


def test_too_few_drawings_get_one_line_and_no_run(run: Run) -> None:
    answer = run("fine-tune")
    assert (answer.code, answer.out) == (1, "")
    assert "There are 0 drawings" in answer.err
    assert_one_line(answer.err)
    assert run("runs", "--json").out == ""


def test_a_model_that_is_none_gets_one_line(run: Run, store: Store) -> None:
    answer = run("fine-tune", "--model", "nothing")
    assert (answer.code, answer.out) == (2, "")
    assert "There is no model 'nothing'" in answer.err
    assert_one_line(answer.err)


def test_epochs_that_cannot_be_get_one_line(run: Run, store: Store) -> None:
    answer = run("fine-tune", "--epochs", "0")
    assert (answer.code, answer.out) == (2, "")
    assert "epochs" in answer.err
    assert_one_line(answer.err)


@pytest.mark.slow
def test_before_and_after_are_told_and_the_run_is_one_like_any_other(run: Run, store: Store) -> None:
    small = ("--dataset", "synthetic", "--epochs", "1", "--train-size", "500", "--name", "base")
    assert run("train", "--preset", "dense", *small).code == 0
    answer = run("fine-tune", "--model", "base", "--epochs", "2", "--json")
    assert answer.code == 0
    assert [each["event"] for each in answer.objects] == ["epoch", "epoch", "finished"]
    finished = answer.objects[-1]
    assert (finished["drawings"], finished["held_out"], finished["held_out_by"]) == (12, 12, "person")
    assert 0 <= finished["accuracy_before"] <= 1 and 0 <= finished["accuracy_after"] <= 1
    assert 0 < finished["test_accuracy"] <= 1 and 0 < finished["test_accuracy_before"] <= 1
    newest = run("runs", "--json").objects[0]
    assert newest["run_id"] == finished["run_id"] and newest["name"] == "base + class"
    assert run("evaluate", "--model", finished["run_id"], "--dataset", "synthetic").code == 0
    again = run("fine-tune", "--model", finished["run_id"])
    assert again.code == 1 and "fine-tuned already" in again.err
    told = run("fine-tune", "--model", "base", "--epochs", "1").out
    assert "12 drawings held out, of people it did not learn from" in told
    assert "Test images:" in told
