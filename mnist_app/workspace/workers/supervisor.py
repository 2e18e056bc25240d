"""Starting, replacing and ending the worker: what the server does for training to happen."""

import atexit
import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import IO

from mnist_app.errors import AppError
from mnist_app.settings import PROJECT, Settings
from mnist_app.workspace.runs.leases import NOTICED_SECONDS
from mnist_app.workspace.runs.queue import Queue
from mnist_app.workspace.runs.records import Status
from mnist_app.workspace.runs.run_store import Store

WORKER = (sys.executable, "-m", "mnist_app.workspace.workers.worker")
"""The same as `python -m mnist_app worker`, without the rest of the command line."""
DISPATCHER = (sys.executable, "-m", "mnist_app.workspace.workers.cluster.dispatcher")
"""What is started in a worker's place where a cluster trains."""
END_SECONDS = 10.0
"""How long a worker may take to end when it is told to."""
SILENCE_SECONDS = 60.0
"""A worker that says nothing for so long is killed: it is stopped or stuck, and others wait."""
START_FACTOR = 3
"""While it starts it may be silent this many times as long, because loading TensorFlow blocks its pulse."""
LOOK_SECONDS = 1.0
"""Between two looks at whether it has said something."""
MOST_FAILURES = 3
"""After so many workers that died before they were ready, none is started for `PAUSE_SECONDS`."""
PAUSE_SECONDS = 30.0

logger = logging.getLogger(__name__)


class WorkerSupervisor:
    """Has at most one worker process: starts it when asked to, and another when one has ended with work left.

    Where a cluster trains, the worker is a dispatcher, which is always to be there. A daemon thread reads the
    worker's standard output to its end, and so knows at once when it is ready, when it cannot work and why,
    and when it dies. Another one kills it when it stays silent. The pipe to its standard input closes when
    this process ends, however it ends, and the worker with it. Safe to call from several threads.
    """

    def __init__(
        self,
        settings: Settings,
        command: Sequence[str] | None = None,
        most_silence: float = SILENCE_SECONDS,
    ) -> None:
        """Prepare a supervisor without a worker.

        Args:
            settings: what the worker is to have.
            command: starts a worker (default: `WORKER`, or `DISPATCHER` where a cluster trains).
            most_silence: seconds without a word after which the worker is killed.
        """
        self._settings = settings
        self._command = tuple(command or (DISPATCHER if settings.cluster else WORKER))
        self._lock = threading.RLock()
        self._process: subprocess.Popen[str] | None = None
        self._thread: threading.Thread | None = None
        self._ready = threading.Event()
        self._stopping = False
        self._failures = 0
        self._last_failure = 0.0
        self._fault = ""
        self._most_silence = most_silence
        self._silence = 0.0
        self._killed_because = ""

    def ensure_started(self) -> None:
        """Have a worker start and warm up, unless there is one. Returns at once.

        Raises `StorageUnavailable` when the store cannot be used.
        """
        with self._lock:
            paused = time.monotonic() - self._last_failure < PAUSE_SECONDS
            if self._process is None and not (self._failures >= MOST_FAILURES and paused):
                self._start()

    def stop(self) -> None:
        """End the worker, if there is one, and wait until it has ended.

        What it was training is marked as interrupted.
        """
        with self._lock:
            self._stopping = True
            process, thread = self._process, self._thread
        if process is not None and thread is not None:
            _close(process.stdin)
            thread.join(END_SECONDS)
            if thread.is_alive():
                self._kill(process, "Its server ended before it did")
                thread.join()
        with self._lock:
            self._stopping = False
        atexit.unregister(self.stop)

    def wait_until_ready(self, timeout: float) -> bool:
        """Wait for the worker to be warm; False when it is not after so many seconds."""
        return self._ready.wait(timeout)

    @property
    def ready(self) -> bool:
        """Whether there is a worker that is warm."""
        return self._ready.is_set()

    @property
    def pid(self) -> int | None:
        """The worker's process id; None when there is no worker."""
        with self._lock:
            return self._process.pid if self._process else None

    @property
    def failures(self) -> int:
        """How many workers in a row have died before they were ready."""
        with self._lock:
            return self._failures

    @property
    def fault(self) -> str:
        """Why no worker can be started, in a sentence; empty when nothing is wrong."""
        with self._lock:
            return self._fault

    @property
    def is_silent(self) -> bool:
        """Whether the worker has not said anything for a while; it is replaced if it goes on like that."""
        with self._lock:
            return self._ready.is_set() and self._silence >= NOTICED_SECONDS

    def _start(self) -> None:
        Store(self._settings).close()  # say at once, and here, when the store cannot be used
        environment = {**os.environ, **self._settings.to_environment()}
        environment.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        for name in ("MALLOC_ARENA_MAX", "TF_NUM_INTRAOP_THREADS"):
            environment.pop(name, None)  # right for the server, but training is slower with it
        self._process = subprocess.Popen(
            self._command,
            cwd=PROJECT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C is the server's; the worker hears of it by its pipe
            creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),
        )
        self._silence, self._killed_because = 0.0, ""
        threading.Thread(
            target=self._kill_when_silent, args=(self._process,), name="worker's silence", daemon=True
        ).start()
        self._thread = threading.Thread(
            target=self._watch, args=(self._process,), name="worker supervisor", daemon=True
        )
        self._thread.start()
        atexit.register(self.stop)

    def _kill_when_silent(self, process: "subprocess.Popen[str]") -> None:
        """Count the looks at a worker since its last word, until it is killed or has ended.

        Looks are counted and not seconds, so that a server that was stopped itself does not take its own
        absence for the worker's.
        """
        pause = threading.Event()
        look = min(LOOK_SECONDS, self._most_silence / 10)
        while process.poll() is None:
            with self._lock:
                if self._process is not process:
                    return
                self._silence += look
                most = self._most_silence * (1 if self._ready.is_set() else START_FACTOR)
                is_too_long = self._silence > most
            if is_too_long:
                logger.warning("The worker does not answer any more; it is replaced.")
                self._kill(process, "The worker that trained it did not answer any more")
                return
            pause.wait(look)

    def _kill(self, process: "subprocess.Popen[str]", because: str) -> None:
        with self._lock:
            self._killed_because = because
        process.kill()

    def _watch(self, process: "subprocess.Popen[str]") -> None:
        """Follow a worker from its first word to its end, then see to what it left."""
        worker = fault = ""
        assert process.stdout is not None
        for line in process.stdout:
            with self._lock:
                self._silence = 0.0
            word, _, rest = line.strip().partition(" ")
            if word == "worker":
                worker = rest
            elif word == "ready":
                with self._lock:
                    self._failures, self._fault = 0, ""
                self._ready.set()
            elif word == "fault":
                with self._lock:
                    self._fault = fault = rest
                self._ready.clear()
        code = process.wait()
        _close(process.stdout)
        _close(process.stdin)
        try:
            self._after(worker, code, fault)
        except AppError as error:
            logger.warning("%s", error)

    def _after(self, worker: str, code: int, fault: str) -> None:
        with self._lock:
            was_ready = self._ready.is_set()
            self._ready.clear()
            self._process = None
            cause = self._killed_because
            if code != 0 and not was_ready:
                self._failures += 1
                self._last_failure = time.monotonic()
                self._fault = (
                    fault or f"No run can be trained: the worker ends as it starts ({_cause(code)})."
                )
        store = Store(self._settings)
        try:
            if worker:
                status = Status.FAILED if code and not cause else Status.INTERRUPTED
                reason = (
                    f"{cause}; it can be continued."
                    if cause
                    else f"The worker that trained it ended ({_cause(code)})."
                )
                store.end_runs_of(worker, status, reason)
            work_left = self._settings.cluster is not None or Queue(store).waiting() > 0
        finally:
            store.close()
        with self._lock:
            if work_left and not self._stopping and self._process is None and self._failures < MOST_FAILURES:
                self._start()


def _cause(code: int) -> str:
    """What an exit code tells; a negative one is a signal."""
    if code >= 0:
        return f"exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"{name}: it was killed, perhaps because memory ran out" if name == "SIGKILL" else name


def _close(stream: IO[str] | None) -> None:
    if stream is not None:
        with contextlib.suppress(OSError):  # the other end is gone already
            stream.close()
