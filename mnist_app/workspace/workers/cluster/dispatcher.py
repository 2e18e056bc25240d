"""The program that trains waiting runs on a Ray cluster. The server starts it in the worker's place.

It writes to standard output: `ready` when the cluster can train, `fault` with a sentence when it cannot and
the runs wait, and `alive` every few seconds. It ends when its standard input ends, and its tasks end with it.
Their runs go back into the queue with their checkpoints, for any server's next dispatcher. A task cannot
outlive its dispatcher, because nobody would notice when its node died, and because after an update the task
would be of the old version.
"""

import contextlib
import logging
import os
import secrets
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, TextIO

from mnist_app.errors import AppError, ClusterUnavailable
from mnist_app.settings import Settings
from mnist_app.workspace.runs.leases import ON_CLUSTER
from mnist_app.workspace.runs.queue import Queue
from mnist_app.workspace.runs.records import ACTIVE, Run
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.workers.cluster.engines import Cluster, Task
from mnist_app.workspace.workers.cluster.recovery import Recovery
from mnist_app.workspace.workers.leftovers import remove_leftovers
from mnist_app.workspace.workers.pulse import Pulse, say
from mnist_app.workspace.workers.worker import (
    GRACE_SECONDS,
    end_in_order_on_signals,
    start_thread,
    wait_for_end,
)

POLL_SECONDS = 0.25
"""Seconds between two looks at the queue and the cluster."""
RETRY_SECONDS = 5.0
"""Seconds between two attempts to connect, and of pause after a node failed before it claimed a run."""
STUBBORN_SECONDS = 10.0
"""Seconds after a stop until the process of a run that has not ended is killed."""
END_SECONDS = 3.0
"""Seconds that tasks have to end when this process ends."""
NO_PLACES = (
    "The Ray cluster has no processors for training; trainings wait until a node with processors is started "
    "(ray start --address=… --num-cpus=2)."
)

logger = logging.getLogger(__name__)


def run_dispatcher(settings: Settings, stdin: IO[bytes] | TextIO, stdout: TextIO = sys.stdout) -> None:
    """Train the runs of the store on the cluster, until `stdin` ends.

    Args:
        settings: Name the store and the cluster.
        stdin: The pipe that ends with the server.
        stdout: The stream that the server reads.

    Raises:
        StorageUnavailable, InvalidSetting: The store cannot be opened.
        ClusterUnavailable: The connection to the cluster was lost.
    """
    remove_leftovers(settings)
    store = Store(settings)
    server_ended, done = threading.Event(), threading.Event()
    announcer, pulse = Announcer(stdout), Pulse(stdout)
    pulse.start()
    end_in_order_on_signals(server_ended)
    start_thread(lambda: wait_for_end(stdin, server_ended))
    start_thread(lambda: _end_at_last(server_ended, done))
    try:
        cluster = _connect(settings, announcer, server_ended, pulse)
        if cluster is not None:
            _dispatch(Dispatcher(cluster, store, settings.to_environment()), announcer, server_ended, pulse)
    finally:
        done.set()
        store.close()


def main() -> int:
    """Run the dispatcher, and return its exit code: 0, or 1 after an error was logged."""
    logging.basicConfig(level=logging.WARNING, format="dispatcher: %(message)s")
    try:
        run_dispatcher(Settings.from_environment(), sys.stdin)
    except AppError as error:
        logger.error("%s", error)
        return 1
    return 0


class Announcer:
    """Tells the server whether runs can be trained, each time this changes."""

    def __init__(self, stdout: TextIO) -> None:
        self._stdout = stdout
        self._said: str | None = None

    def tell(self, fault: str) -> None:
        """Tell the server about a new state.

        Args:
            fault: Sentence that says why no run can be trained; empty if runs can be trained.
        """
        if fault != self._said:
            self._said = fault
            if fault:
                logger.warning("%s", fault)
            say(self._stdout, f"fault {' '.join(fault.split())}" if fault else "ready")


@dataclass
class _Begun:
    """The state of a task that this process has begun."""

    worker: str
    """The name under which it claims a run."""
    has_claimed: bool = False
    stopped_since: float | None = None
    """Time, on the monotonic clock, when its run was first seen as cancelled."""


class Dispatcher:
    """Begins tasks on a cluster, up to the waiting runs and the free places, and recovers lost tasks.

    Each task claims its run only when a node starts it. So runs are trained in the queue's order, and none
    twice, no matter which server's dispatcher began the task.
    """

    def __init__(self, cluster: Cluster, store: Store, environment: Mapping[str, str]) -> None:
        """Prepare a dispatcher.

        Args:
            cluster: The connection to the cluster.
            store: The store of the runs.
            environment: Environment variables with the settings for tasks.
        """
        self._cluster = cluster
        self._store = store
        self._queue = Queue(store)
        self._recovery = Recovery(store)
        self._environment = environment
        self._tasks: dict[Task, _Begun] = {}
        self._fault = ""
        self._retry_at = 0.0

    def step(self) -> str:
        """Look at the cluster and the queue once, and begin or recover tasks.

        Returns:
            Sentence that says why no run can be trained; empty if runs can be trained.

        Raises:
            ClusterUnavailable: The cluster cannot be reached.
            StorageUnavailable: The store cannot be used.
        """
        self._see_to_ended()
        self._recovery.interrupted()
        self._follow({run.worker: run for run in self._store.runs(statuses=ACTIVE)})
        places = self._cluster.places()
        if time.monotonic() >= self._retry_at:
            self._begin(min(self._queue.waiting() - self._unclaimed(), places - len(self._tasks)))
        return self._fault if places else NO_PLACES

    def end(self) -> None:
        """End all tasks, and put their runs back into the queue."""
        with contextlib.suppress(ClusterUnavailable):
            for task in self._tasks:
                self._cluster.kill(task)
            self._cluster.wait(self._tasks, END_SECONDS)
        for begun in self._tasks.values():
            self._recovery.after(begun.worker)
        self._cluster.close()

    def _see_to_ended(self) -> None:
        for ended in self._cluster.ended(self._tasks):
            begun = self._tasks.pop(ended.task)
            had_run = self._recovery.after(begun.worker) or begun.has_claimed
            if ended.fault:
                logger.warning("A task ended: %s", ended.fault)
            if not ended.fault:
                self._fault = ""
            elif not had_run:
                self._fault = f"A node of the Ray cluster cannot train ({ended.fault}); trainings wait."
                self._retry_at = time.monotonic() + RETRY_SECONDS

    def _follow(self, active: Mapping[str | None, Run]) -> None:
        now = time.monotonic()
        for task, begun in self._tasks.items():
            run = active.get(begun.worker)
            if run is None:
                continue
            begun.has_claimed, self._fault = True, ""
            if run.cancel and begun.stopped_since is None:
                begun.stopped_since = now
            if begun.stopped_since is not None and now - begun.stopped_since > STUBBORN_SECONDS:
                self._cluster.kill(task)

    def _unclaimed(self) -> int:
        return sum(not begun.has_claimed for begun in self._tasks.values())

    def _begin(self, count: int) -> None:
        for _ in range(count):
            worker = f"{ON_CLUSTER}{secrets.token_hex(8)}"
            self._tasks[self._cluster.begin(self._environment, worker)] = _Begun(worker)


def _connect(
    settings: Settings, announcer: Announcer, server_ended: threading.Event, pulse: Pulse
) -> Cluster | None:
    """Connect to the cluster, and retry until it is there; return None if the server ends first."""
    while not server_ended.is_set():
        pulse.progress()
        try:
            return Cluster(settings.cluster or "auto")
        except AppError as error:
            announcer.tell(str(error))
            server_ended.wait(RETRY_SECONDS)
    return None


def _dispatch(
    dispatcher: Dispatcher, announcer: Announcer, server_ended: threading.Event, pulse: Pulse
) -> None:
    try:
        while not server_ended.is_set():
            pulse.progress()
            try:
                announcer.tell(dispatcher.step())
            except ClusterUnavailable as error:
                announcer.tell(str(error))
                raise  # Ray can connect only once in a process, so another dispatcher takes over
            except AppError as error:
                logger.warning("%s", error)  # the store cannot be reached; try again
            server_ended.wait(POLL_SECONDS)
    finally:
        dispatcher.end()


def _end_at_last(server_ended: threading.Event, done: threading.Event) -> None:
    """Force the process to end if it does not end in order after its server has ended."""
    server_ended.wait()
    if not done.wait(GRACE_SECONDS):
        os._exit(1)


if __name__ == "__main__":
    code = main()
    logging.shutdown()
    os._exit(code)  # at once, without waiting for Ray's threads
