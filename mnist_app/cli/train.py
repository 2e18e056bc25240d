"""`train`: training of a network in this process, as a run."""

import os
import sys
import time
from typing import TYPE_CHECKING, Any

import typer

from mnist_app.cli.data import load_dataset
from mnist_app.cli.models import import_classifier
from mnist_app.cli.options import AsJson
from mnist_app.cli.output import complain, finite, print_json
from mnist_app.cli.progress import training_progress
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.settings import Settings
from mnist_app.wording import percent

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from mnist_app.learning.data.datasets import Dataset
    from mnist_app.workspace.runs.records import Run
    from mnist_app.workspace.runs.run_store import Store


def train(config: TrainingConfig, as_json: AsJson = False) -> None:
    """Train a network in this process, and keep it as a run.

    The preset decides what the options leave open. Each epoch prints a line; the last line is the accuracy on
    the test images and the seconds of training alone. Other commands take the run's id or name as --model.
    """
    run = _train(config, Settings.from_environment(), as_json)
    _print_end_of_training(run, as_json)
    if run.status != "finished":
        raise unfinished(run)


def _train(config: TrainingConfig, settings: Settings, as_json: bool) -> "Run":
    """Train as a new run and return it as it ended, after checking the arguments.

    Raises:
        AppError: As `load_dataset` and `train_as_run` do.
    """
    from mnist_app.workspace.runs.run_store import Store
    from mnist_app.workspace.storage.visible_text import check_name

    check_name(config.name)
    dataset = load_dataset(config.dataset, settings)
    with Store(settings) as store:
        import_classifier()
        from mnist_app.learning.training.input_pipeline import split_training_images

        split_training_images(dataset, config)  # raises before there is a run
        return train_as_run(config, dataset, store, settings, as_json)


def train_as_run(
    config: TrainingConfig, dataset: "Dataset", store: "Store", settings: Settings, as_json: bool
) -> "Run":
    """Train as a new run, with a progress bar and a line for each epoch.

    Returns:
        The run as it ended.

    Raises:
        AppError: As `workers.execution.carry_out` does.
        OSError: The training has ended and is kept, but its epochs could not all be printed.
    """
    import_classifier()
    from mnist_app.workspace.workers.execution import carry_out

    with training_progress() as bar:
        lease = store.start(config, worker=f"command line {os.getpid()}")
        observer = _training_observer(config, bar, as_json)
        run = carry_out(lease, store, settings, observer=observer, load=lambda _: dataset)
    if observer.failure is not None:
        raise observer.failure
    return run


def unfinished(run: "Run") -> typer.Exit:
    """Say why a run was not finished, and return the exit to raise."""
    return typer.Exit(complain(f"The training was not finished ({run.status}). {run.reason}", 1))


def _training_observer(config: TrainingConfig, bar: "Progress", as_json: bool) -> Any:
    """Return an observer that moves the bar and prints a line for each epoch."""
    from mnist_app.learning.training.training import Observer

    class EpochPrinter(Observer):
        failure: OSError | None = None
        """Why nothing more is printed, such as a full disk or a closed pipe."""

        def on_train_begin(self, steps_per_epoch: int, epochs: int) -> None:
            self.start = time.perf_counter()
            self.task: TaskID = bar.add_task("", total=steps_per_epoch * epochs, text="")

        def on_window(self, step: int, epoch: float, loss: float, accuracy: float) -> None:
            speed = step * config.batch_size / (time.perf_counter() - self.start)
            text = f"loss {loss:.4f}  accuracy {percent(accuracy)}  {speed:,.0f} images/s"
            of_epochs = f"epoch {min(int(epoch) + 1, config.epochs)}/{config.epochs}"
            bar.update(self.task, completed=step, description=of_epochs, text=text)

        def on_epoch_end(
            self, epoch: int, loss: float, accuracy: float, val_loss: float | None, val_accuracy: float | None
        ) -> None:
            if self.failure is not None:
                return
            try:
                bar.stop()  # otherwise a terminal would show it on top of the line
                _print_epoch(epoch, loss, accuracy, val_loss, val_accuracy, as_json)
                bar.start()
            except OSError as error:  # no reason to lose the training
                self.failure = error

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
        print_json(
            event="epoch",
            epoch=epoch,
            loss=finite(loss),
            accuracy=finite(accuracy),
            val_loss=finite(val_loss),
            val_accuracy=finite(val_accuracy),
        )
    else:
        held_out = "" if val_accuracy is None else f", held out: {percent(val_accuracy, 2)}"
        print(f"Epoch {epoch}: loss {loss:.4f}, accuracy {percent(accuracy, 2)}{held_out}")
    sys.stdout.flush()


def _print_end_of_training(run: "Run", as_json: bool) -> None:
    if as_json and run.status == "finished":
        print_json(
            event="finished",
            run_id=run.id,
            test_accuracy=run.test_accuracy,
            test_loss=run.test_loss,
            seconds=run.seconds,
        )
    elif as_json:
        print_json(event=str(run.status), run_id=run.id, reason=run.reason, seconds=run.seconds)
    elif run.status == "finished":
        assert run.test_accuracy is not None
        accuracy = percent(run.test_accuracy, 2)
        print(f"Run {run.id}: {accuracy} of the test images, after {run.seconds:.1f} s of training")
