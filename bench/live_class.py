"""`python -m bench.live_class`: a class that draws without pause while a network is trained.

Each pupil draws as the page does: asks the live socket about the strokes so far, as soon as the server says
that it may, and sends the canvas's message after the last pen-up. One visitor walks through the pages. The
training's speed is compared with its speed before the pupils came.

The pupils are simulated on the same machine, so their processor time counts against the server. The table
says how much it is.
"""

import argparse
import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import websockets
from serving import Server, serve

from bench import report
from bench.load import noting_faults, ten_drawings
from bench.measurement import Row
from bench.pupil import Pupil, visit
from bench.working import look
from mnist_app.learning.data.datasets import describe_datasets
from mnist_app.learning.training.presets import get_preset
from mnist_app.settings import Settings
from mnist_app.ui.session.draw_page import CanvasMessage
from mnist_app.workspace.runs.queue import Queue
from mnist_app.workspace.runs.records import Status
from mnist_app.workspace.runs.run_store import Store

PAUSE = 0.016
"""Seconds between two moves of a pen."""
COMMANDS_PER_MOVE = 0.5
"""A digit of some 80 points takes somewhat longer than two seconds."""
WARM_UP = 120.0
"""Seconds until memory is first measured."""
PAGES = ("train", "runs", "learn", "class_drawings", "")
BETWEEN_PAGES = 1.0
OWNER = "live class"


@dataclass
class Seen:
    """Events of the pupils."""

    rates: list[float] = field(default_factory=list)
    """Answers per second of drawing, of each pupil."""
    waits: list[float] = field(default_factory=list)
    """Milliseconds from each question to its answer."""
    page_runs: list[float] = field(default_factory=list)
    """Milliseconds from each finished drawing's message to the end of the run that it caused."""
    openings: list[float] = field(default_factory=list)
    """Milliseconds in which each page was shown to the visitor."""
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """Numbers of pupils and durations in seconds."""

    pupils: int
    seconds: float
    warm_up: float


def main(arguments: list[str] | None = None) -> int:
    """Measure, and print one table; return 1 if the server showed an error."""
    plan, output = parse(arguments)
    with TemporaryDirectory() as home, serve(Path(home)) as server:
        rows, faults = asyncio.run(measure(server, Path(home), plan))
    report.show(rows, output, faults)
    return 1 if faults else 0


def parse(arguments: list[str] | None) -> tuple[Plan, Path | None]:
    """Parse the command line; exit with a message if it is malformed."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.live_class", description="A class that draws without pause."
    )
    parser.add_argument("--pupils", type=int, default=30)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--quick", action="store_true", help="a few seconds, to see that it works")
    report.add_json_option(parser)
    given = parser.parse_args(arguments)
    if given.quick:
        return Plan(given.pupils, 10.0, 5.0), given.json
    return Plan(given.pupils, 60 * given.minutes, min(WARM_UP, 30 * given.minutes)), given.json


async def measure(server: Server, home: Path, plan: Plan) -> tuple[list[Row], list[str]]:
    """Return the table's rows, and what went wrong."""
    seen = Seen()
    with Store(replace(Settings.from_environment(), home=home)) as store:
        async with visit(server.address) as first:
            await first.open()
            await first.open("train")  # starts the worker
            async with training(store) as run_id:
                alone = await speed(store, run_id, min(plan.warm_up, 30.0))
                begun, spent = time.monotonic(), time.process_time()
                early, late, beside = await lesson(server, store, run_id, plan, seen)
                share = (time.process_time() - spent) / (time.monotonic() - begun)
    note = f"{alone:,.0f} → {beside:,.0f} images a second"
    rows = rows_of(plan, seen, early, late)
    rows.append(
        Row("training beside them, of its speed alone", 100 * beside / alone, "%", 50, "at least", note)
    )
    rows.append(Row("the simulated pupils' share of one core, meanwhile", 100 * share, "%"))
    return rows, seen.faults


@contextlib.asynccontextmanager
async def training(store: Store) -> AsyncIterator[str]:
    """Train a network that takes longer than the measurement, until the block is left; its run's id."""
    mnist_is_here = any(
        each.available for each in describe_datasets(Settings.from_environment()) if each.name == "mnist"
    )
    defaults = get_preset("cnn").defaults
    queue = Queue(store)
    run = queue.submit(replace(defaults, dataset="mnist" if mnist_is_here else "synthetic", epochs=50), OWNER)
    try:
        while store.run(run.id).status is not Status.TRAINING:
            await asyncio.sleep(0.2)
        yield run.id
    finally:
        queue.cancel(run.id)


async def speed(store: Store, run_id: str, seconds: float) -> float:
    """Return the mean of what the run says of its speed, in images a second, over so many seconds."""
    speeds = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        await asyncio.sleep(1)
        now = (await asyncio.to_thread(store.run, run_id)).images_per_second
        speeds += [now] if now else []
    return float(np.mean(speeds)) if speeds else float("nan")


async def lesson(
    server: Server, store: Store, run_id: str, plan: Plan, seen: Seen
) -> tuple[float, float, float]:
    """Have all pupils draw.

    Returns:
        The server's memory in MB once it is warm and at the end, and the training's images a second.
    """
    end = time.monotonic() + plan.seconds
    drawings = ten_drawings() * 2
    async with asyncio.TaskGroup() as group:
        for number in range(plan.pupils):
            group.create_task(draws(server.address, drawings[number % 10 :], end, seen))
        group.create_task(walks(server.address, end, seen))
        await asyncio.sleep(min(plan.warm_up, plan.seconds / 2))
        early, _, _ = look(server.process_id)
        beside = await speed(store, run_id, end - time.monotonic() - 1)
        late, _, _ = look(server.process_id)
    return early, late, beside


async def draws(address: str, drawings: list[tuple[int, CanvasMessage]], end: float, seen: Seen) -> None:
    """One pupil, who draws one digit after another until the end."""
    answers, seconds, number = 0, 0.0, 0
    with noting_faults(seen.faults):
        async with visit(address) as pupil:
            await pupil.open()
            async with live_socket(address, pupil) as socket:
                while time.monotonic() < end:
                    _, message = drawings[number % len(drawings)]
                    number += 1
                    begun = time.monotonic()
                    answers += await draw_live(socket, pupil, message, seen)
                    seconds += time.monotonic() - begun
                    seen.page_runs.append(await pupil.draw(message))
                    await pupil.press("Clear")
    seen.rates.append(answers / seconds if seconds else 0.0)


@contextlib.asynccontextmanager
async def live_socket(address: str, pupil: Pupil) -> AsyncIterator[websockets.ClientConnection]:
    """The socket that the pupil's page asks while the pen moves."""
    live = f"{address.replace('http', 'ws', 1)}{pupil.live['path']}?ticket={pupil.live['ticket']}"
    async with websockets.connect(live, origin=websockets.Origin(address)) as socket:
        yield socket


async def draw_live(
    socket: websockets.ClientConnection, pupil: Pupil, message: CanvasMessage, seen: Seen
) -> int:
    """Move the pen along a drawing and ask as the page does; the number of answers."""
    objects = message.json_data["objects"]
    whole = sum(len(each["path"]) for each in objects)
    begun, answers, drawn = time.monotonic(), 0, 0
    while drawn < whole:
        drawn = min(whole, 2 + int(COMMANDS_PER_MOVE * (time.monotonic() - begun) / PAUSE))
        asked = time.perf_counter()
        question = {"drawing": pupil.live["drawing"], "strokes": begun_strokes(objects, drawn)}
        await socket.send(json.dumps(question))
        answer = json.loads(await socket.recv())
        seen.waits.append(1000 * (time.perf_counter() - asked))
        answers += "answer" in answer
        await asyncio.sleep(max(answer["wait"] / 1000, PAUSE))
    return answers


def begun_strokes(objects: list[dict[str, Any]], commands: int) -> list[dict[str, Any]]:
    """Return the strokes of a drawing as far as the pen has come after so many path commands."""
    strokes = []
    for each in objects:
        path = each["path"][:commands]
        if len(path) > 1:
            strokes.append({**each, "path": path})
        commands -= len(path)
    return strokes


async def walks(address: str, end: float, seen: Seen) -> None:
    """Open one page after another until the end."""
    with noting_faults(seen.faults):
        async with visit(address) as visitor:
            await visitor.open()
            number = 0
            while time.monotonic() < end:
                seen.openings.append(1000 * await visitor.open(PAGES[number % len(PAGES)]))
                number += 1
                await asyncio.sleep(BETWEEN_PAGES)


def rows_of(plan: Plan, seen: Seen, early: float, late: float) -> list[Row]:
    """Return rows on answers, pages, faults and memory."""
    waits, pages = seen.waits or [np.nan], [*seen.page_runs, *seen.openings] or [np.nan]
    rates = seen.rates or [0.0]
    note = f"{len(waits):,} questions of {plan.pupils} pupils; the median pupil {np.median(rates):.1f}"
    return [
        Row("answers a second to the pupil who gets fewest", min(rates), "", 4, "at least", note),
        Row(
            "question to answer, p95",
            float(np.percentile(waits, 95)),
            "ms",
            note=f"p50 {np.median(waits):.0f} ms",
        ),
        Row(
            "pages meanwhile, p95",
            float(np.percentile(pages, 95)),
            "ms",
            500,
            note=f"p50 {np.median(pages):.0f} ms",
        ),
        Row("errors shown, or silence", len(seen.faults), "", 0),
        Row(
            "growth of the server's memory once it is warm",
            100 * (late / early - 1),
            "%",
            5,
            note=f"{early:,.0f} → {late:,.0f} MB",
        ),
    ]


if __name__ == "__main__":
    raise SystemExit(main())
