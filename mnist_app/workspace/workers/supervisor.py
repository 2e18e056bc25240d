"""The supervisor of the worker process: starts, replaces and ends it for the server."""

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
"""The command of a worker. It is `python -m mnist_app worker` without the rest of the command line."""
DISPATCHER = (sys.executable, "-m", "mnist_app.workspace.workers.cluster.dispatcher")
"""The command of a dispatcher, which takes the worker's place where a cluster trains."""
END_SECONDS = 10.0
"""Seconds that a worker has to end in order."""
SILENCE_SECONDS = 60.0
"""Seconds of silence after which a worker is killed: it is suspended or stuck, and runs wait."""
START_FACTOR = 3
"""A starting worker may be silent this many times as long, because loading TensorFlow blocks its pulse."""
LOOK_SECONDS = 1.0
"""Seconds between two looks at a worker's silence."""
MOST_FAILURES = 3
"""Workers in a row that died before they were ready, after which none is started for `PAUSE_SECONDS`."""
PAUSE_SECONDS = 30.0

logger = logging.getLogger(__name__)


class WorkerSupervisor:
    """Runs at most one worker process: starts it on request, and replaces one that ends with work left.

    Where a cluster trains, the worker is a dispatcher, which always runs. A daemon thread reads the worker's
    standard output, and so learns at once that the worker is ready, cannot train, or has died. Another
    thread kills a silent worker. The pipe to the worker's standard input closes when this process ends,
    however it ends, and then the worker ends too. Safe to share among threads.
    """

    def __init__(
        self,
        settings: Settings,
        command: Sequence[str] | None = None,
        most_silence: float = SILENCE_SECONDS,
    ) -> None:
        """Prepare a supervisor without a worker.

        Args:
            settings: The settings of the worker.
            command: Starts a worker; by default `WORKER`, or `DISPATCHER` where a cluster trains.
            most_silence: Seconds of silence after which the worker is killed.
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
        """Start a worker, unless there is one, and return without waiting for it to be ready.

        Raises:
            StorageUnavailable: The store cannot be used.
        """
        with self._lock:
            paused = time.monotonic() - self._last_failure < PAUSE_SECONDS
            if self._process is None and not (self._failures >= MOST_FAILURES and paused):
                self._start()

    def stop(self) -> None:
        """End the worker, if there is one, and wait for its end.

        Its run is marked as interrupted.
        """
        with self._lock:
            self._stopping = True
            process, thread = self._process, self._thread
        if process is not None and thread is not None:
            _close(process.stdin)
            thread.join(END_SECONDS)
            if thread.is_alive():
                self._kill(process, "The server ended before the training")
                thread.join()
        with self._lock:
            self._stopping = False
        atexit.unregister(self.stop)

    def wait_until_ready(self, timeout: float) -> bool:
        """Wait until the worker is ready.

        Args:
            timeout: Seconds to wait at most.

        Returns:
            Whether the worker is ready.
        """
        return self._ready.wait(timeout)

    @property
    def ready(self) -> bool:
        """Whether there is a worker that can train at once."""
        return self._ready.is_set()

    @property
    def pid(self) -> int | None:
        """Process id of the worker; None if there is no worker."""
        with self._lock:
            return self._process.pid if self._process else None

    @property
    def failures(self) -> int:
        """Number of workers in a row that died before they were ready."""
        with self._lock:
            return self._failures

    @property
    def fault(self) -> str:
        """Sentence that says why nothing can be trained; empty if nothing is wrong."""
        with self._lock:
            return self._fault

    @property
    def is_silent(self) -> bool:
        """Whether the worker has been silent for a while; it is replaced if it stays silent."""
        with self._lock:
            return self._ready.is_set() and self._silence >= NOTICED_SECONDS

    def _start(self) -> None:
        Store(self._settings).close()  # raises here, and at once, if the store cannot be used
        environment = {**os.environ, **self._settings.to_environment()}
        environment.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        for name in ("MALLOC_ARENA_MAX", "TF_NUM_INTRAOP_THREADS"):
            environment.pop(name, None)  # set for the server; training is slower with it
        self._process = subprocess.Popen(
            self._command,
            cwd=PROJECT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C reaches only the server; the worker's pipe then closes
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
        """Kill a worker that stays silent; return when the worker has ended.

        Silence is counted in looks, not by the clock. So a server that was suspended itself does not mistake
        its own absence for the worker's silence.
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
                logger.warning("The worker has stopped answering; another one is started.")
                self._kill(process, "The worker stopped answering")
                return
            pause.wait(look)

    def _kill(self, process: "subprocess.Popen[str]", because: str) -> None:
        with self._lock:
            self._killed_because = because
        process.kill()

    def _watch(self, process: "subprocess.Popen[str]") -> None:
        """Read a worker's words until it ends, then end the runs that it left."""
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
                    fault or f"No run can be trained, because the worker ends at its start ({_cause(code)})."
                )
        store = Store(self._settings)
        try:
            if worker:
                status = Status.FAILED if code and not cause else Status.INTERRUPTED
                reason = (
                    f"{cause}; it can be continued."
                    if cause
                    else f"The worker ended during the training ({_cause(code)})."
                )
                store.end_runs_of(worker, status, reason)
            work_left = self._settings.cluster is not None or Queue(store).waiting() > 0
        finally:
            store.close()
        with self._lock:
            if work_left and not self._stopping and self._process is None and self._failures < MOST_FAILURES:
                self._start()


def _cause(code: int) -> str:
    """Return the cause of an exit in words; a negative exit code is a signal."""
    if code >= 0:
        return f"exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"{name}: it was killed, perhaps because memory ran out" if name == "SIGKILL" else name


def _close(stream: IO[str] | None) -> None:
    if stream is not None:
        with contextlib.suppress(OSError):  # the other end is closed already
            stream.close()
