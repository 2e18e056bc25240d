"""The program that trains: claims a run, carries it out, claims the next. Started by the server.

It says on standard output who it is (`worker NAME`), when it is warm (`ready`) and that it is getting on
(`alive`, every few seconds), and reads nothing but the end of its standard input: when that comes, its
server is gone and it ends, in the midst of a training too. TensorFlow is imported by `warm_up`, not with
this module.
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
from dataclasses import replace
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
"""After so many runs a worker ends, for another one to take its place."""
POLL_SECONDS = 0.25
"""Between two looks at an empty queue."""
GRACE_SECONDS = 5.0
"""How long a training may take to end in order when the server is gone."""
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
    """Train the runs of the store one after another, until `stdin` ends or `most_runs` are done.

    Args:
        settings: name the store.
        stdin: the pipe that ends with the server.
        stdout: where the server listens.
        most_runs: how many runs are trained.
        stalled_after: seconds without progress after which the pulse stops.

    Raises:
        StorageUnavailable, InvalidSetting: the store cannot be opened.
    """
    name = worker_name()
    say(stdout, f"worker {name}")
    pulse = Pulse(stdout, stalled_after)
    pulse.start()
    _lower_priority()
    remove_leftovers(settings)
    store = Store(settings)
    gone, done = threading.Event(), threading.Event()
    end_in_order_on_signals(gone)
    start_thread(lambda: wait_for_end(stdin, gone))
    start_thread(lambda: _end_at_last(store, name, gone, done))
    try:
        datasets = Datasets(settings)
        warm_up(datasets, thoroughly=Queue(store).waiting() == 0)
        say(stdout, "ready")
        _work(store, settings, datasets, name, gone, most_runs, pulse)
    finally:
        done.set()
        store.close()


def main() -> int:
    """What `python -m mnist_app worker` does; 0 when all went well, 1 with a line of why not."""
    logging.basicConfig(level=logging.INFO, format="worker: %(message)s")
    # Every run traces its own functions, which TensorFlow takes for a mistake.
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
        """The data set of that name; raises what `load_dataset` raises."""
        if name not in self._loaded:
            self._loaded[name] = load_dataset(name, self._settings)
        return self._loaded[name]

    def load_mnist_if_here(self) -> None:
        """Load MNIST, but do not go and fetch it."""
        with contextlib.suppress(DatasetUnavailable):
            self._loaded["mnist"] = load_dataset("mnist", self._settings, allow_download=False)


def warm_up(datasets: Datasets, *, thoroughly: bool) -> None:
    """Import TensorFlow and load MNIST; thoroughly: train a moment too, for a first training is slow."""
    from mnist_app.learning.training.presets import build_model
    from mnist_app.learning.training.training import Observer, train
    from mnist_app.workspace.workers import execution  # noqa: F401 (imported for the next run to be quick)

    datasets.load_mnist_if_here()
    if thoroughly:
        images, labels = np.zeros((64, 28, 28), np.uint8), np.arange(64, dtype=np.uint8) % 10
        config = replace(PRESETS["cnn"].defaults, epochs=1)
        train(build_model("cnn"), Dataset("", "", "", images, labels, images, labels), config, Observer())


def digits_to_write() -> Iterator[bool]:
    """Write what a preset mixes in with MNIST, a little at each step, and say so: it takes seconds in all."""
    from mnist_app.learning.training.input_pipeline import WRITTEN_BLOCK, written_digits

    count = max(round(SHAPES["x_train"][0] * preset.written_share) for preset in PRESETS.values())
    for written in range(0, count, WRITTEN_BLOCK):
        written_digits(min(written + WRITTEN_BLOCK, count))
        yield True


def worker_name() -> str:
    """A name that no other worker has, telling machine and process."""
    return f"{socket.gethostname()[:30]}:{os.getpid()}:{secrets.token_hex(4)}"


def _work(  # noqa: PLR0913 (what a worker is made of)
    store: Store,
    settings: Settings,
    datasets: Datasets,
    name: str,
    gone: threading.Event,
    most_runs: int,
    pulse: Pulse,
) -> None:
    to_write = digits_to_write()
    count = 0
    while count < most_runs and not gone.is_set():
        pulse.progress()
        try:
            lease = store.claim(name)
            if lease is None:
                if not next(to_write, False):
                    gone.wait(POLL_SECONDS)
                continue
            count += 1
            _train(lease, store, settings, datasets, gone, pulse)
        except AppError as error:
            # The store is out of reach, or the run was taken away: later, or the next one.
            logger.warning("%s", error)
            gone.wait(1.0)


def _train(  # noqa: PLR0913
    lease: Lease,
    store: Store,
    settings: Settings,
    datasets: Datasets,
    gone: threading.Event,
    pulse: Pulse,
) -> None:
    import keras

    from mnist_app.workspace.workers.execution import carry_out
    from mnist_app.workspace.workers.training_progress import TrainingProgress

    observer = TrainingProgress(pulse)
    carry_out(lease, store, settings, observer=observer, load=datasets.load, gone=gone)
    keras.utils.clear_session()


def wait_for_end(stdin: IO[bytes] | TextIO, gone: threading.Event) -> None:
    """Set `gone` when the pipe ends that the server holds: by itself or because the server ended."""
    # os.read, because a thread in a buffered read would keep the interpreter from ending.
    while os.read(stdin.fileno(), 1024):
        pass
    gone.set()


def _end_at_last(store: Store, name: str, gone: threading.Event, done: threading.Event) -> None:
    """End the process, however busy it is, when its server is gone and it does not end in order."""
    gone.wait()
    if not done.wait(GRACE_SECONDS):
        with contextlib.suppress(AppError):
            store.end_runs_of(
                name, Status.INTERRUPTED, "Its server ended before it did; it can be continued."
            )
        os._exit(0)


def end_in_order_on_signals(gone: threading.Event) -> None:
    """Set `gone` when the process is asked to end."""
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: gone.set())


def _lower_priority() -> None:
    """Let drawing go before training. On Windows the supervisor sets the priority."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)


def start_thread(target: Callable[[], None]) -> None:
    """Have something done beside the rest, for as long as the process lives."""
    threading.Thread(target=target, daemon=True).start()


if __name__ == "__main__":
    code = main()
    logging.shutdown()
    os._exit(code)  # at once: taking TensorFlow down in order takes seconds and is of no use
