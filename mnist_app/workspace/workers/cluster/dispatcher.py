"""The program that has a Ray cluster train what waits. Started by the server in the worker's place.

It says on standard output `ready` when the cluster can train, `fault` with a sentence when it cannot
and the runs wait, and `alive` every few seconds. It ends when its standard input does, and the tasks that
it began end with it: their runs go back into the queue with their checkpoints, for another server's
dispatcher, or the next one of this server, to go on with. Left to train on they would have nobody who
notices when their node dies, and would be of the old version after an update.
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
"""Between two looks at the queue and the cluster."""
RETRY_SECONDS = 5.0
"""Between two tries to reach a cluster, and after a node could not even begin."""
STUBBORN_SECONDS = 10.0
"""A run that has not ended so long after it was stopped is ended with its process."""
END_SECONDS = 3.0
"""How long tasks may take to end when this process does."""
NO_PLACES = (
    "The Ray cluster has no processors to train with; trainings wait until a node with some is started "
    "(ray start --address=… --num-cpus=2)."
)

logger = logging.getLogger(__name__)


def run_dispatcher(settings: Settings, stdin: IO[bytes] | TextIO, stdout: TextIO = sys.stdout) -> None:
    """Have the cluster of the settings train the runs of the store, until `stdin` ends.

    Raises `StorageUnavailable` or `InvalidSetting` when the store cannot be opened, `ClusterUnavailable`
    when a cluster that was there is gone.
    """
    remove_leftovers(settings)
    store = Store(settings)
    gone, done = threading.Event(), threading.Event()
    announcer, pulse = Announcer(stdout), Pulse(stdout)
    pulse.start()
    end_in_order_on_signals(gone)
    start_thread(lambda: wait_for_end(stdin, gone))
    start_thread(lambda: _end_at_last(gone, done))
    try:
        cluster = _connect(settings, announcer, gone, pulse)
        if cluster is not None:
            _dispatch(Dispatcher(cluster, store, settings.to_environment()), announcer, gone, pulse)
    finally:
        done.set()
        store.close()


def main() -> int:
    """What the server starts; 0 when all went well, 1 with a line of why not."""
    logging.basicConfig(level=logging.WARNING, format="dispatcher: %(message)s")
    try:
        run_dispatcher(Settings.from_environment(), sys.stdin)
    except AppError as error:
        logger.error("%s", error)
        return 1
    return 0


class Announcer:
    """Tells the server that runs can be trained, or why not, when that changes."""

    def __init__(self, stdout: TextIO) -> None:
        self._stdout = stdout
        self._said: str | None = None

    def tell(self, fault: str) -> None:
        """`fault`: why no run can be trained now, in a sentence; empty when they can."""
        if fault != self._said:
            self._said = fault
            if fault:
                logger.warning("%s", fault)
            say(self._stdout, f"fault {' '.join(fault.split())}" if fault else "ready")


@dataclass
class _Begun:
    """A task, as far as this process has seen it come."""

    worker: str
    """The name under which it claims a run."""
    has_claimed: bool = False
    stopped_since: float | None = None
    """When its run was first seen to be stopped by somebody, on the monotonic clock."""


class Dispatcher:
    """Keeps as many tasks on a cluster as runs wait and it has places for, and sees to those that are lost.

    Each task claims its run when its node comes to it: so the runs are trained in the queue's order,
    whichever server's dispatcher began the task, and none twice.
    """

    def __init__(self, cluster: Cluster, store: Store, environment: Mapping[str, str]) -> None:
        """`environment` has the settings that the tasks are to have."""
        self._cluster = cluster
        self._store = store
        self._queue = Queue(store)
        self._recovery = Recovery(store)
        self._environment = environment
        self._tasks: dict[Task, _Begun] = {}
        self._fault = ""
        self._retry_at = 0.0

    def step(self) -> str:
        """Look at everything once; returns why no run can be trained now, empty when they can.

        Raises `ClusterUnavailable`, `StorageUnavailable`.
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


def _connect(settings: Settings, announcer: Announcer, gone: threading.Event, pulse: Pulse) -> Cluster | None:
    """Try until the cluster is there; None when the server ended before."""
    while not gone.is_set():
        pulse.progress()
        try:
            return Cluster(settings.cluster or "auto")
        except AppError as error:
            announcer.tell(str(error))
            gone.wait(RETRY_SECONDS)
    return None


def _dispatch(dispatcher: Dispatcher, announcer: Announcer, gone: threading.Event, pulse: Pulse) -> None:
    try:
        while not gone.is_set():
            pulse.progress()
            try:
                announcer.tell(dispatcher.step())
            except ClusterUnavailable as error:
                announcer.tell(str(error))
                raise  # another process connects anew
            except AppError as error:
                logger.warning("%s", error)  # the store is out of reach: later
            gone.wait(POLL_SECONDS)
    finally:
        dispatcher.end()


def _end_at_last(gone: threading.Event, done: threading.Event) -> None:
    """End the process when its server is gone and it does not end in order."""
    gone.wait()
    if not done.wait(GRACE_SECONDS):
        os._exit(1)


if __name__ == "__main__":
    code = main()
    logging.shutdown()
    os._exit(code)  # at once: whatever Ray still waits for
