"""Three hundred trainings submitted within a minute by thirty people: all kept, in fair turns."""

import asyncio
import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from bench.measurement import Row
from bench.pupil import Pupil, visit
from mnist_app.workspace.runs.queue import Queue
from mnist_app.workspace.runs.run_store import Store

PEOPLE = 30
RUNS_EACH = 10
SECONDS = 60.0
NAME = "rush"
"""Name of the submitted runs, by which they are found."""
_TELLS_WHEN = re.compile("[Nn]ext in the queue|Number [0-9]+ in the queue|Starting|Epoch|Evaluating|Done")


@dataclass
class Submitted:
    """Observations of the people who submit."""

    times: list[float] = field(default_factory=list)
    """Milliseconds from each press of the button to the end of the run of the page that it caused."""
    told: int = 0
    """People whose page says at the end how far their last training is, or when its turn comes."""
    faults: list[str] = field(default_factory=list)


async def rush(address: str, store: Store, dataset: str, seconds: float, faults: list[str]) -> list[Row]:
    """Submit them, and see what became of them; what goes wrong for one person is added to `faults`."""
    submitted = Submitted(faults=faults)
    async with asyncio.TaskGroup() as group:
        for number in range(PEOPLE):
            begins = seconds / RUNS_EACH * number / PEOPLE
            group.create_task(_submits(address, dataset, begins, seconds / RUNS_EACH, submitted))
    runs = [run for run in store.runs() if run.name == NAME]
    owner_of = {run.id: run.owner for run in runs}
    turns = [owner_of[run_id] for run_id in Queue(store).turns() if run_id in owner_of]
    high = float(np.percentile(submitted.times or [np.nan], 95))
    count = PEOPLE * RUNS_EACH
    note = f"{len({run.owner for run in runs})} people; {len(turns)} still waited at the end"
    return [
        Row(f"of {count} runs submitted in {seconds:.0f} s, kept", len(runs), "", count, "at least", note),
        Row("turns out of rotation among those that wait", out_of_rotation(turns), "", 0),
        Row("pages that say when", submitted.told, "", PEOPLE, "at least"),
        Row(
            "Train to finished run, p95",
            high,
            "ms",
            note=f"the slowest {max(submitted.times, default=0.0):,.0f} ms",
        ),
    ]


def out_of_rotation(owners: Sequence[str]) -> int:
    """Count the turns of people who had one since all others who wait had theirs."""
    left, served, faults = Counter(owners), set[str](), 0
    for owner in owners:
        if all(each in served for each, count in left.items() if count):
            served.clear()
        faults += owner in served
        served.add(owner)
        left[owner] -= 1
    return faults


async def _submits(address: str, dataset: str, begins: float, pause: float, submitted: Submitted) -> None:
    """One person, who presses the button again and again."""
    await asyncio.sleep(begins)
    try:
        async with visit(address) as pupil:
            await pupil.open("train", f"preset=dense&dataset={dataset}&epochs=1&train_size=500&name={NAME}")
            due = time.monotonic()
            for _ in range(RUNS_EACH):
                submitted.times.append(await pupil.train())
                due += pause
                await asyncio.sleep(max(0.0, due - time.monotonic()))
            submitted.told += _says_when(pupil)
    except Exception as error:  # anything at all is a fault of the server's
        submitted.faults.append(f"{type(error).__name__}: {error}")


def _says_when(pupil: Pupil) -> bool:
    return _TELLS_WHEN.match(pupil.progress) is not None
