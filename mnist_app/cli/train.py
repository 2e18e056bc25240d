"""`train`: train a network in this process, and keep it as a run."""

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

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from mnist_app.workspace.runs.records import Run


def train(config: TrainingConfig, as_json: AsJson = False) -> None:
    """Train a network in this process, and keep it as a run.

    What is not given is the preset's own. A line for each epoch, then the accuracy on the test images; the
    seconds are those of training alone. The run's id or name is what --model takes elsewhere.
    """
    run = _train(config, Settings.from_environment(), as_json)
    _print_end_of_training(run, as_json)
    if run.status != "finished":
        raise typer.Exit(complain(f"The training was not finished ({run.status}). {run.reason}", 1))


def _train(config: TrainingConfig, settings: Settings, as_json: bool) -> "Run":
    """Train as a new run and return it as it ended.

    What can be wrong with the arguments is found out before there is a run. Raises what `load_dataset`
    and `carry_out` raise.
    """
    from mnist_app.workspace.runs.run_store import Store
    from mnist_app.workspace.storage.visible_text import check_name

    check_name(config.name)
    dataset = load_dataset(config.dataset, settings)
    with Store(settings) as store:
        import_classifier()
        from mnist_app.learning.training.input_pipeline import split_training_images
        from mnist_app.workspace.workers.execution import carry_out

        split_training_images(dataset, config)
        with training_progress() as bar:
            lease = store.start(config, worker=f"command line {os.getpid()}")
            observer = training_observer(config, bar, as_json)
            return carry_out(lease, store, settings, observer=observer, load=lambda _: dataset)


def training_observer(config: TrainingConfig, bar: "Progress", as_json: bool) -> Any:
    """An observer that moves the bar and prints a line for each epoch."""
    from mnist_app.learning.training.training import Observer

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
        print_json(
            event="epoch",
            epoch=epoch,
            loss=finite(loss),
            accuracy=finite(accuracy),
            val_loss=finite(val_loss),
            val_accuracy=finite(val_accuracy),
        )
    else:
        held_out = "" if val_accuracy is None else f", held out: {val_accuracy:.2%}"
        print(f"Epoch {epoch}: loss {loss:.4f}, accuracy {accuracy:.2%}{held_out}")
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
        print(
            f"Run {run.id}: {run.test_accuracy:.2%} of the test images, after {run.seconds:.1f} s of training"
        )
