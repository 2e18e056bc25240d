"""`fine-tune`: train a model on with the class's drawings, and say what came of it."""

import os
from typing import TYPE_CHECKING, Annotated

import typer

from mnist_app.cli.data import load_dataset
from mnist_app.cli.models import find_run, import_classifier
from mnist_app.cli.options import AsJson, Model
from mnist_app.cli.output import complain, counted, print_json
from mnist_app.cli.progress import training_progress
from mnist_app.cli.train import training_observer
from mnist_app.learning.inference.shipped import SHIPPED
from mnist_app.settings import Settings

if TYPE_CHECKING:
    from mnist_app.workspace.runs.fine_tuning import FineTuning
    from mnist_app.workspace.runs.records import Run


def fine_tune(
    model: Model = SHIPPED,
    epochs: Annotated[int | None, typer.Option(help="How many times every image is seen.")] = None,
    as_json: AsJson = False,
) -> None:
    """Train a model on with the class's drawings, as a new run.

    Some drawings are held out, all those of some people where there are several: before and after are the
    shares of these that it reads rightly. The data set's test images show what it forgot.
    """
    run, result = _fine_tune(model, epochs, Settings.from_environment(), as_json)
    if run.status != "finished" or result is None:
        raise typer.Exit(complain(f"The training was not finished ({run.status}). {run.reason}", 1))
    _print_result(run, result, as_json)


def _fine_tune(
    model: str, epochs: int | None, settings: Settings, as_json: bool
) -> "tuple[Run, FineTuning | None]":
    """Train as a new run; what can be wrong with the arguments is found out before there is one."""
    from mnist_app.workspace.runs.fine_tuning import find_fine_tuning, plan
    from mnist_app.workspace.runs.run_store import Store

    with Store(settings) as store:
        config = plan(model if model == SHIPPED else find_run(model, settings).id, epochs, store, settings)
        dataset = load_dataset(config.dataset, settings)
        import_classifier()
        from mnist_app.workspace.workers.execution import carry_out

        with training_progress() as bar:
            lease = store.start(config, worker=f"command line {os.getpid()}")
            observer = training_observer(config, bar, as_json)
            run = carry_out(lease, store, settings, observer=observer, load=lambda _: dataset)
        return run, find_fine_tuning(run.id, store)


def _print_result(run: "Run", result: "FineTuning", as_json: bool) -> None:
    if as_json:
        print_json(
            event="finished",
            run_id=run.id,
            drawings=result.drawings,
            held_out=result.drawings_held_out,
            held_out_by=result.held_out_by,
            accuracy_before=result.accuracy_before,
            accuracy_after=result.accuracy_after,
            test_accuracy_before=result.test_accuracy_before,
            test_accuracy=run.test_accuracy,
            seconds=run.seconds,
        )
        return
    whose = (
        "people it did not learn from" if result.held_out_by == "person" else "people it learned from, too"
    )
    print(f"Run {run.id}, trained with {counted(result.drawings, 'drawing')} for {run.seconds:.1f} s")
    shares = f"{result.accuracy_before:.1%} right before, {result.accuracy_after:.1%} after"
    print(f"{counted(result.drawings_held_out, 'drawing')} held out, of {whose}: {shares}")
    print(f"Test images: {result.test_accuracy_before:.2%} right before, {run.test_accuracy:.2%} after")
