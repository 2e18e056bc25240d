"""The command line: the real program in a process of its own for the essentials, `main` here for the rest."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from PIL import Image

from mnist_app.cli import main
from mnist_app.ink.drawing import Drawing
from mnist_app.ink.strokes import Stroke, canvas_json_of
from mnist_app.learning.configuration import TrainingConfig
from mnist_app.runs.records import Status
from mnist_app.runs.store import Store
from mnist_app.settings import PROJECT, Settings

UNREACHABLE = {"HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
"""The way to the internet leads to a port where nobody listens."""
ANGLES = np.linspace(0, 2 * np.pi, 40)
WAYS = {
    0: np.stack([140 + 60 * np.cos(ANGLES), 140 + 90 * np.sin(ANGLES)], axis=1),
    1: np.array([[140.0, 50.0], [140.0, 230.0]]),
    7: np.array([[70.0, 60.0], [210.0, 60.0], [120.0, 230.0]]),
}


@dataclass(frozen=True)
class Answer:
    """What a run of the program gave."""

    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """Standard output as JSON objects, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Answer]


def run_program(*arguments: str | Path, **environment: str) -> Answer:
    """Run `python -m mnist_app` as a user would."""
    done = subprocess.run(
        command(*arguments),
        cwd=PROJECT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def command(*arguments: str | Path) -> list[str]:
    """The words of a command."""
    return [sys.executable, "-m", "mnist_app", *map(str, arguments)]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run `main` in this process, by default in an empty home."""
    monkeypatch.setenv("MNIST_APP_HOME", str(tmp_path / "home"))

    def run_here(*arguments: str | Path, **environment: str) -> Answer:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        return Answer(code, *capsys.readouterr())

    return run_here


def stroke(digit: int) -> list[Stroke]:
    """A digit as one way of a broad pen on a canvas of 280 × 280."""
    return [Stroke(WAYS[digit], 20.0)]


def save_picture(path: Path, digit: int) -> None:
    """The digit as an image file."""
    Image.fromarray(Drawing.from_strokes(stroke(digit), 280).pixels[..., 0]).save(path)


def save_drawing(path: Path, digit: int) -> None:
    """The digit as the canvas's `json_data`."""
    path.write_text(json.dumps(canvas_json_of(stroke(digit))), encoding="utf-8")


def assert_one_line(text: str) -> None:
    """A message is one line, with words on it."""
    assert text.count("\n") == 1
    assert text.endswith("\n")
    assert "Traceback" not in text
    assert len(text.split()) > 3


@pytest.fixture(scope="module")
def drawings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of good drawings, of files that hold none, and of files that are none of ours."""
    folder = tmp_path_factory.mktemp("drawings")
    save_drawing(folder / "b.json", 7)
    save_picture(folder / "c.png", 0)
    save_picture(folder / "d.JPG", 1)
    (folder / "a.png").write_bytes((folder / "c.png").read_bytes()[:-40])
    (folder / "e.json").write_text('{"objects": []}', encoding="utf-8")
    (folder / "notes.txt").write_text("no drawing", encoding="utf-8")
    (folder / "inner.png").mkdir()
    return folder


@pytest.fixture(scope="module")
def in_json(drawings: Path) -> Answer:
    """What `predict --json` says of the folder and of one more file."""
    return run_program("predict", "--json", drawings, drawings / "b.json")


# Help


def test_help_imports_nothing_heavy() -> None:
    heavy = ("tensorflow", "keras", "numpy", "PIL", "streamlit", "sqlalchemy", "requests", "pooch")
    code = (
        "import sys; from mnist_app.cli import main; code = main(['--help']);"
        f"print('loaded', sorted(set({heavy!r}) & set(sys.modules)), code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.stdout.endswith("loaded [] 0\n")
    assert "predict" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("arguments", [[], ["-h"], ["data", "--help"], ["train", "--help"]])
def test_help(run: Run, arguments: list[str]) -> None:
    answer = run(*arguments)
    assert answer.code == 0
    assert answer.out.startswith("Usage: python -m mnist_app")
    assert answer.err == ""


# predict


def test_drawings_are_answered_in_order(in_json: Answer, drawings: Path) -> None:
    names = [Path(each["path"]).name for each in in_json.objects]
    assert names == ["a.png", "b.json", "c.png", "d.JPG", "e.json", "b.json"]
    assert all(Path(each["path"]).parent == drawings for each in in_json.objects)
    assert [each.get("digit") for each in in_json.objects] == [None, 7, 0, 1, None, 7]


def test_answer_has_confidence_and_probabilities(in_json: Answer) -> None:
    answer = in_json.objects[1]
    assert set(answer) == {"path", "digit", "confidence", "probabilities"}
    assert len(answer["probabilities"]) == 10
    assert sum(answer["probabilities"]) == pytest.approx(1, abs=1e-5)
    assert answer["confidence"] == max(answer["probabilities"]) == answer["probabilities"][7]


def test_one_broken_file_keeps_no_other_from_its_answer(in_json: Answer) -> None:
    broken, empty = in_json.objects[0], in_json.objects[4]
    assert set(broken) == {"path", "error"}
    assert "damaged" in broken["error"]
    assert "no ink" in empty["error"]
    assert in_json.code == 1


def test_standard_error_has_messages_alone(in_json: Answer) -> None:
    """TensorFlow's own notes come neither there nor on standard output."""
    assert in_json.err == "2 of 6 could not be read; their lines say why.\n"


def test_without_json_there_is_a_line_for_each(drawings: Path) -> None:
    answer = run_program("predict", drawings)
    lines = answer.out.splitlines()
    assert [line.split(": ")[1][0] for line in lines] == ["7", "0", "1"]
    assert lines[0].startswith(str(drawings / "b.json"))
    assert [line.split(":")[0] for line in answer.err.splitlines()] == [
        str(drawings / "a.png"),
        str(drawings / "e.json"),
    ]
    assert answer.code == 1


def nested(depth: int) -> str:
    """A JSON list in a list in a list …"""
    return '{"objects": ' + "[" * depth + "]" * depth + "}"


def path_of(number: str) -> str:
    """A drawing whose one stroke begins at such a place."""
    return '{"objects": [{"type": "Path", "path": [["M", ' + number + ', 1]], "strokeWidth": 3}]}'


BROKEN = {
    "empty.json": b"",
    "text.json": b"7",
    "no_objects.json": b"{}",
    "cut_off.json": b'{"objects": [',
    "no_utf8.json": b'{"objects": ["\xff"]}',
    "nan.json": path_of("NaN").encode(),
    "infinite.json": path_of("1e999").encode(),
    "many_digits.json": path_of("1" * 5000).encode(),
    "deep.json": nested(100_000).encode(),
    "large.json": b'{"objects": []}' + b" " * 5 * 1024**2,
    "large.png": b"\x89PNG\r\n\x1a\n" + b" " * 6_000_000,
    "empty.png": b"",
    "text.png": b"seven",
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_file_gets_one_sentence(run: Run, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(BROKEN[name])
    answer = run("predict", path)
    assert (answer.code, answer.out) == (1, "")
    assert_one_line(answer.err)
    assert answer.err.startswith(f"{path}: ")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda values: st.lists(values) | st.dictionaries(st.text(), values),
)
FABRIC = st.fixed_dictionaries(
    {"type": st.just("Path"), "path": JSON, "strokeWidth": JSON}, optional={"left": JSON, "angle": JSON}
)


@given(content=JSON | st.fixed_dictionaries({"objects": st.lists(FABRIC | JSON, min_size=1)}))
@hypothesis_settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_json_is_answered(run: Run, tmp_path: Path, content: object) -> None:
    path = tmp_path / "any.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    answer = run("predict", path)
    assert answer.code == 1
    assert_one_line(answer.err)


def test_file_name_with_a_line_break_stays_on_one_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "line\nbreak\x1b[31m.png").write_text("seven")
    answer = run("predict", tmp_path)
    assert_one_line(answer.err)
    assert "\x1b" not in answer.err


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_file_name_that_is_no_unicode() -> None:
    answer = run_program("predict", os.fsdecode(b"no \xff.png"))
    assert answer.code == 2
    assert_one_line(answer.err)


def test_folder_without_drawings(run: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    answer = run("predict", tmp_path)
    assert answer.code == 2
    assert "no drawings" in answer.err
    assert_one_line(answer.err)


def test_neither_file_nor_folder_is_not_read(run: Run) -> None:
    answer = run("predict", "/dev/zero")
    assert answer.code == 2
    assert "no file or folder" in answer.err


# data


def test_data_says_what_is_here(run: Run, tmp_path: Path) -> None:
    answer = run("data", "--json", MNIST_APP_MNIST="", KERAS_HOME=str(tmp_path))
    mnist, synthetic = answer.objects
    assert (mnist["name"], mnist["available"], mnist["images"]) == ("mnist", False, 0)
    assert "data fetch" in mnist["advice"]
    assert (synthetic["name"], synthetic["available"]) == ("synthetic", True)
    assert synthetic["advice"] == ""
    assert (answer.code, answer.err) == (0, "")


def test_data_without_json(run: Run, tmp_path: Path) -> None:
    answer = run("data", MNIST_APP_MNIST="", KERAS_HOME=str(tmp_path))
    assert [line.split()[0] for line in answer.out.splitlines()] == ["mnist:", "synthetic:"]


def test_fetch_says_where_mnist_is(run: Run, mnist_path: Path) -> None:
    answer = run("data", "fetch", "--json", MNIST_APP_MNIST=str(mnist_path))
    assert answer.objects == [{"name": "mnist", "path": str(mnist_path)}]
    assert (answer.code, answer.err) == (0, "")


def test_fetch_without_internet(run: Run, tmp_path: Path) -> None:
    answer = run("data", "fetch", MNIST_APP_MNIST="", KERAS_HOME=str(tmp_path), **UNREACHABLE)
    assert (answer.code, answer.out) == (1, "")
    assert_one_line(answer.err)
    assert "synthetic" in answer.err


# Wrong arguments and failures


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


@pytest.mark.parametrize("arguments", [["data", "--json"], ["--help"]])
def test_closed_pipe_makes_no_noise(arguments: list[str]) -> None:
    with subprocess.Popen(
        command(*arguments), cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        process.stdout.close()  # type: ignore[union-attr]
        assert process.stderr.read() == ""  # type: ignore[union-attr]
    assert process.returncode == 1


@pytest.mark.skipif(os.name != "posix", reason="said in the words of a POSIX shell")
@pytest.mark.parametrize(
    ("words", "code"), [("data --json >&-", 0), ("nothing 2>&-", 2), ("nothing >&- 2>&-", 2)]
)
def test_closed_streams_make_no_noise(words: str, code: int) -> None:
    program = " ".join(command())
    done = subprocess.run(
        ["sh", "-c", f"{program} {words}"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full here")
def test_full_disk_is_one_line() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            command("data"), cwd=PROJECT, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 1
    assert_one_line(done.stderr)


# runs


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
    assert "97.00%" in answer.out


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


def test_run_without_a_model(run: Run, home: Path, drawings: Path) -> None:
    answer = run("predict", drawings / "b.json", "--model", "first", MNIST_APP_HOME=str(home))
    assert (answer.code, answer.out) == (1, "")
    assert_one_line(answer.err)


# Trainings and whole programs


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
    words = ["--preset", "cnn", "--train-size", "300", "--learning-rate", "10", "--json"]
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
    )
    assert process.stdout is not None
    assert process.stdout.readline()  # the first epoch is over
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in err
    listed = run_program("runs", "--json", **environment).objects
    assert [each["status"] for each in listed] == ["interrupted"]


@pytest.mark.slow
def test_worker_ends_with_its_standard_input(tmp_path: Path) -> None:
    done = subprocess.run(
        command("worker"),
        cwd=PROJECT,
        env=os.environ | {"MNIST_APP_HOME": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert done.stdout.startswith("worker ")
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_reader_that_has_seen_enough(tmp_path: Path) -> None:
    save_picture(tmp_path / "000.png", 7)
    for number in range(1, 700):
        os.link(tmp_path / "000.png", tmp_path / f"{number:03}.png")
    with subprocess.Popen(
        command("predict", "--json", tmp_path),
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert json.loads(process.stdout.readline())["digit"] == 7  # type: ignore[union-attr]
        process.stdout.close()  # type: ignore[union-attr]
        assert process.stderr.read() == ""  # type: ignore[union-attr]
    assert process.returncode == 1
