"""kill -9 of the worker and of the server while runs are submitted: none is lost, and the rest is trained."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import event_loops
import pytest
from serving import Server, serve

from bench.pupil import visit
from bench.working import processes_below
from mnist_app.settings import Settings
from mnist_app.workspace.runs.records import Status
from mnist_app.workspace.runs.run_store import Store

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Processes are read from /proc."),
]
LESSON = "preset=dense&dataset=mnist&train_size=400&epochs=3"
PEOPLE, RUNS_EACH = 3, 4
PATIENCE = 180.0
"""Seconds to wait for what must come."""


async def until(condition: Callable[[], object]) -> None:
    """Wait until it holds; fails when it does not after a generous time."""
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.05)


async def submits(server: Server, count: int, pause: float) -> int:
    """Somebody who presses Train again and again; how often the page then showed a run."""
    shown = 0
    async with visit(server.address) as pupil:
        await pupil.open("train", LESSON)
        for _ in range(count):
            await pupil.train()
            shown += pupil.progress != ""
            await asyncio.sleep(pause)
    return shown


async def submit_while_the_worker_is_killed(server: Server, store: Store) -> int:
    """How many runs were shown to those who submitted them."""
    async with asyncio.TaskGroup() as group:
        people = [group.create_task(submits(server, RUNS_EACH, 1.0)) for _ in range(PEOPLE)]
        await until(lambda: store.runs(statuses=[Status.TRAINING]))
        for worker in processes_below(server.process_id):
            os.kill(worker, signal.SIGKILL)
    await until(lambda: store.runs(statuses=[Status.FAILED]))
    await until(lambda: store.runs(statuses=[Status.TRAINING]))
    os.kill(server.process_id, signal.SIGKILL)
    return sum(each.result() for each in people)


async def wait_for_the_rest(server: Server, store: Store) -> None:
    """Somebody opens the page, and every run ends."""
    async with visit(server.address) as pupil:
        await pupil.open("train")
        await until(lambda: all(run.status.ended for run in store.runs()))


@pytest.mark.timeout(900)
@pytest.mark.usefixtures("mnist_path")  # which takes no time, as writing digits does
def test_no_run_is_lost(settings: Settings, tmp_path: Path) -> None:
    store = Store(replace(settings, home=tmp_path, database=None))
    with serve(tmp_path) as server:
        submitted = event_loops.run(submit_while_the_worker_is_killed(server, store))
    assert submitted == PEOPLE * RUNS_EACH == len(store.runs())
    begun = time.time()
    with serve(tmp_path) as server:
        event_loops.run(wait_for_the_rest(server, store))
    ends = [run.status for run in store.runs()]
    assert ends.count(Status.FAILED) == 1 and ends.count(Status.INTERRUPTED) <= 1
    assert ends.count(Status.FINISHED) >= len(ends) - 2
    assert any((run.started or 0) > begun for run in store.runs()), "the new server trained what was left"
    store.close()
