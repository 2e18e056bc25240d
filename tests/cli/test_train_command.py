"""`train`, and `predict` and `evaluate` with what it made: the real program."""

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from program import Answer, assert_one_line, command, run_program

from mnist_app.settings import PROJECT


@pytest.fixture(scope="module")
def trained(
    tmp_path_factory: pytest.TempPathFactory, mnist_path: Path
) -> Iterator[tuple[dict[str, str], Answer, str]]:
    """A home, what a training in it printed, and what its standard error, a terminal, was sent."""
    pty = pytest.importorskip("pty")
    environment = {
        "MNIST_APP_HOME": str(tmp_path_factory.mktemp("trained")),
        "MNIST_APP_MNIST": str(mnist_path),
        "TERM": "xterm",
    }
    words = ["train", "--preset", "dense", "--epochs", "2", "--train-size", "3000", "--name", "small"]
    terminal, end = pty.openpty()
    process = subprocess.Popen(
        command(*words, "--json"),
        cwd=PROJECT,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=end,
        text=True,
    )
    os.close(end)
    seen: list[bytes] = []
    reader = threading.Thread(target=_read_all, args=(terminal, seen))
    reader.start()
    out, _ = process.communicate()
    reader.join()
    os.close(terminal)
    yield environment, Answer(process.returncode, out, ""), b"".join(seen).decode()


def _read_all(terminal: int, seen: list[bytes]) -> None:
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:  # the other end is closed
            return
        seen.append(data)


@pytest.mark.slow
def test_training_prints_its_epochs_and_its_end(trained: tuple[dict[str, str], Answer, str]) -> None:
    _, answer, terminal = trained
    first, second, last = answer.objects
    keys = {"event", "epoch", "loss", "accuracy", "val_loss", "val_accuracy"}
    assert set(first) == set(second) == keys
    assert (first["event"], first["epoch"], second["epoch"]) == ("epoch", 1, 2)
    assert set(last) == {"event", "run_id", "test_accuracy", "test_loss", "seconds"}
    assert last["event"] == "finished"
    assert 0.5 < last["test_accuracy"] <= 1
    assert answer.code == 0
    assert "epoch 2/2" in terminal
    assert "images/s" in terminal
    assert "oneDNN" not in terminal


@pytest.mark.slow
@pytest.mark.parametrize("out", ["/dev/full", "a closed pipe"])
def test_a_training_outlives_what_it_prints(out: str, tmp_path: Path, mnist_path: Path) -> None:
    if out == "/dev/full" and not Path(out).exists():
        pytest.skip("There is no device that is always full here.")
    environment = {"MNIST_APP_HOME": str(tmp_path), "MNIST_APP_MNIST": str(mnist_path)}
    reader, writer = os.pipe()
    os.close(reader)
    if out == "/dev/full":
        os.close(writer)
        writer = os.open(out, os.O_WRONLY)
    done = subprocess.run(
        command("train", "--preset", "dense", "--epochs", "2", "--train-size", "100"),
        cwd=PROJECT,
        env=os.environ | environment,
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)
    assert done.returncode == 1
    if out == "/dev/full":
        assert_one_line(done.stderr)
    else:
        assert done.stderr == ""
    (run,) = run_program("runs", "--json", **environment).objects
    assert (run["status"], run["epoch"]) == ("finished", 2)


@pytest.mark.slow
def test_trained_model_is_found_by_id_and_by_name(
    trained: tuple[dict[str, str], Answer, str], drawings: Path
) -> None:
    environment, training, _ = trained
    run_id = training.objects[-1]["run_id"]
    by_id = run_program("predict", "--json", drawings / "b.json", "--model", run_id, **environment)
    by_name = run_program("predict", "--json", drawings / "b.json", "--model", "small", **environment)
    assert by_id == by_name
    assert by_id.code == 0
    assert by_id.err == ""


@pytest.mark.slow
def test_evaluation_gives_what_the_training_gave(trained: tuple[dict[str, str], Answer, str]) -> None:
    environment, training, _ = trained
    answer = run_program("evaluate", "--json", "--model", "small", **environment)
    evaluation = answer.objects[0]
    assert set(evaluation) == {"accuracy", "loss", "per_digit", "confusion"}
    assert evaluation["accuracy"] == pytest.approx(training.objects[-1]["test_accuracy"], abs=1e-9)
    assert evaluation["loss"] == pytest.approx(training.objects[-1]["test_loss"], abs=1e-6)
    assert np.sum(evaluation["confusion"]) == 10_000
    assert np.trace(evaluation["confusion"]) / 10_000 == pytest.approx(evaluation["accuracy"])
    assert (len(evaluation["per_digit"]), answer.code, answer.err) == (10, 0, "")


@pytest.mark.slow
def test_training_that_diverges_is_a_failure(tmp_path: Path, mnist_path: Path) -> None:
    # With seed 0 the first steps silence all units, and the loss stays below what counts as diverged.
    words = ["--preset", "cnn", "--train-size", "300", "--learning-rate", "10", "--seed", "1", "--json"]
    answer = run_program("train", *words, MNIST_APP_HOME=str(tmp_path), MNIST_APP_MNIST=str(mnist_path))
    assert answer.code == 1
    assert answer.objects[-1]["event"] == "diverged"
    assert_one_line(answer.err)
    assert "learning rate" in answer.err


@pytest.mark.slow
def test_more_images_than_there_are_is_a_wrong_argument(tmp_path: Path, mnist_path: Path) -> None:
    words = ["--preset", "dense", "--train-size", "60001"]
    environment = {"MNIST_APP_HOME": str(tmp_path), "MNIST_APP_MNIST": str(mnist_path)}
    answer = run_program("train", *words, **environment)
    assert answer.code == 2
    assert_one_line(answer.err)
    assert run_program("runs", "--json", **environment).out == ""


@pytest.mark.slow
def test_ctrl_c_ends_a_training(tmp_path: Path, mnist_path: Path) -> None:
    environment = {"MNIST_APP_HOME": str(tmp_path), "MNIST_APP_MNIST": str(mnist_path)}
    process = subprocess.Popen(
        command("train", "--preset", "dense", "--train-size", "2000", "--epochs", "200", "--json"),
        cwd=PROJECT,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell that runs the tests in the background has them, and so their children, ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 (no threads there)
    )
    assert process.stdout is not None
    assert process.stdout.readline()  # the first epoch is over
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in err
    listed = run_program("runs", "--json", **environment).objects
    assert [each["status"] for each in listed] == ["interrupted"]
