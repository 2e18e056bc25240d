"""The command line, `python -m mnist_app`: the app's work without a browser.

Standard output carries the answers alone, with `--json` one JSON object a line; messages and progress
bars go to standard error. A wrong argument ends with one line there and exit code 2, a failure with one
line and 1, Ctrl-C with 130. Everything heavy is imported where it is needed, so that `--help` is quick.
"""

import json
import logging
import math
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mnist_app import errors
from mnist_app.learning.configuration import LIMITS, LONGEST_NAME, OPTIMIZERS
from mnist_app.learning.presets import PRESETS, get_preset
from mnist_app.settings import ASSETS, Settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from rich.progress import Progress, TaskID

    from mnist_app.learning.classifier import Classifier
    from mnist_app.learning.configuration import TrainingConfig
    from mnist_app.learning.datasets import Dataset
    from mnist_app.learning.evaluation import Evaluation
    from mnist_app.runs.records import Run

    Image = NDArray[np.float32] | errors.AppError
    """(28, 28) in [0, 1], or why a file has none."""
    Answer = NDArray[np.float32] | errors.AppError
    """Ten probabilities, or why a file has none."""

PROGRAM = "python -m mnist_app"
SHIPPED = "shipped"
SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".json"})
"""The files of a folder that are taken for drawings."""
BATCH = 250
"""Drawings that are answered together."""
MOST_WAITING = 5_000
"""Drawings that are kept, ready to be answered, while TensorFlow is being imported."""
MODELS_LISTED = 10

WRONG_ARGUMENTS = (errors.InvalidSetting, errors.UnknownName, errors.AmbiguousName, errors.RunNotFound)
"""What the user asked for in a way that cannot be; every other error is a failure on the way."""

app = typer.Typer(
    help="Recognise handwritten digits and train networks that do, without a browser.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
data_app = typer.Typer(help="Say which data sets are here and where from.", invoke_without_command=True)
app.add_typer(data_app, name="data")


def _help(name: str) -> str:
    """What a hyperparameter means and may be."""
    limit = LIMITS[name]
    return f"{limit.meaning} {limit.minimum:.12g} to {limit.maximum:.12g}."


AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]
Model = Annotated[str, typer.Option(metavar="M", help="'shipped', a run's id, or its name.")]
DatasetName = Annotated[str, typer.Option("--dataset", metavar="D", help="'mnist' or 'synthetic'.")]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code; `arguments` are the process's own by default."""
    _prepare_output()
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = app(given or ["--help"], prog_name=PROGRAM, standalone_mode=False)
        sys.stdout.flush()
        return int(code or 0)
    except BrokenPipeError:
        return _give_up_output()
    except typer.TyperException as error:
        return _complain(_describe_usage(error), error.exit_code)
    except errors.AppError as error:
        return _complain(str(error), 2 if isinstance(error, WRONG_ARGUMENTS) else 1)
    except Exception as error:
        if sys.flags.dev_mode:
            raise
        return _complain(_describe_fault(error), 1)


# Commands


@app.command()
def predict(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files, or folders of them.")],
    model: Model = SHIPPED,
    as_json: AsJson = False,
) -> None:
    """Say which digit is on each picture (PNG, JPEG, WebP, BMP) or canvas drawing (.json).

    Of a folder, not of the folders in it, every file with such an ending is read, in the order of the
    names. A file that cannot be read, or has no ink, gets a line with the reason on standard error (with
    --json: an object {"path", "error"} on standard output), the others are answered, and the exit code is 1.
    """
    files = _drawings_in(paths)
    load = _classifier_loader(model, Settings.from_environment())
    unread = 0
    for path, answer in _answer(files, load):
        if isinstance(answer, errors.AppError):
            unread += 1
        _print_answer(path, answer, as_json)
    if unread and as_json:
        _say(f"{unread} of {len(files)} could not be read; their lines say why.")
    if unread:
        raise typer.Exit(1)


@app.command()
def train(  # noqa: PLR0913, PLR0917 (an argument for each option)
    preset: Annotated[str, typer.Option(metavar="P", help=f"The network: {', '.join(PRESETS)}.")],
    dataset: DatasetName = "mnist",
    epochs: Annotated[int | None, typer.Option(help=_help("epochs"))] = None,
    batch_size: Annotated[int | None, typer.Option(help=_help("batch_size"))] = None,
    optimizer: Annotated[str | None, typer.Option(help=f"One of: {', '.join(OPTIMIZERS)}.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help=_help("learning_rate"))] = None,
    momentum: Annotated[float | None, typer.Option(help=_help("momentum"))] = None,
    validation_share: Annotated[float | None, typer.Option(help=_help("validation_share"))] = None,
    train_size: Annotated[int | None, typer.Option(help=_help("train_size"))] = None,
    seed: Annotated[int | None, typer.Option(help=_help("seed"))] = None,
    name: Annotated[
        str | None, typer.Option(help=f"What to call it: at most {LONGEST_NAME} characters.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Train a network in this process, and keep it as a run.

    What is not given is the preset's own. A line for each epoch, then the accuracy on the test images; the
    seconds are those of training alone. The run's id or name is what --model takes elsewhere.
    """
    given = {
        "dataset": dataset,
        "epochs": epochs,
        "batch_size": batch_size,
        "optimizer": optimizer,
        "learning_rate": learning_rate,
        "momentum": momentum,
        "validation_share": validation_share,
        "train_size": train_size,
        "seed": seed,
        "name": name,
    }
    changes: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    config = replace(get_preset(preset).defaults, **changes)
    run = _train(config, Settings.from_environment(), as_json)
    _print_end_of_training(run, as_json)
    if run.status != "finished":
        raise typer.Exit(_complain(f"The training was not finished ({run.status}). {run.reason}", 1))


@app.command()
def evaluate(model: Model = SHIPPED, dataset: DatasetName = "mnist", as_json: AsJson = False) -> None:
    """Measure a model on a data set's test images.

    In "confusion" the rows are the true digits and the columns the answers.
    """
    settings = Settings.from_environment()
    load = _classifier_loader(model, settings)
    images = _load_dataset(dataset, settings)
    evaluation = _evaluate(load(), images)
    if as_json:
        _print_json(
            accuracy=evaluation.accuracy,
            loss=evaluation.loss,
            per_digit=[_finite(share) for share in evaluation.per_digit],
            confusion=evaluation.confusion.tolist(),
        )
    else:
        _print_evaluation(evaluation)


@app.command()
def runs(as_json: AsJson = False) -> None:
    """List the training runs, the newest first."""
    from mnist_app.runs.store import Store

    found = Store(Settings.from_environment()).runs()
    if as_json:
        for run in found:
            _print_json(**_description_of(run))
    elif found:
        _print_runs(found)
    else:
        _say(f"There are no runs yet; `{PROGRAM} train --preset cnn` makes one.")


@app.command(hidden=True)
def worker() -> None:
    """Train the runs that wait in the queue, until standard input ends. The server starts it."""
    from mnist_app.runs.worker import main as work

    logging.getLogger().handlers.clear()  # a worker's log has tracebacks
    raise typer.Exit(work())


@data_app.callback()
def data(context: typer.Context, as_json: AsJson = False) -> None:
    """Say which data sets are here and where from."""
    if context.invoked_subcommand is not None:
        return
    from mnist_app.learning.datasets import describe_datasets

    for status in describe_datasets(Settings.from_environment()):
        if as_json:
            _print_json(
                name=status.name,
                available=status.available,
                images=status.images,
                source=status.source,
                advice=status.advice,
            )
        else:
            state = f"{status.images:,} images" if status.available else "not here"
            print(f"{status.name}: {state}. {' '.join(filter(None, [status.source, status.advice]))}")


@data_app.command()
def fetch(as_json: AsJson = False) -> None:
    """Bring MNIST here, unless it is here already, and check it."""
    from mnist_app.learning.datasets import fetch_mnist

    with _progress("MNIST") as progress:
        path = fetch_mnist(Settings.from_environment(), progress)
    if as_json:
        _print_json(name="mnist", path=str(path))
    else:
        print(f"MNIST is here: {_shown(path)}")


# Reading drawings and answering them


def _drawings_in(paths: Iterable[Path]) -> list[Path]:
    """The files named and those of the folders named; raises `UnknownName` where there is nothing."""
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            files += _drawings_of_folder(path)
        elif path.is_file():
            files.append(path)
        else:
            raise errors.UnknownName(
                f"There is no file or folder {_shown(path)}. Name pictures, drawings or folders of them."
            )
    return files


def _drawings_of_folder(folder: Path) -> list[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise errors.UnreadableDrawing(
            f"The folder {_shown(folder)} cannot be read ({error.strerror}). Name one that can be."
        ) from error
    files = [path for path in entries if path.suffix.lower() in SUFFIXES and path.is_file()]
    if not files:
        endings = ", ".join(sorted(SUFFIXES))
        raise errors.UnknownName(
            f"The folder {_shown(folder)} has no drawings in it: files that end in {endings}."
        )
    return files


def _answer(files: Iterable[Path], load: Callable[[], "Classifier"]) -> "Iterator[tuple[Path, Answer]]":
    """Each file with its ten probabilities, or why there are none, in order and in bounded memory.

    TensorFlow is imported on a thread of its own while files are read already, and only when the first
    one has been read. Raises `ModelUnavailable`.
    """
    thread = ThreadPoolExecutor(max_workers=1)
    classifier: Future[Classifier] | None = None
    waiting: list[tuple[Path, Image]] = []
    for path in files:
        image = _read_image(path)
        if classifier is None and not isinstance(image, errors.AppError):
            classifier = thread.submit(load)
        waiting.append((path, image))
        if len(waiting) >= (BATCH if classifier is None or classifier.done() else MOST_WAITING):
            yield from _classify(waiting, classifier)
            waiting = []
    yield from _classify(waiting, classifier)


def _classify(
    read: "Sequence[tuple[Path, Image]]",
    classifier: "Future[Classifier] | None",
) -> "Iterator[tuple[Path, Answer]]":
    """What was read, each image replaced by its probabilities; waits for the classifier."""
    import numpy as np

    images = [image for _, image in read if not isinstance(image, errors.AppError)]
    if classifier is None or not images:
        yield from read
        return
    answers = iter(classifier.result().probabilities_of(np.stack(images)))
    for path, image in read:
        yield path, image if isinstance(image, errors.AppError) else next(answers)


def _read_image(path: Path) -> "Image":
    """What the network is given of a file, (28, 28), or why there is nothing."""
    from mnist_app.ink.drawing import Drawing
    from mnist_app.ink.preprocess import preprocess

    try:
        is_json = path.suffix.lower() == ".json"
        drawing = Drawing.from_canvas_json(_read_json(path)) if is_json else Drawing.from_file(path)
        return preprocess(drawing).image
    except (errors.EmptyDrawing, errors.UnreadableDrawing) as error:
        return error


def _read_json(path: Path) -> object:
    """The contents of a JSON file of bounded size; raises `UnreadableDrawing`."""
    from mnist_app.ink.drawing import MAX_FILE_BYTES

    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise errors.UnreadableDrawing(f"The file cannot be read: {error.strerror}.") from error
    if len(content) > MAX_FILE_BYTES:
        raise errors.UnreadableDrawing(
            f"The file has more than {MAX_FILE_BYTES // 1024**2} MB, which no drawing of the canvas has."
        )
    try:
        return json.loads(content, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise errors.UnreadableDrawing(
            "This file is not JSON that can be read. Give a drawing as the canvas sends it, its json_data."
        ) from error


def _refuse_constant(name: str) -> object:
    """NaN and infinity, which Python's reader would take though JSON has none."""
    raise ValueError(name)


def _print_answer(path: Path, answer: "Answer", as_json: bool) -> None:
    if isinstance(answer, errors.AppError):
        if as_json:
            _print_json(path=str(path), error=str(answer))
        else:
            _say(f"{_shown(path)}: {answer}")
        return
    digit = int(answer.argmax())
    confidence = float(answer[digit])
    if as_json:
        _print_json(path=str(path), digit=digit, confidence=confidence, probabilities=answer.tolist())
    else:
        print(f"{_shown(path)}: {digit} ({confidence:.1%})")


# Models and data sets


def _classifier_loader(model: str, settings: Settings) -> Callable[[], "Classifier"]:
    """Find the model now, and return what loads it, TensorFlow included.

    Raises `UnknownName`, `AmbiguousName` or `ModelUnavailable`, and what it returns the last of these.
    """
    if model == SHIPPED:
        from mnist_app.learning.model_card import read_card, verify

        path = ASSETS / "model.keras"
        verify(read_card(ASSETS / "model_card.json"), path)
        return lambda: _import_classifier().load(path)
    from mnist_app.runs.models import ModelFiles

    run, files = _find_run(model, settings), ModelFiles(settings.home)
    if run.checkpoint_epoch is None:
        files.load_model(run)  # says at once, before TensorFlow is imported, what is wrong with it

    def load() -> "Classifier":
        _import_classifier()
        return files.load_classifier(run)

    return load


def _find_run(model: str, settings: Settings) -> "Run":
    from mnist_app.runs.store import Store

    store = Store(settings)
    try:
        return store.find(model)
    except errors.RunNotFound as error:
        known = [run for run in store.runs(limit=MODELS_LISTED) if run.model_sha256]
        listed = ", ".join([SHIPPED, *(f"{run.id} ({run.name})" if run.name else run.id for run in known)])
        raise errors.UnknownName(f"There is no model {model[:40]!r}; there are: {listed}.") from error


def _import_classifier() -> "type[Classifier]":
    with _quiet_native_code():
        from mnist_app.learning.classifier import Classifier
    return Classifier


@contextmanager
def _quiet_native_code() -> Iterator[None]:
    """Drop what TensorFlow's native code writes to standard error while it is imported.

    No setting keeps its note on oneDNN back, other than doing without oneDNN, which costs a third more
    time. Set TF_CPP_MIN_LOG_LEVEL to 0 to see all that TensorFlow says.
    """
    level = os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    if level == "0" or "tensorflow" in sys.modules:
        yield
        return
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        import tensorflow  # noqa: F401 (for its side effects)

        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _load_dataset(name: str, settings: Settings) -> "Dataset":
    from mnist_app.learning.datasets import load_dataset

    with _progress("MNIST" if name == "mnist" else "Writing digits") as progress:
        return load_dataset(name, settings, progress)


def _evaluate(classifier: "Classifier", dataset: "Dataset") -> "Evaluation":
    import numpy as np

    from mnist_app.learning.evaluation import evaluate

    probabilities = classifier.probabilities_of(dataset.x_test.astype(np.float32) / np.float32(255))
    return evaluate(probabilities, dataset.y_test)


def _print_evaluation(evaluation: "Evaluation") -> None:
    from rich.console import Console
    from rich.table import Table

    print(f"Accuracy {evaluation.accuracy:.2%}, loss {evaluation.loss:.4f}")
    table = Table(title="Rows: the digit; columns: the answer")
    for heading in ("", *map(str, range(10)), "right"):
        table.add_column(heading, justify="right")
    for digit, (row, share) in enumerate(zip(evaluation.confusion, evaluation.per_digit, strict=True)):
        table.add_row(str(digit), *map(str, row), f"{share:.1%}")
    Console().print(table)


# Training


def _train(config: "TrainingConfig", settings: Settings, as_json: bool) -> "Run":
    """Train as a new run and return it as it ended.

    What can be wrong with the arguments is found out before there is a run. Raises what `load_dataset`
    and `carry_out` raise.
    """
    from mnist_app.runs.store import Store, check_name

    check_name(config.name)
    dataset = _load_dataset(config.dataset, settings)
    store = Store(settings)
    _import_classifier()
    from mnist_app.learning.training import split_training_images
    from mnist_app.runs.execution import carry_out

    split_training_images(dataset, config)
    with _training_progress() as bar:
        lease = store.start(config, worker=f"command line {os.getpid()}")
        observer = _training_observer(config, bar, as_json)
        return carry_out(lease, store, settings, observer=observer, load=lambda _: dataset)


def _training_observer(config: "TrainingConfig", bar: "Progress", as_json: bool) -> Any:
    """An observer that moves the bar and prints a line for each epoch."""
    from mnist_app.learning.training import Observer

    class EpochPrinter(Observer):
        def on_train_begin(self, steps_per_epoch: int, epochs: int) -> None:
            self.start = time.perf_counter()
            self.task: TaskID = bar.add_task("", total=steps_per_epoch * epochs, text="")

        def on_window(self, step: int, epoch: float, loss: float, accuracy: float) -> None:
            speed = step * config.batch_size / (time.perf_counter() - self.start)
            text = f"loss {loss:.4f}  accuracy {accuracy:.1%}  {speed:,.0f} images/s"
            of_epochs = f"epoch {min(int(epoch) + 1, config.epochs)}/{config.epochs}"
            bar.update(self.task, completed=step, description=of_epochs, text=text)

        def on_epoch_end(
            self, epoch: int, loss: float, accuracy: float, val_loss: float | None, val_accuracy: float | None
        ) -> None:
            bar.stop()  # or it would be drawn over the line where both go to one terminal
            _print_epoch(epoch, loss, accuracy, val_loss, val_accuracy, as_json)
            bar.start()

    return EpochPrinter()


def _print_epoch(
    epoch: int,
    loss: float,
    accuracy: float,
    val_loss: float | None,
    val_accuracy: float | None,
    as_json: bool,
) -> None:
    if as_json:
        _print_json(
            event="epoch",
            epoch=epoch,
            loss=_finite(loss),
            accuracy=_finite(accuracy),
            val_loss=_finite(val_loss),
            val_accuracy=_finite(val_accuracy),
        )
    else:
        held_out = "" if val_accuracy is None else f", held out: {val_accuracy:.2%}"
        print(f"Epoch {epoch}: loss {loss:.4f}, accuracy {accuracy:.2%}{held_out}")
    sys.stdout.flush()


def _print_end_of_training(run: "Run", as_json: bool) -> None:
    if as_json and run.status == "finished":
        _print_json(
            event="finished",
            run_id=run.id,
            test_accuracy=run.test_accuracy,
            test_loss=run.test_loss,
            seconds=run.seconds,
        )
    elif as_json:
        _print_json(event=str(run.status), run_id=run.id, reason=run.reason, seconds=run.seconds)
    elif run.status == "finished":
        print(
            f"Run {run.id}: {run.test_accuracy:.2%} of the test images, after {run.seconds:.1f} s of training"
        )


# Runs


def _description_of(run: "Run") -> dict[str, object]:
    """What anyone may know of a run; its owner's token is a secret."""
    return {
        "run_id": run.id,
        "name": run.name,
        "status": str(run.status),
        "reason": run.reason,
        "configuration": run.config.to_dict(),
        "created": _iso_time(run.created),
        "started": _iso_time(run.started),
        "ended": _iso_time(run.ended),
        "epoch": run.epoch,
        "parameters": run.parameters,
        "train_accuracy": run.train_accuracy,
        "validation_accuracy": run.validation_accuracy,
        "test_accuracy": run.test_accuracy,
        "test_loss": run.test_loss,
        "seconds": run.seconds,
    }


def _iso_time(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _print_runs(found: Sequence["Run"]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table("id", "name", "preset", "data", "status", "epochs", "test accuracy")
    for run in found:
        accuracy = "" if run.test_accuracy is None else f"{run.test_accuracy:.2%}"
        epochs = f"{run.epoch:.3g}/{run.config.epochs}"
        cells = (run.id, run.name, run.config.preset, run.config.dataset, str(run.status), epochs, accuracy)
        table.add_row(*map(Text, cells))  # as text: a name may look like markup
    Console().print(table)


# Output


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error, if that is a terminal, once there is something to say: (done, total)."""
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with _bar(*columns) as bar:
        task = bar.add_task(what, total=None, visible=False)
        yield lambda done, total: bar.update(task, completed=done, total=total, visible=True)


def _training_progress() -> "Progress":
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn

    text = TextColumn("{task.description}"), TextColumn("{task.fields[text]}")
    return _bar(text[0], BarColumn(), text[1], TimeRemainingColumn())


def _bar(*columns: Any) -> "Progress":
    from rich.console import Console
    from rich.progress import Progress

    # Rich would otherwise take what is printed to standard output to where the bar is.
    return Progress(
        *columns,
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
        redirect_stdout=False,
        redirect_stderr=False,
    )


def _print_json(**values: object) -> None:
    print(json.dumps(values, allow_nan=False))


def _finite(value: float | None) -> float | None:
    """The value, or None for NaN and infinity, which JSON has not."""
    return value if value is not None and math.isfinite(value) else None


def _say(text: str) -> None:
    """One line on standard error, whatever is in the text, in its place among the answers."""
    sys.stdout.flush()
    print(_one_line(text), file=sys.stderr, flush=True)


def _complain(text: str, code: int) -> int:
    _say(text)
    return code


def _shown(path: Path) -> str:
    """The path as a line may show it: quoted if it has line breaks or the like in it."""
    return str(path) if str(path).isprintable() else repr(str(path))


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return "".join(character if character.isprintable() else "?" for character in line)


def _describe_usage(error: typer.TyperException) -> str:
    context = getattr(error, "ctx", None)
    command = PROGRAM if context is None else context.command_path
    return f"{error.format_message().rstrip('.')}. `{command} --help` says what there is."


def _describe_fault(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        place = f" ({error.filename})" if error.filename else ""
        return f"{error.strerror}{place}. See that there is room and that it may be read and written."
    return (
        f"A fault of the program: {type(error).__name__}: {str(error)[:200]}. "
        f"`{PROGRAM.replace('python', 'python -X dev')} ...` shows where."
    )


def _prepare_output() -> None:
    """Let any text be printed, also a file's name that is no Unicode, and log without tracebacks.

    A stream that was closed before the program began counts as one that nobody reads.
    """
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 (stays open until the end)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    handler = logging.StreamHandler()
    handler.setFormatter(_LineFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


class _LineFormatter(logging.Formatter):
    """A log's message on one line, without a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        return _one_line(record.getMessage())


def _give_up_output() -> int:
    """Nobody reads standard output any more: let nothing be written there, not even on exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1
