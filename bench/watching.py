"""Watching a training in the page: how soon it begins and stops, and the cost of watching."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from playwright.sync_api import Browser, Page, WebSocket
from serving import Server, serve

from bench.browsing import chromium, new_page, open_draw_page
from bench.measurement import Options, Row
from bench.page import SEED, WARM_UP, one_stroke_digit, time_of_stroke
from mnist_app.settings import PROJECT, Settings
from mnist_app.workspace.runs.run_store import Store

BEGUN = """
() => {
  const line = document.querySelector('[aria-label^="Loss over"] .mark-line path')?.getAttribute("d") ?? "";
  return /[ML]/.test(line) ? performance.now() - bench.pressed : null;
}
"""
"""Milliseconds from Train to the first point of the loss, once there is one."""
STOPPED = """
() => /Stopped (after|before)/.test(document.body.innerText) ? performance.now() - bench.pressed : null
"""
KEPT = "() => sessionStorage.getItem('mnist-app.draw-page')?.includes('json_data')"
"""Script that returns whether the browser has kept the drawing, a moment after its answer is shown."""
WARM_RUNS = ("dense", "cnn", "accurate")
DRAWN_WHILE_TRAINING = 30
WARMING = 15
"""Seconds until a worker is warm: it may have a stopped network to test and digits to write."""
LATE = 0.8
"""Share of a run after which it is late."""
WATCHED_SECONDS = 6
GAP = 0.3
"""Seconds without a message between two refreshes."""


def measure(options: Options) -> list[Row]:
    """Measure on one server the first training, then others with a warm worker, then drawing beside one."""
    with TemporaryDirectory() as folder, chromium() as browser:
        home = Path(folder)
        with serve(home) as server:
            cold, _ = train_and_stop(browser, server, "cnn", settling=0)
            warm = {preset: train_and_stop(browser, server, preset, WARMING) for preset in WARM_RUNS}
            beside = pen_up_while_training(browser, server, 5 if options.quick else DRAWN_WHILE_TRAINING)
            refresh = late_refresh(browser, server, home, 5 if options.quick else 50)
    stops = [stopped for _, stopped in warm.values()]
    return [
        Row("Train to first point, cold worker", cold, "s", 10, note="cnn, the page opened just before"),
        *(
            Row(f"Train to first point, warm worker, {preset}", begun, "s", 3)
            for preset, (begun, _) in warm.items()
        ),
        Row("Stop to stopped", max(stops), "s", 2, note=f"the slowest of {len(stops)}"),
        Row("pen-up to new digit while a run trains, p50", float(np.median(beside)), "ms", 350, note="cnn"),
        *refresh,
    ]


def train_and_stop(browser: Browser, server: Server, preset: str, settling: float) -> tuple[float, float]:
    """Return the seconds from Train to the first point, and from Stop to stopped, for a run of 200 epochs.

    Train is pressed when the page has been open for `settling` seconds.
    """
    page = new_page(browser)
    page.goto(f"{server.address}/train?preset={preset}&epochs=200")
    page.get_by_role("button", name="Train", exact=True).wait_for()
    page.wait_for_timeout(1000 * settling)
    begun = begin(page)
    press(page, "Stop")
    stopped = page.wait_for_function(STOPPED).json_value() / 1000
    page.close()
    return begun, stopped


def begin(page: Page) -> float:
    """Press Train; return the seconds until the first point."""
    press(page, "Train")
    return float(page.wait_for_function(BEGUN).json_value()) / 1000


def press(page: Page, name: str) -> None:
    """Press a button and note the time in the page."""
    button = page.get_by_role("button", name=name, exact=True)
    button.wait_for()
    button.evaluate("button => { bench.pressed = performance.now(); button.click(); }")


def pen_up_while_training(browser: Browser, server: Server, count: int) -> list[float]:
    """Return milliseconds from pen-up to the new digit in one tab, while another watches a training."""
    watching = new_page(browser)
    watching.goto(f"{server.address}/train?preset=cnn&epochs=200")
    begin(watching)
    rng = np.random.default_rng(SEED)
    page = open_draw_page(browser, server.address)
    times = [time_of_stroke(page, one_stroke_digit(rng)) for _ in range(WARM_UP + count)][WARM_UP:]
    page.close()
    press(watching, "Stop")
    watching.wait_for_function(STOPPED)
    watching.close()
    return times


def late_refresh(browser: Browser, server: Server, home: Path, epochs: int) -> list[Row]:
    """Measure a second of watching late in a run: the bytes sent, and the time on the server."""
    page = open_draw_page(browser, server.address)
    page.wait_for_function(KEPT)  # what is drawn there goes along as the watched digit
    with messages(page) as seen:
        page.goto(f"{server.address}/train?preset=dense&epochs={epochs}")
        page.get_by_role("checkbox", name="Watch my digit").wait_for()
        begin(page)
        run_id = page.url.split("run=")[1].split("&")[0]
        wait_until_late(page, home, run_id)
        seen.clear()
        page.wait_for_timeout(1000 * WATCHED_SECONDS)
        largest = max(refreshes(seen))
    page.close()
    note = f"dense, {epochs} epochs, a digit watched, {LATE:.0%} or more of it done"
    return [
        Row("a refresh late in a run, to the browser", largest / 1000, "kB", 60, note=f"{note}; the largest"),
        Row("a refresh late in a run, on the server, p50", time_on_server(home, run_id), "ms", 50, note=note),
    ]


@contextmanager
def messages(page: Page) -> Iterator[list[tuple[float, int]]]:
    """Record when the server sent something to the page, and how many bytes."""
    seen: list[tuple[float, int]] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda data: seen.append((time.monotonic(), len(data))))

    page.on("websocket", listen)
    yield seen
    page.remove_listener("websocket", listen)


def refreshes(seen: list[tuple[float, int]]) -> list[int]:
    """Return the bytes of each refresh, a group of messages that follow one another closely."""
    sizes, last = [0], 0.0
    for moment, size in seen:
        if moment - last > GAP:
            sizes.append(0)
        sizes[-1] += size
        last = moment
    return sizes


def wait_until_late(page: Page, home: Path, run_id: str) -> None:
    """Wait until the store says that the run is nearly done, while the page goes on."""
    store = Store(replace(Settings.from_environment(), home=home))
    while (run := store.run(run_id)).epoch < LATE * run.config.epochs and not run.status.ended:
        page.wait_for_timeout(100)
    store.close()


def time_on_server(home: Path, run_id: str) -> float:
    """Return the milliseconds that the page takes to show the run, in a process of its own."""
    command = [sys.executable, "-m", "bench.refresh", run_id]
    environment = {**os.environ, "MNIST_APP_HOME": str(home)}
    answer = subprocess.run(
        command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return float(answer.stdout.splitlines()[-1])
