"""Wrong arguments and failures: one line, and an exit code."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from program import UNREACHABLE, Run, assert_one_line

from mnist_app.workspace.runs.run_store import Store


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing"], "nothing"),
        (["--nothing"], "--nothing"),
        (["predict"], "PATH"),
        (["predict", "nowhere.png"], "nowhere.png"),
        (["predict", "--model"], "--model"),
        (["predict", "app.py", "--model", "nobody's"], "shipped"),
        (["train"], "--preset"),
        (["train", "--preset", "large"], "dense, cnn, accurate"),
        (["train", "--preset", "cnn", "--dataset", "letters"], "mnist, synthetic"),
        (["train", "--preset", "cnn", "--epochs", "many"], "--epochs"),
        (["train", "--preset", "cnn", "--epochs", "1.5"], "--epochs"),
        (["train", "--preset", "cnn", "--epochs", "0"], "1 to 200"),
        (["train", "--preset", "cnn", "--batch-size", "-3"], "1 to 4096"),
        (["train", "--preset", "cnn", "--learning-rate", "nan"], "nan"),
        (["train", "--preset", "cnn", "--learning-rate", "1e999"], "inf"),
        (["train", "--preset", "cnn", "--momentum", "1"], "0 to 0.999"),
        (["train", "--preset", "cnn", "--validation-share", "0.6"], "0 to 0.5"),
        (["train", "--preset", "cnn", "--train-size", "1"], "20 to"),
        (["train", "--preset", "cnn", "--seed", "9" * 5000], "--seed"),
        (["train", "--preset", "cnn", "--optimizer", "adagrad"], "adamw"),
        (["train", "--preset", "cnn", "--name", "n" * 81], "80"),
        (["train", "--preset", "cnn", "--name", "two\nlines"], "name"),
        (["script"], "--preset"),
        (["script", "--preset", "large"], "dense, cnn, accurate"),
        (["script", "--preset", "cnn", "--dataset", "letters"], "mnist, synthetic"),
        (["script", "--preset", "cnn", "--epochs", "0"], "1 to 200"),
        (["script", "--preset", "cnn", "--train-size", "60001"], "60,000"),
        (["evaluate", "--dataset", "letters"], "mnist, synthetic"),
        (["evaluate", "--model", "nobody's"], "shipped"),
        (["evaluate", "model"], "model"),
        (["data", "bring"], "bring"),
    ],
)
def test_wrong_argument_gets_one_line_and_exit_code_2(run: Run, arguments: list[str], said: str) -> None:
    answer = run(*arguments)
    assert (answer.code, answer.out) == (2, "")
    assert_one_line(answer.err)
    assert said in answer.err


OPTIONS = (
    "--epochs",
    "--batch-size",
    "--optimizer",
    "--learning-rate",
    "--momentum",
    "--validation-share",
    "--train-size",
    "--seed",
    "--name",
    "--preset",
    "--json",
)
VALUES = (
    st.text() | st.integers().map(str) | st.floats().map(str) | st.sampled_from(["cnn", "adam", "--", "-1"])
)


@given(options=st.lists(st.tuples(st.sampled_from(OPTIONS), VALUES), max_size=5))
@example(options=[("--name", "\udcff")])
@example(options=[("--epochs", "\x00")])
@hypothesis_settings(
    deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_option_is_answered(run: Run, options: list[tuple[str, str]]) -> None:
    """The data set is unknown, so that nothing is trained where all options happen to be good."""
    words = [word for option in options for word in option]
    answer = run("train", "--preset", "dense", "--dataset", "nowhere", *words)
    assert answer.code == 2 or (answer.code == 0 and "--help" in words)
    assert_one_line(answer.err)


def test_mnist_that_cannot_be_had_is_one_sentence(run: Run, tmp_path: Path) -> None:
    answer = run(
        "train", "--preset", "dense", "--json", MNIST_APP_MNIST="", KERAS_HOME=str(tmp_path), **UNREACHABLE
    )
    assert (answer.code, answer.out) == (1, "")
    assert_one_line(answer.err)
    assert "synthetic digits" in answer.err
    assert run("runs", "--json").out == ""


def test_corrupt_mnist_is_one_sentence(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mnist.npz").write_bytes(b"PK\x03\x04 and no more")
    answer = run("evaluate", MNIST_APP_MNIST=str(tmp_path / "mnist.npz"))
    assert (answer.code, answer.out) == (1, "")
    assert_one_line(answer.err)


@pytest.mark.parametrize("arguments", [["runs"], ["predict", "app.py", "--model", "mine"]])
def test_file_in_the_homes_place(run: Run, tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "file").touch()
    answer = run(*arguments, MNIST_APP_HOME=str(tmp_path / "file"))
    assert (answer.code, answer.out) == (1, "")
    assert "MNIST_APP_HOME" in answer.err
    assert_one_line(answer.err)


def test_fault_of_the_program_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("two\nlines")

    monkeypatch.setattr(Store, "runs", fail)
    answer = run("runs")
    assert answer.code == 1
    assert_one_line(answer.err)
    assert "RuntimeError" in answer.err
