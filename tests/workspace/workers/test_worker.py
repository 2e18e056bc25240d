"""The worker for real: processes with TensorFlow in them, killed, cancelled, cut off and replaced."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from waiting import until

from mnist_app.learning.data.datasets import load_dataset
from mnist_app.learning.data.synthetic_digits import synthetic_file
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.settings import PROJECT, Settings
from mnist_app.workspace.runs.model_files import ModelFiles
from mnist_app.workspace.runs.queue import Queue
from mnist_app.workspace.runs.records import Run, Status
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.workers.supervisor import WorkerSupervisor

pytestmark = pytest.mark.slow

SHORT = TrainingConfig(preset="dense", dataset="synthetic", epochs=1, batch_size=64, train_size=2000)
LONG = replace(SHORT, epochs=200, train_size=None)


@pytest.fixture(scope="session")
def synthetic(settings: Settings) -> Path:
    """The synthetic digits, written once for all these tests."""
    load_dataset("synthetic", settings)
    return synthetic_file(settings)


@pytest.fixture
def home(own_settings: Settings, synthetic: Path) -> Settings:
    """Settings of a home of its own that has the synthetic digits already."""
    path = synthetic_file(own_settings)
    path.parent.mkdir(parents=True)
    os.link(synthetic, path)
    return own_settings


@pytest.fixture
def runs(home: Settings) -> Iterator[Store]:
    """The store in that home."""
    store = Store(home)
    yield store
    store.close()


@pytest.fixture
def supervisor(home: Settings) -> Iterator[WorkerSupervisor]:
    """A supervisor of real workers."""
    supervisor = WorkerSupervisor(home)
    yield supervisor
    supervisor.stop()


@contextmanager
def worker(settings: Settings, most_runs: int = 20) -> Iterator["subprocess.Popen[str]"]:
    """A worker without a supervisor, whose pipe the test holds."""
    program = (
        "import sys; from mnist_app.workspace.workers.worker import run_worker; "
        "from mnist_app.settings import Settings; "
        f"run_worker(Settings.from_environment(), sys.stdin, most_runs={most_runs})"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=PROJECT,
        env={**os.environ, **settings.to_environment()},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            assert stream is not None
            stream.close()


def trains(store: Store, run: Run, epochs: float = 0.0) -> bool:
    found = store.run(run.id)
    assert not found.status.ended, found.reason
    return found.status is Status.TRAINING and found.epoch > epochs


def test_runs_are_trained_in_their_order_and_one_can_be_cancelled(
    runs: Store, supervisor: WorkerSupervisor, home: Settings
) -> None:
    queue = Queue(runs)
    first, second, third = (queue.submit(config, "a") for config in (SHORT, LONG, SHORT))
    supervisor.ensure_started()
    until(lambda: trains(runs, second))
    assert runs.run(first.id).status is Status.FINISHED
    assert runs.run(third.id).status is Status.QUEUED
    assert supervisor.ready
    queue.cancel(second.id)
    until(lambda: runs.run(second.id).status is Status.STOPPED)
    until(lambda: runs.run(third.id).status is Status.FINISHED)
    for run in (first, second, third):
        ModelFiles(home.home).load_model(runs.run(run.id))
    assert len({runs.run(run.id).worker for run in (first, second, third)}) == 1
    assert len(runs.points(first.id, "train")) >= 20


def test_kill_9_in_mid_epoch_fails_the_run_and_the_next_goes_on(
    runs: Store, supervisor: WorkerSupervisor
) -> None:
    queue = Queue(runs)
    first, second = queue.submit(LONG, "a"), queue.submit(SHORT, "b")
    supervisor.ensure_started()
    until(lambda: trains(runs, first, epochs=1.0))
    assert supervisor.pid is not None
    os.kill(supervisor.pid, signal.SIGKILL)
    until(lambda: runs.run(first.id).status is Status.FAILED)
    assert "SIGKILL" in runs.run(first.id).reason
    until(lambda: runs.run(second.id).status is Status.FINISHED)
    assert runs.run(first.id).worker != runs.run(second.id).worker
    assert runs.run(first.id).checkpoint_epoch is not None
    assert runs.points(first.id)


@contextmanager
def stopped(process_id: int) -> Iterator[None]:
    """A process that the system has stopped, with all its threads."""
    os.kill(process_id, signal.SIGSTOP)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process_id, signal.SIGCONT)


def test_a_stopped_worker_is_replaced_and_its_run_can_be_continued(runs: Store, home: Settings) -> None:
    queue = Queue(runs)
    first, second = queue.submit(LONG, "a"), queue.submit(SHORT, "b")
    supervisor = WorkerSupervisor(home, most_silence=20.0)
    supervisor.ensure_started()
    until(lambda: trains(runs, first, epochs=1.0))
    assert supervisor.pid is not None
    with stopped(supervisor.pid):
        until(lambda: runs.run(second.id).status is Status.FINISHED, 240)
    ended = runs.run(first.id)
    assert ended.status is Status.INTERRUPTED
    child = queue.continue_run(ended, 1, "a", ModelFiles(home.home))
    until(lambda: runs.run(child.id).status is Status.FINISHED, 240)
    supervisor.stop()


def test_a_worker_that_is_stopped_and_goes_on_leaves_its_lost_run_as_it_is(
    runs: Store, home: Settings
) -> None:
    run = Queue(runs).submit(LONG, "a")
    with worker(home) as process:
        until(lambda: trains(runs, run, epochs=1.0))
        with stopped(process.pid):
            until(lambda: runs.run(run.id).status is Status.INTERRUPTED)
            lost, points = runs.run(run.id), runs.points(run.id)
        after = Queue(runs).submit(SHORT, "b")
        until(lambda: runs.run(after.id).status is Status.FINISHED)
    assert (runs.run(run.id), runs.points(run.id)) == (lost, points)
    assert lost.model_sha256 is None
    assert not ModelFiles(home.home).model_path(run.id).exists()
    Queue(runs).continue_run(lost, 1, "a", ModelFiles(home.home))  # its checkpoint is whole


HANGS = """
import sys, threading
from mnist_app.workspace.workers.worker import Datasets, run_worker
from mnist_app.settings import Settings
Datasets.load = lambda self, name: threading.Event().wait()
run_worker(Settings.from_environment(), sys.stdin, stalled_after=4.0)
"""


def test_a_worker_that_hangs_is_replaced_though_its_lease_is_renewed(runs: Store, home: Settings) -> None:
    queue = Queue(runs)
    first, second = queue.submit(SHORT, "a"), queue.submit(SHORT, "b")
    supervisor = WorkerSupervisor(home, [sys.executable, "-c", HANGS], most_silence=25.0)
    supervisor.ensure_started()
    until(lambda: runs.run(second.id).status is Status.STARTING, 240)
    ended = runs.run(first.id)
    assert ended.status is Status.INTERRUPTED and "stopped answering" in ended.reason
    supervisor.stop()


def test_when_the_pipe_closes_the_worker_ends_in_mid_training(runs: Store, home: Settings) -> None:
    run = Queue(runs).submit(LONG, "a")
    with worker(home) as process:
        until(lambda: trains(runs, run, epochs=1.0))
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(60) == 0
    ended = runs.run(run.id)
    assert ended.status is Status.INTERRUPTED
    child = Queue(runs).continue_run(ended, 1, "a", ModelFiles(home.home))
    with worker(home, most_runs=1) as process:
        assert process.wait(120) == 0
    assert runs.run(child.id).status is Status.FINISHED


def test_an_idle_or_starting_worker_ends_with_its_pipe(home: Settings) -> None:
    for word in ("worker", "ready"):
        with worker(home) as process:
            assert process.stdout is not None and process.stdin is not None
            until(lambda process=process, word=word: process.stdout.readline().startswith(word))  # type: ignore[misc]
            process.stdin.close()
            assert process.wait(60) == 0


def test_a_worker_that_is_asked_to_end_interrupts_its_run(runs: Store, home: Settings) -> None:
    run = Queue(runs).submit(LONG, "a")
    with worker(home) as process:
        until(lambda: trains(runs, run))
        process.terminate()
        assert process.wait(60) == 0
    assert runs.run(run.id).status is Status.INTERRUPTED


def test_a_worker_is_replaced_after_so_many_runs(runs: Store, home: Settings) -> None:
    submitted = [Queue(runs).submit(replace(SHORT, train_size=100), "a") for _ in range(3)]
    with worker(home, most_runs=2) as process:
        assert process.wait(120) == 0
    assert [runs.run(run.id).status for run in submitted] == [Status.FINISHED] * 2 + [Status.QUEUED]


def test_two_workers_share_a_store_and_train_each_run_once(runs: Store, home: Settings) -> None:
    submitted = [Queue(runs).submit(replace(SHORT, train_size=100), "a") for _ in range(6)]
    with worker(home) as first, worker(home) as second:
        until(lambda: all(runs.run(run.id).status is Status.FINISHED for run in submitted))
        for process in (first, second):
            assert process.stdin is not None
            process.stdin.close()
            assert process.wait(60) == 0
    for run in submitted:
        steps = [point.step for point in runs.points(run.id, "train")]
        assert steps and len(steps) == len(set(steps))


def test_the_run_of_a_dead_worker_without_supervisor_is_interrupted_when_its_lease_runs_out(
    runs: Store, home: Settings
) -> None:
    run = Queue(runs).submit(LONG, "a")
    with worker(home) as process:
        until(lambda: trains(runs, run))
        process.kill()
        process.wait()
    assert runs.run(run.id).status is Status.TRAINING
    until(lambda: runs.run(run.id).status is Status.INTERRUPTED)
