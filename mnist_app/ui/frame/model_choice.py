"""The models that can be chosen: the one that ships, and those of runs."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mnist_app.learning.inference.shipped import SHIPPED
from mnist_app.ui.shared import resources
from mnist_app.workspace.runs.records import Run
from mnist_app.workspace.runs.run_label import distinct_label

if TYPE_CHECKING:
    from mnist_app.ui.shared.recogniser import Recogniser


def runs_with_a_model() -> list[Run]:
    """Return the runs that have a model, the newest first.

    Raises:
        StorageUnavailable: The store cannot be reached.
    """
    return [run for run in resources.store().runs() if run.model_sha256]


def titles_of_models(runs: Iterable[Run]) -> dict[str, str]:
    """Return a title for each model, by `SHIPPED` or the run's id."""
    return {SHIPPED: "Built-in model"} | {run.id: distinct_label(run) for run in runs}


def recogniser_of(model: str) -> "Recogniser":
    """Return the recogniser of a model.

    Args:
        model: `SHIPPED` or a run's id.

    Raises:
        RunNotFound: there is no such run.
        StorageUnavailable: The store cannot be reached.
    """
    if model == SHIPPED:
        return resources.recogniser()
    run = resources.store().run(model)
    return resources.recogniser_of_run(run.id, run.model_sha256)
