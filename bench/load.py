"""`python -m bench.load`, or `make bench-load`: the cost of a class at work on one server.

Many pupils each send a drawing every two seconds through Streamlit's own protocol, while networks are trained
one after another and some pupils watch. Then everybody leaves, and one comes back after three minutes. Then
all draw with a network of their own. At last a crowd connects within ten seconds, and a class submits
hundreds of trainings (`rush`).

The pupils are simulated on the same machine, so their processor time counts against the server. The table
says how much it is.
"""

import argparse
import asyncio
import contextlib
import json
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from serving import Server, serve

from bench import report
from bench.measurement import Row
from bench.own_networks import make_networks
from bench.pupil import ServerFault, visit
from bench.rush import SECONDS as RUSH_SECONDS
from bench.rush import rush
from bench.working import look
from mnist_app.learning.data.datasets import describe_datasets
from mnist_app.learning.training.presets import get_preset
from mnist_app.settings import Settings
from mnist_app.ui.parts.canvas_controls import message_of, written_strokes
from mnist_app.ui.session.draw_page import DEFAULT_BRUSH, CanvasMessage
from mnist_app.workspace.runs.queue import Queue
from mnist_app.workspace.runs.records import Status
from mnist_app.workspace.runs.run_store import Store

BETWEEN_DRAWINGS = 2.0
"""Seconds from one drawing of a pupil to the next."""
WATCHERS = 3
WARM_UP = 120.0
"""Seconds until memory is first measured."""
AWAY = 180.0
"""Seconds between the last pupil's leaving and the next one's coming."""
OWN = 60.0
"""Seconds in which all draw with networks of their own."""
CROWD_COMES_WITHIN = 10.0
OWNER = "load"
STREAMLITS_OWN = "3 or 4 of Streamlit's own see to its configuration, by chance"
"""Threads of Streamlit's file watcher, which looks for changes five times a second."""


@dataclass
class Seen:
    """Events of the pupils."""

    times: list[float] = field(default_factory=list)
    """Milliseconds from each drawing's message to the end of the run that it caused."""
    refreshes: list[float] = field(default_factory=list)
    answers: int = 0
    """Drawings whose digit was read correctly."""
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """Numbers of pupils and durations."""

    pupils: int
    seconds: float
    warm_up: float
    away: float
    own: float
    """Seconds in which all draw with networks of their own."""
    crowd: int
    rush: float
    """Seconds within which trainings are submitted."""


def main(arguments: list[str] | None = None) -> int:
    """Measure, and print one table; return 1 if the server showed an error or a count is wrong."""
    plan, output = parse(arguments)
    begun = time.monotonic()
    with TemporaryDirectory() as home, serve(Path(home), MNIST_APP_METRICS="on") as server:
        start = Row("start to healthy", time.monotonic() - begun, "s", 10)
        rows, faults = asyncio.run(measure(server, Path(home), plan))
    report.show([start, *rows], output, faults)
    return 1 if faults or any(row.missed_by for row in rows if row.unit == "") else 0


def parse(arguments: list[str] | None) -> tuple[Plan, Path | None]:
    """Parse the command line; exit with a message if it is malformed."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.load", description="A class at work on one server."
    )
    parser.add_argument("--pupils", type=int, default=30)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--crowd", type=int, default=200, help="who connect within ten seconds")
    parser.add_argument("--quick", action="store_true", help="a few seconds, to see that it works")
    report.add_json_option(parser)
    given = parser.parse_args(arguments)
    if given.quick:
        return Plan(given.pupils, 10.0, 5.0, 5.0, 5.0, given.crowd, 10.0), given.json
    return Plan(given.pupils, 60 * given.minutes, WARM_UP, AWAY, OWN, given.crowd, RUSH_SECONDS), given.json


async def measure(server: Server, home: Path, plan: Plan) -> tuple[list[Row], list[str]]:
    """The table's rows, and what went wrong."""
    with Store(replace(Settings.from_environment(), home=home)) as store:
        return await measure_with(store, server, home, plan)


async def measure_with(store: Store, server: Server, home: Path, plan: Plan) -> tuple[list[Row], list[str]]:
    """The same, with the server's store at hand."""
    seen = Seen()
    async with visit(server.address) as first:
        await first.open()
        await first.open("train")  # starts the worker
    _, threads, processes = look(server.process_id)
    async with training(server, store, home, seen) as dataset:
        early, late, share = await lesson(server, plan, seen)
    rows = [*of_the_lesson(plan, seen, early, late), *of_the_runs(store)]
    rows.append(Row("the simulated pupils' share of one core, meanwhile", 100 * share, "%"))
    await asyncio.sleep(plan.away)
    with noting_faults(seen.faults):
        async with visit(server.address) as one:
            await one.open()
            memory_after, threads_after, processes_after = look(server.process_id)
            sessions = await asyncio.to_thread(connected_sessions, server.address)
        note = f"{memory_after:,.0f} MB in use"
        rows += [
            Row(f"after {plan.away:.0f} s: sessions besides that of one who comes", sessions - 1, "", 0),
            Row("threads more", threads_after - threads, "", 0, note=STREAMLITS_OWN),
            Row("processes more", processes_after - processes, "", 0, note=note),
        ]
    rows += await with_own_networks(server, store, home, plan, seen)
    rows.append(await crowd(server, plan.crowd, seen))
    rows += await rush(server.address, store, dataset, plan.rush, seen.faults)
    return rows, seen.faults


def connected_sessions(address: str) -> int:
    """Return the server's own count of connected sessions."""
    with urllib.request.urlopen(f"{address}/_stcore/metrics?families=active_sessions", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("active_sessions ")))


async def lesson(server: Server, plan: Plan, seen: Seen) -> tuple[float, float, float]:
    """All pupils draw; the server's memory in MB once it is warm, and at the end; what this process took."""
    begun, spent = time.monotonic(), time.process_time()
    end = begun + plan.seconds
    drawings = ten_drawings() * 2
    async with asyncio.TaskGroup() as group:
        for number in range(plan.pupils):
            begins = BETWEEN_DRAWINGS * number / plan.pupils
            group.create_task(draws(server.address, drawings[number % 10 :], begins, end, seen))
        await asyncio.sleep(min(plan.warm_up, plan.seconds / 2))
        early, _, _ = look(server.process_id)
        await asyncio.sleep(max(0.0, end - time.monotonic() - 1))
        late, _, _ = look(server.process_id)
    return early, late, (time.process_time() - spent) / (time.monotonic() - begun)


def ten_drawings() -> list[tuple[int, CanvasMessage]]:
    """Return one drawing of each digit, as the canvas sends it."""
    rng = np.random.default_rng(0)
    return [(digit, message_of(written_strokes(digit, DEFAULT_BRUSH, rng))) for digit in range(10)]


async def with_own_networks(server: Server, store: Store, home: Path, plan: Plan, seen: Seen) -> list[Row]:
    """All pupils draw, each with the network of a run of their own, which the server has yet to load."""
    runs = await asyncio.to_thread(make_networks, store, home, plan.pupils)
    drawings, own, end = ten_drawings() * 2, Seen(), time.monotonic() + plan.own
    async with asyncio.TaskGroup() as group:
        for number, run_id in enumerate(runs):
            begins = BETWEEN_DRAWINGS * number / plan.pupils
            group.create_task(draws(server.address, drawings[number % 10 :], begins, end, own, run_id))
    seen.faults += own.faults
    if not own.times:
        return [Row("each with a network of their own", note="No drawing was answered.")]
    median, high = np.percentile(own.times, [50, 95])
    memory, _, _ = look(server.process_id)
    note = f"{len(own.times):,} drawings, {len(runs)} networks of three designs; {memory:,.0f} MB in use"
    return [
        Row("drawing with a network of one's own, p50", float(median), "ms", 150, note=note),
        Row("the same, p95", float(high), "ms", 500, note=f"the slowest {max(own.times):,.0f} ms"),
    ]


async def draws(
    address: str,
    drawings: list[tuple[int, CanvasMessage]],
    begins: float,
    end: float,
    seen: Seen,
    model: str | None = None,
) -> None:
    """One pupil, who sends one drawing after another until the end; with a run's network, or the shipped."""
    await asyncio.sleep(begins)
    with noting_faults(seen.faults):
        async with visit(address) as pupil:
            if model:
                pupil.kept |= {"text": json.dumps({"model": model})}
            await pupil.open()
            number, due = 0, time.monotonic()
            while due < end:
                digit, message = drawings[number % len(drawings)]
                seen.times.append(await pupil.draw(message))
                seen.answers += pupil.digit == str(digit)
                number, due = number + 1, due + BETWEEN_DRAWINGS
                await asyncio.sleep(max(0.0, due - time.monotonic()))


@contextlib.asynccontextmanager
async def training(server: Server, store: Store, home: Path, seen: Seen) -> AsyncIterator[str]:
    """Networks are trained one after another, and watched, until the block is left; with which data set."""
    settings = replace(Settings.from_environment(), home=home)
    mnist_is_here = any(each.available for each in describe_datasets(settings) if each.name == "mnist")
    dataset = "mnist" if mnist_is_here else "synthetic"
    tasks = [asyncio.create_task(keeps_training(store, dataset))]
    tasks += [asyncio.create_task(watches(server.address, store, seen)) for _ in range(WATCHERS)]
    try:
        yield dataset
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def keeps_training(store: Store, dataset: str) -> None:
    """Have another network wait whenever none does."""
    queue = Queue(store)
    while True:
        if not queue.waiting():
            queue.submit(replace(get_preset("cnn").defaults, dataset=dataset, epochs=2), OWNER)
        await asyncio.sleep(1)


async def watches(address: str, store: Store, seen: Seen) -> None:
    """A pupil who watches whatever is being trained, in the page."""
    while True:
        running = store.runs(statuses=[Status.TRAINING], limit=1)
        if running:
            with noting_faults(seen.faults):
                times = await watch(address, running[0].id)
                seen.refreshes += times
                if not times and not store.run(running[0].id).status.ended:
                    raise ServerFault("A run that is being trained was opened, and the page stood still.")
        await asyncio.sleep(1)


async def watch(address: str, run_id: str) -> list[float]:
    """Open a run's address and look on until it ends, 20 s at most; the milliseconds of each refresh."""
    async with visit(address) as pupil:
        await pupil.open("train", f"run={run_id}")
        return await pupil.watch(20.0)


async def crowd(server: Server, count: int, seen: Seen) -> Row:
    """So many come within ten seconds, and stay; how many of them were shown the page."""
    served: list[float] = []
    end = time.monotonic() + CROWD_COMES_WITHIN

    async def comes(delay: float) -> None:
        await asyncio.sleep(delay)
        with noting_faults(seen.faults):
            async with visit(server.address) as pupil:
                served.append(await pupil.open())
                await asyncio.sleep(max(0.0, end - time.monotonic()))

    async with asyncio.TaskGroup() as group:
        for number in range(count):
            group.create_task(comes(CROWD_COMES_WITHIN * number / count))
    slowest = f"the slowest after {max(served):.1f} s" if served else "none"
    figure = f"of {count} who connect within {CROWD_COMES_WITHIN:.0f} s, served"
    return Row(figure, len(served), "", count, "at least", note=slowest)


@contextlib.contextmanager
def noting_faults(faults: list[str]) -> Iterator[None]:
    """Note one pupil's errors, and let the others continue."""
    try:
        yield
    except Exception as error:  # anything at all is a fault of the server's
        faults.append(f"{type(error).__name__}: {error}")


def of_the_lesson(plan: Plan, seen: Seen, early: float, late: float) -> list[Row]:
    """Return rows on times, faults and memory."""
    if not seen.times:
        return [Row("message to finished run", note="No drawing was answered.")]
    median, high = np.percentile(seen.times, [50, 95])
    note = f"{len(seen.times):,} drawings of {plan.pupils} pupils in {plan.seconds / 60:.1f} min"
    rows = [
        Row("drawing's message to finished run, p50", float(median), "ms", 150, note=note),
        Row("the same, p95", float(high), "ms", 500, note=f"the slowest {max(seen.times):,.0f} ms"),
        Row("read as the digit that was written", 100 * seen.answers / len(seen.times), "%"),
        Row("errors shown, or silence", len(seen.faults), "", 0),
        Row(
            "growth of the server's memory after the first two minutes",
            100 * (late / early - 1),
            "%",
            5,
            note=f"{early:,.0f} → {late:,.0f} MB",
        ),
    ]
    if seen.refreshes:
        median, high = np.percentile(seen.refreshes, [50, 95])
        rows.append(
            Row(
                "refresh of a watched run, p50",
                float(median),
                "ms",
                note=f"p95 {high:,.0f} ms; {WATCHERS} watch",
            )
        )
    return rows


def of_the_runs(store: Store) -> list[Row]:
    """Return rows on whether every submitted run is there and none failed."""
    runs = store.runs()
    lost = [run for run in runs if run.status in {Status.FAILED, Status.INTERRUPTED, Status.DIVERGED}]
    finished = sum(run.status is Status.FINISHED for run in runs)
    return [Row("runs that broke off", len(lost), "", 0, note=f"{finished} were finished meanwhile")]


if __name__ == "__main__":
    raise SystemExit(main())
