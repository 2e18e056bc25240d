"""`runs`: the training runs of the store."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mnist_app.cli.options import AsJson
from mnist_app.cli.output import PROGRAM, print_json, say
from mnist_app.settings import Settings
from mnist_app.wording import percent

if TYPE_CHECKING:
    from mnist_app.workspace.runs.records import Run


def runs(as_json: AsJson = False) -> None:
    """List the training runs, newest first."""
    from mnist_app.workspace.runs.run_store import Store

    with Store(Settings.from_environment()) as store:
        found = store.runs()
    if as_json:
        for run in found:
            print_json(**_description_of(run))
    elif found:
        _print_runs(found)
    else:
        say(f"There are no runs yet. To make one, run {PROGRAM} train --preset cnn.")


def _description_of(run: "Run") -> dict[str, object]:
    """Return the public facts of a run; its owner's token is a secret."""
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
        accuracy = "" if run.test_accuracy is None else percent(run.test_accuracy, 2)
        epochs = f"{run.epoch:.3g}/{run.config.epochs}"
        cells = (run.id, run.name, run.config.preset, run.config.dataset, str(run.status), epochs, accuracy)
        table.add_row(*map(Text, cells))  # as text: a name may look like markup
    Console().print(table)
