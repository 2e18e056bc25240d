"""Time that the command line takes to show its help."""

import statistics
import subprocess
import sys
import time

from bench.measurement import Options, Row
from mnist_app.settings import PROJECT

TIMES = 7


def measure(options: Options) -> list[Row]:
    """Return the median time of the whole process."""
    times = [seconds_of_help() for _ in range(3 if options.quick else TIMES)]
    note = f"median of {len(times)}, slowest {max(times):.2f} s"
    return [Row("python -m mnist_app --help", statistics.median(times), "s", 1, note=note)]


def seconds_of_help() -> float:
    """Return the process's seconds from start to end; raise `CalledProcessError` if it fails."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "mnist_app", "--help"]
    subprocess.run(command, cwd=PROJECT, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start
