"""The leaderboard: each person's best network, compared on images that it has not learned from."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select

from mnist_app.workspace.runs.records import Run, Status
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.storage.tables import fine_tunings, runs

Measure = Literal["test", "drawings"]
"""The images that networks are compared on: their data set's test images, or drawings of the class."""


@dataclass(frozen=True)
class Standing:
    """The results of a finished run's network."""

    run: Run
    on_test: float
    """The accuracy on its data set's test images, 0 to 1."""
    on_drawings: float | None
    """The accuracy on the class's drawings held out from its fine-tuning; None for other runs."""

    def value(self, measure: Measure) -> float | None:
        """Return the accuracy by this measure, 0 to 1; None where it is not known."""
        return self.on_test if measure == "test" else self.on_drawings


def find_standings(store: Store) -> list[Standing]:
    """Return the results of all finished runs with a test accuracy; raises `StorageUnavailable`."""
    query = select(runs.c.id, fine_tunings.c.right_after, fine_tunings.c.drawings_held_out)
    with store.reading() as connection:
        rows = connection.execute(query.join(fine_tunings, fine_tunings.c.run == runs.c.number)).all()
    on_drawings = {
        row.id: row.right_after / row.drawings_held_out for row in rows if row.right_after is not None
    }
    return [
        Standing(run, run.test_accuracy, on_drawings.get(run.id))
        for run in store.runs(statuses=[Status.FINISHED])
        if run.test_accuracy is not None
    ]


def in_order(standings: Iterable[Standing], dataset: str, measure: Measure = "test") -> list[Standing]:
    """Return each owner's best network of one data set, the best first and of equals the earlier one.

    Only networks of one data set are compared, because test images of different ones are not equally hard.
    """
    known = [
        (value, standing)
        for standing in standings
        if standing.run.config.dataset == dataset and (value := standing.value(measure)) is not None
    ]
    known.sort(key=lambda each: (-each[0], each[1].run.number))
    best: dict[str, Standing] = {}
    for _, standing in known:
        best.setdefault(standing.run.owner, standing)
    return list(best.values())
