"""`fine-tune`: further training of a model with the class's drawings."""

from typing import TYPE_CHECKING, Annotated

import typer

from mnist_app.cli.data import load_dataset
from mnist_app.cli.models import find_run
from mnist_app.cli.options import AsJson, Model
from mnist_app.cli.output import print_json
from mnist_app.cli.train import train_as_run, unfinished
from mnist_app.learning.inference.shipped import SHIPPED
from mnist_app.settings import Settings
from mnist_app.wording import counted, percent

if TYPE_CHECKING:
    from mnist_app.workspace.runs.fine_tuning import FineTuning
    from mnist_app.workspace.runs.records import Run


def fine_tune(
    model: Model = SHIPPED,
    epochs: Annotated[int | None, typer.Option(help="How many times every image is seen.")] = None,
    as_json: AsJson = False,
) -> None:
    """Train a model further with the class's drawings, as a new run.

    Some drawings are held out for testing: if there are several people, all drawings of some of them.
    "Before" and "after" are the shares of these that the model reads correctly. The data set's test images
    show what it has forgotten.
    """
    run, result = _fine_tune(model, epochs, Settings.from_environment(), as_json)
    if run.status != "finished" or result is None:
        raise unfinished(run)
    _print_result(run, result, as_json)


def _fine_tune(
    model: str, epochs: int | None, settings: Settings, as_json: bool
) -> "tuple[Run, FineTuning | None]":
    """Train as a new run, after checking the arguments."""
    from mnist_app.workspace.runs.fine_tuning import find_fine_tuning, plan
    from mnist_app.workspace.runs.run_store import Store

    with Store(settings) as store:
        config = plan(model if model == SHIPPED else find_run(model, settings).id, epochs, store, settings)
        dataset = load_dataset(config.dataset, settings)
        run = train_as_run(config, dataset, store, settings, as_json)
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
        "people it did not learn from" if result.held_out_by == "person" else "people it also learned from"
    )
    assert result.accuracy_after is not None and run.test_accuracy is not None
    print(f"Run {run.id}, trained with {counted(result.drawings, 'drawing')} for {run.seconds:.1f} s")
    before, after = percent(result.accuracy_before), percent(result.accuracy_after)
    held_out = counted(result.drawings_held_out, "drawing")
    print(f"{held_out} held out, of {whose}: {before} right before, {after} after")
    before, after = percent(result.test_accuracy_before, 2), percent(run.test_accuracy, 2)
    print(f"Test images: {before} right before, {after} after")
