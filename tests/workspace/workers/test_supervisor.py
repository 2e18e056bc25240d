"""The supervisor: one worker at most, a dead one noticed at once, a new one where there is work.

The workers here are real processes, but small ones, without TensorFlow.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest
from waiting import until

from mnist_app.errors import StorageUnavailable
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.settings import PROJECT, Settings
from mnist_app.workspace.runs.queue import Queue
from mnist_app.workspace.runs.records import Run, Status
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.workers import supervisor as supervisor_module
from mnist_app.workspace.workers.supervisor import MOST_FAILURES, WorkerSupervisor

CONFIG = TrainingConfig(preset="dense", dataset="synthetic")
BEGIN = """
import os, signal, sys, threading
from mnist_app.workspace.runs.records import Status
from mnist_app.workspace.runs.run_store import Store
from mnist_app.settings import Settings
store = Store(Settings.from_environment())
print("worker", os.getpid(), flush=True)
print("ready", flush=True)
def claim():
    while not (lease := store.claim(str(os.getpid()))):
        threading.Event().wait(0.02)
    return lease
"""
WAITS = BEGIN + "sys.stdin.read()"
HOLDS_ONE = BEGIN + "claim(); sys.stdin.read()"
HAS_A_PULSE = (
    BEGIN
    + "from mnist_app.workspace.workers.pulse import Pulse; Pulse(sys.stdout).start(); "
    + "claim(); sys.stdin.read()"
)
KILLS_ITSELF = BEGIN + "claim(); os.kill(os.getpid(), signal.SIGKILL)"
FINISHES_ONE = BEGIN + "store.finish(claim(), Status.FINISHED)"
BROKEN = "raise SystemExit(3)"
HAS_A_FAULT = """
import socket, sys
print("fault The cluster is away.", flush=True)
socket.create_connection(("127.0.0.1", {port})).recv(1)  # until the other end is closed
print("ready", flush=True)
sys.stdin.read()
"""
GIVES_UP = "print('fault The cluster is away.', flush=True); raise SystemExit(1)"

Start = Callable[..., WorkerSupervisor]


@pytest.fixture
def start(own_settings: Settings) -> Iterator[Start]:
    """Makes supervisors of workers that run a program, and ends them."""
    supervisors = []

    def make(program: str, **options: float) -> WorkerSupervisor:
        supervisors.append(WorkerSupervisor(own_settings, [sys.executable, "-c", program], **options))
        return supervisors[-1]

    yield make
    for supervisor in supervisors:
        supervisor.stop()


@pytest.fixture
def runs(own_settings: Settings) -> Iterator[Store]:
    """The store of the supervisor's settings."""
    store = Store(own_settings)
    yield store
    store.close()


def status(store: Store, run: Run) -> Status:
    return store.run(run.id).status


def test_one_worker_is_started_and_no_second(start: Start) -> None:
    supervisor = start(WAITS)
    assert (supervisor.pid, supervisor.ready) == (None, False)
    supervisor.ensure_started()
    pid = supervisor.pid
    supervisor.ensure_started()
    assert supervisor.wait_until_ready(60)
    supervisor.ensure_started()
    assert supervisor.pid == pid


def test_a_killed_worker_fails_its_run_at_once_and_the_next_goes_on(start: Start, runs: Store) -> None:
    queue = Queue(runs)
    first, second = queue.submit(CONFIG, "a"), queue.submit(CONFIG, "b")
    supervisor = start(HOLDS_ONE)
    supervisor.ensure_started()
    until(lambda: status(runs, first) is Status.STARTING)
    pid = supervisor.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    until(lambda: status(runs, second) is Status.STARTING)
    assert status(runs, first) is Status.FAILED
    assert "SIGKILL" in runs.run(first.id).reason and "memory" in runs.run(first.id).reason
    assert supervisor.pid not in (None, pid)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGSTOP.")
def test_a_stopped_worker_is_replaced_and_the_next_run_goes_on(start: Start, runs: Store) -> None:
    queue = Queue(runs)
    first, second = queue.submit(CONFIG, "a"), queue.submit(CONFIG, "b")
    supervisor = start(HAS_A_PULSE, most_silence=10.0)
    supervisor.ensure_started()
    until(lambda: status(runs, first) is Status.STARTING)
    pid = supervisor.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    until(lambda: status(runs, second) is Status.STARTING)
    assert status(runs, first) is Status.INTERRUPTED
    assert "stopped answering" in runs.run(first.id).reason
    assert not alive(pid)
    assert supervisor.pid not in (None, pid)


@pytest.mark.slow
def test_a_worker_that_says_nothing_is_replaced(start: Start, runs: Store) -> None:
    first, second = (Queue(runs).submit(CONFIG, "a") for _ in range(2))
    supervisor = start(HOLDS_ONE, most_silence=10.0)
    supervisor.ensure_started()
    until(lambda: status(runs, second) is not Status.QUEUED)
    assert status(runs, first) is Status.INTERRUPTED
    assert runs.run(first.id).worker != runs.run(second.id).worker


@pytest.mark.slow
def test_a_worker_with_a_pulse_is_left_alone(start: Start, runs: Store) -> None:
    """The run is watched for longer than a silent worker would live."""
    run = Queue(runs).submit(CONFIG, "a")
    supervisor = start(HAS_A_PULSE, most_silence=4.0)
    supervisor.ensure_started()
    until(lambda: status(runs, run) is Status.STARTING)
    pid, begun = supervisor.pid, time.monotonic()
    until(lambda: supervisor.pid != pid or time.monotonic() - begun > 8)
    assert supervisor.pid == pid


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGSTOP.")
def test_a_server_that_ends_says_that_it_interrupted_the_run_of_a_stopped_worker(
    start: Start, runs: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor_module, "END_SECONDS", 0.5)
    run = Queue(runs).submit(CONFIG, "a")
    supervisor = start(HOLDS_ONE)
    supervisor.ensure_started()
    until(lambda: status(runs, run) is Status.STARTING)
    assert supervisor.pid is not None
    os.kill(supervisor.pid, signal.SIGSTOP)
    supervisor.stop()
    assert status(runs, run) is Status.INTERRUPTED
    assert "memory" not in runs.run(run.id).reason


@pytest.mark.slow
def test_runs_that_kill_their_worker_fail_one_by_one(start: Start, runs: Store) -> None:
    submitted = [Queue(runs).submit(CONFIG, "a") for _ in range(4)]
    supervisor = start(KILLS_ITSELF)
    supervisor.ensure_started()
    until(lambda: all(status(runs, run) is Status.FAILED for run in submitted))
    until(lambda: supervisor.pid is None)
    assert supervisor.fault == ""


def test_a_worker_that_ended_is_replaced_only_where_there_is_work(start: Start, runs: Store) -> None:
    first, second = (Queue(runs).submit(CONFIG, "a") for _ in range(2))
    supervisor = start(FINISHES_ONE)
    supervisor.ensure_started()
    until(lambda: status(runs, second) is Status.FINISHED)
    assert status(runs, first) is Status.FINISHED
    assert runs.run(first.id).worker != runs.run(second.id).worker
    until(lambda: supervisor.pid is None)
    third = Queue(runs).submit(CONFIG, "a")
    supervisor.ensure_started()
    until(lambda: status(runs, third) is Status.FINISHED)


def test_stop_ends_the_worker_and_interrupts_its_run(start: Start, runs: Store) -> None:
    run = Queue(runs).submit(CONFIG, "a")
    supervisor = start(HOLDS_ONE)
    supervisor.ensure_started()
    until(lambda: status(runs, run) is Status.STARTING)
    pid = supervisor.pid
    supervisor.stop()
    assert pid is not None
    with pytest.raises(ProcessLookupError):  # neither alive nor a zombie
        os.kill(pid, 0)
    assert status(runs, run) is Status.INTERRUPTED
    assert (supervisor.pid, supervisor.ready) == (None, False)


def test_a_worker_that_cannot_start_is_not_started_for_ever(start: Start, runs: Store) -> None:
    run = Queue(runs).submit(CONFIG, "a")
    supervisor = start(BROKEN)
    supervisor.ensure_started()
    until(lambda: supervisor.failures >= MOST_FAILURES and supervisor.pid is None)
    supervisor.ensure_started()
    assert supervisor.pid is None
    assert "exit code 3" in supervisor.fault
    assert status(runs, run) is Status.QUEUED


def test_what_a_worker_says_is_wrong_is_passed_on_until_it_is_ready(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        supervisor = start(HAS_A_FAULT.format(port=server.getsockname()[1]))
        supervisor.ensure_started()
        until(lambda: supervisor.fault == "The cluster is away.")
        assert not supervisor.ready
        server.settimeout(60)
        server.accept()[0].close()
        assert supervisor.wait_until_ready(60)
    assert supervisor.fault == ""


def test_the_reason_that_a_worker_gave_up_for_stays(start: Start, runs: Store) -> None:
    Queue(runs).submit(CONFIG, "a")
    supervisor = start(GIVES_UP)
    supervisor.ensure_started()
    until(lambda: supervisor.failures >= MOST_FAILURES and supervisor.pid is None)
    assert supervisor.fault == "The cluster is away."


def test_a_store_out_of_reach_is_said(own_settings: Settings, start: Start) -> None:
    own_settings.home.write_text("in the way")
    with pytest.raises(StorageUnavailable):
        start(HOLDS_ONE).ensure_started()


@pytest.mark.parametrize("kill", [True, False])
@pytest.mark.slow
def test_a_server_that_ends_takes_its_worker_with_it(own_settings: Settings, runs: Store, kill: bool) -> None:
    server_program = f"""
import sys, threading
from mnist_app.workspace.workers.supervisor import WorkerSupervisor
from mnist_app.settings import Settings
supervisor = WorkerSupervisor(Settings.from_environment(), [sys.executable, "-c", {HOLDS_ONE!r}])
supervisor.ensure_started()
print(supervisor.pid, flush=True)
sys.stdin.read()
"""
    run = Queue(runs).submit(CONFIG, "a")
    with subprocess.Popen(
        [sys.executable, "-c", server_program],
        cwd=PROJECT,
        env={**os.environ, **own_settings.to_environment()},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdin is not None and server.stdout is not None
        worker = int(server.stdout.readline())
        until(lambda: status(runs, run) is Status.STARTING)
        if kill:
            server.kill()
        else:
            server.stdin.close()
        server.wait(60)
    until(lambda: not alive(worker))
    if not kill:
        assert status(runs, run) is Status.INTERRUPTED


def alive(pid: int) -> bool:
    """Whether a process still runs; one that has ended and that nobody has asked about does not."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
