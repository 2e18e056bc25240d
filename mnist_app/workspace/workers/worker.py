"""The program that trains runs one after another. The server starts it.

It writes three words to standard output: `worker NAME` at the start, `ready` when it can train at once, and
`alive` every few seconds while it makes progress. When its standard input ends, its server has ended, and so
the worker ends, even during a training. `warm_up` imports TensorFlow; this module does not.
"""

import contextlib
import logging
import os
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import IO, TextIO

import numpy as np

from mnist_app.errors import AppError, DatasetUnavailable
from mnist_app.learning.data.datasets import Dataset, load_dataset
from mnist_app.learning.data.mnist_file import SHAPES
from mnist_app.learning.training.presets import PRESETS
from mnist_app.settings import Settings
from mnist_app.workspace.runs.queue import Queue
from mnist_app.workspace.runs.records import Lease, Status
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.workers.leftovers import remove_leftovers
from mnist_app.workspace.workers.pulse import STALLED_SECONDS, Pulse, say

RUNS = 20
"""Runs after which a worker ends, and another one takes its place."""
POLL_SECONDS = 0.25
"""Seconds between two looks at an empty queue."""
GRACE_SECONDS = 5.0
"""Seconds that a training has to end in order after the server has ended."""
NICENESS = 10

logger = logging.getLogger(__name__)


def run_worker(
    settings: Settings,
    stdin: IO[bytes] | TextIO,
    stdout: TextIO = sys.stdout,
    *,
    most_runs: int = RUNS,
    stalled_after: float = STALLED_SECONDS,
) -> None:
    """Train the runs of the store one after another, until `stdin` ends or `most_runs` are trained.

    Args:
        settings: Name the store.
        stdin: The pipe that ends with the server.
        stdout: The stream that the server reads.
        most_runs: Number of runs after which the worker ends.
        stalled_after: Seconds without progress after which the pulse stops.

    Raises:
        StorageUnavailable, InvalidSetting: The store cannot be opened.
    """
    name = worker_name()
    say(stdout, f"worker {name}")
    pulse = Pulse(stdout, stalled_after)
    pulse.start()
    _lower_priority()
    remove_leftovers(settings)
    store = Store(settings)
    server_ended, done = threading.Event(), threading.Event()
    end_in_order_on_signals(server_ended)
    start_thread(lambda: wait_for_end(stdin, server_ended))
    start_thread(lambda: _end_at_last(store, name, server_ended, done))
    try:
        datasets = Datasets(settings)
        warm_up(datasets, thoroughly=Queue(store).waiting() == 0)
        say(stdout, "ready")
        _Worker(name, settings, store, datasets, server_ended, pulse).work(most_runs)
    finally:
        done.set()
        store.close()


def main() -> int:
    """Run `python -m mnist_app worker`, and return its exit code: 0, or 1 after an error was logged."""
    logging.basicConfig(level=logging.INFO, format="worker: %(message)s")
    # TensorFlow warns that every run traces its own functions, which is intended here.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    try:
        run_worker(Settings.from_environment(), sys.stdin)
    except AppError as error:
        logger.error("%s", error)
        return 1
    return 0


class Datasets:
    """Data sets, each loaded once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._loaded: dict[str, Dataset] = {}

    def load(self, name: str) -> Dataset:
        """Return a data set by its name; raise what `load_dataset` raises."""
        if name not in self._loaded:
            self._loaded[name] = load_dataset(name, self._settings)
        return self._loaded[name]

    def load_mnist_if_here(self) -> None:
        """Load MNIST if this needs no download."""
        with contextlib.suppress(DatasetUnavailable):
            self._loaded["mnist"] = load_dataset("mnist", self._settings, allow_download=False)


def warm_up(datasets: Datasets, *, thoroughly: bool) -> None:
    """Import TensorFlow and load MNIST, so that the next run starts quickly.

    Args:
        datasets: Loads MNIST.
        thoroughly: Whether to train for a moment too, because the first training of a process is slow.
    """
    from mnist_app.learning.training.presets import build_model
    from mnist_app.learning.training.training import Observer, train
    from mnist_app.workspace.workers import execution  # noqa: F401 (imported early for the next run)

    datasets.load_mnist_if_here()
    if thoroughly:
        images, labels = np.zeros((64, 28, 28), np.uint8), np.arange(64, dtype=np.uint8) % 10
        config = replace(PRESETS["cnn"].defaults, epochs=1)
        train(build_model("cnn"), Dataset("", "", "", images, labels, images, labels), config, Observer())


def digits_to_write() -> Iterator[bool]:
    """Draw the digits that a preset mixes in with MNIST, a block at a time, and yield True after each.

    All of them take seconds. The worker draws a block whenever no run waits.
    """
    from mnist_app.learning.training.input_pipeline import WRITTEN_BLOCK, written_digits

    count = max(round(SHAPES["x_train"][0] * preset.written_share) for preset in PRESETS.values())
    for written in range(0, count, WRITTEN_BLOCK):
        written_digits(min(written + WRITTEN_BLOCK, count))
        yield True


def worker_name() -> str:
    """Return a unique name, which contains the host and the process id."""
    return f"{socket.gethostname()[:30]}:{os.getpid()}:{secrets.token_hex(4)}"


@dataclass(frozen=True)
class _Worker:
    """A worker that is warm."""

    name: str
    settings: Settings
    store: Store
    datasets: Datasets
    server_ended: threading.Event
    pulse: Pulse

    def work(self, most_runs: int) -> None:
        """Train up to `most_runs` runs, and draw digits while no run waits."""
        to_write = digits_to_write()
        count = 0
        while count < most_runs and not self.server_ended.is_set():
            self.pulse.progress()
            try:
                lease = self.store.claim(self.name)
                if lease is None:
                    if not next(to_write, False):
                        self.server_ended.wait(POLL_SECONDS)
                    continue
                count += 1
                self._train(lease)
            except AppError as error:
                # The store cannot be reached, or the lease was lost. Try again, perhaps with the next run.
                logger.warning("%s", error)
                self.server_ended.wait(1.0)

    def _train(self, lease: Lease) -> None:
        import keras

        from mnist_app.workspace.workers.execution import carry_out
        from mnist_app.workspace.workers.training_progress import TrainingProgress

        carry_out(
            lease,
            self.store,
            self.settings,
            observer=TrainingProgress(self.pulse),
            load=self.datasets.load,
            interrupt=self.server_ended,
        )
        keras.utils.clear_session()


def wait_for_end(stdin: IO[bytes] | TextIO, server_ended: threading.Event) -> None:
    """Read the server's pipe until its end, then set `server_ended`."""
    # os.read, because the interpreter cannot end while a thread is in a buffered read.
    while os.read(stdin.fileno(), 1024):
        pass
    server_ended.set()


def _end_at_last(store: Store, name: str, server_ended: threading.Event, done: threading.Event) -> None:
    """Force the process to end if it does not end in order after its server has ended."""
    server_ended.wait()
    if not done.wait(GRACE_SECONDS):
        with contextlib.suppress(AppError):
            store.end_runs_of(
                name, Status.INTERRUPTED, "The server ended before the training; it can be continued."
            )
        os._exit(0)


def end_in_order_on_signals(server_ended: threading.Event) -> None:
    """Set `server_ended` at SIGTERM and SIGINT."""
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: server_ended.set())


def _lower_priority() -> None:
    """Give live answers priority over training. On Windows the supervisor sets the priority."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)


def start_thread(target: Callable[[], None]) -> None:
    """Run a function on a daemon thread."""
    threading.Thread(target=target, daemon=True).start()


if __name__ == "__main__":
    code = main()
    logging.shutdown()
    os._exit(code)  # at once, because TensorFlow's own clean-up takes seconds for nothing
