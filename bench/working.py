"""Twenty networks trained and drawn with, one after another, and what of them stays in the server."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page
from serving import Server, serve

from bench.browsing import chromium, open_draw_page
from bench.measurement import NotHere, Options, Row
from bench.memory import resident_memory
from mnist_app.learning.data.datasets import describe_datasets
from mnist_app.settings import Settings

RUNS = 20
IMAGES = 2000


def measure(options: Options) -> list[Row]:
    """Return memory, threads and processes of the server after the first network, and after all of them."""
    if not Path("/proc/self/status").is_file():
        raise NotHere("memory, threads and processes are read from /proc, which only Linux has.")
    with TemporaryDirectory() as home, serve(Path(home)) as server, chromium() as browser:
        page = open_draw_page(browser, server.address)
        before = []
        for number in range(4 if options.quick else RUNS):
            train_and_use(page, server, number)
            if number == 0:
                before = look(server.process_id)
        after = look(server.process_id)
    (memory, threads, processes), (more_memory, more_threads, more_processes) = before, after
    growth = 100 * (more_memory / memory - 1)
    note = f"{memory:,.0f} MB after the first, {more_memory:,.0f} MB after the last"
    return [
        Row(f"server's growth over {RUNS} runs and models", growth, "%", 10, note=note),
        Row("threads more", more_threads - threads, "", 0, note=f"{more_threads} after the last"),
        Row("processes more", more_processes - processes, "", 0, note="the worker is the only other one"),
    ]


def train_and_use(page: Page, server: Server, number: int) -> None:
    """Train a small network from the page and draw with it."""
    status = {each.name: each.available for each in describe_datasets(Settings.from_environment())}
    dataset = "mnist" if status["mnist"] else "synthetic"
    page.goto(
        f"{server.address}/train?preset=dense&epochs=1&train_size={IMAGES}&seed={number}&dataset={dataset}"
    )
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_text("Done.").wait_for()
    page.get_by_role("button", name="Draw with it").click()
    page.get_by_text("Your network", exact=True).wait_for()
    before = page.evaluate("bench.changes.length")
    page.get_by_role("button", name="Draw one for me").click()
    page.wait_for_function("before => bench.changes.length > before", arg=before)


def look(process_id: int) -> tuple[float, int, int]:
    """Return a process's memory in MB, its threads, and the processes below it."""
    threads = len(os.listdir(f"/proc/{process_id}/task"))
    return resident_memory(process_id), threads, len(processes_below(process_id))


def processes_below(process_id: int) -> list[int]:
    """Return a process's children and their descendants."""
    children: list[int] = []
    for task in Path(f"/proc/{process_id}/task").iterdir():
        children += [int(child) for child in (task / "children").read_text(encoding="ascii").split()]
    return children + [below for child in children for below in processes_below(child)]
