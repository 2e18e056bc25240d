"""`make run` on a machine that is set up, with a browser waiting for it."""

import os
import signal
import statistics
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import set_up
from playwright.sync_api import Browser
from serving import free_port, wait_until_healthy

from bench.browsing import SEVEN, chromium, draw, new_page
from bench.measurement import NotHere, Options, Row
from mnist_app.settings import PROJECT

STARTS = 5


def measure(options: Options) -> list[Row]:
    """Return the median of several starts, each with a new visitor in a browser that runs already."""
    if set_up.digest(PROJECT, "app") not in set_up.installed(PROJECT / ".venv"):
        raise NotHere(f"{PROJECT / '.venv'} is not set up; `make bench` does that first.")
    with chromium() as browser:
        starts = [seconds_of_start(browser) for _ in range(1 if options.quick else STARTS)]
    canvas, prediction = zip(*starts, strict=True)
    return [
        Row("make run to the canvas on the screen", statistics.median(canvas), "s", 4, note=spread(canvas)),
        Row("make run to a prediction", statistics.median(prediction), "s", 9, note=spread(prediction)),
    ]


def spread(times: tuple[float, ...]) -> str:
    """Return the range around the median, in words."""
    return f"median of {len(times)}, slowest {max(times):.1f} s"


def seconds_of_start(browser: Browser) -> tuple[float, float]:
    """Return the seconds from `make run` to the canvas, and to the answer to a 7 drawn on it at once."""
    page = new_page(browser)
    with TemporaryDirectory() as home:
        start = time.time()
        with make_run(Path(home)) as address:
            page.goto(address, wait_until="commit")
            page.wait_for_function("bench.canvasShown !== null")
            draw(page, SEVEN)
            page.wait_for_function("bench.firstDigit()")
            canvas = page.evaluate("bench.canvasShown")
            prediction = page.evaluate("performance.timeOrigin + bench.firstDigit().time")
    page.close()
    return canvas / 1000 - start, prediction / 1000 - start


@contextmanager
def make_run(home: Path) -> Iterator[str]:
    """Serve the app as `make run` does; yield its address once it answers."""
    port, log = free_port(), home / "make.log"
    # Neither a window of its own, nor what a make around this one says to the makes within it.
    left_out = {"DISPLAY", "WAYLAND_DISPLAY", "MAKEFLAGS", "MFLAGS", "MAKELEVEL"}
    environment = {name: value for name, value in os.environ.items() if name not in left_out}
    environment |= {"PORT": str(port), "MNIST_APP_HOME": str(home)}
    address = f"http://localhost:{port}"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            ["make", "run"],
            cwd=PROJECT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        try:
            wait_until_healthy(address, process, log)
            yield address
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
