"""The clock is set back an hour: leases, turns, forecasts and wrong codes go by the time that passes."""

import pytest
from waiting import Clock

from mnist_app.errors import LeaseLost
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.settings import Settings
from mnist_app.workspace.runs.leases import LEASE_SECONDS
from mnist_app.workspace.runs.queue import Queue
from mnist_app.workspace.runs.records import Status
from mnist_app.workspace.runs.run_store import Store

HOUR = 3600.0
CONFIG = TrainingConfig(preset="dense", dataset="synthetic")


def test_the_lease_of_a_worker_that_died_runs_out_all_the_same(any_settings: Settings) -> None:
    clock = Clock()
    store = Store(any_settings, clock)
    lease = store.start(CONFIG, "worker")
    clock.now -= HOUR
    assert store.run(lease.run_id).status is Status.STARTING
    clock.now += LEASE_SECONDS + 1
    assert store.run(lease.run_id).status is Status.INTERRUPTED
    with pytest.raises(LeaseLost):
        store.report(lease)
    store.close()


def test_a_worker_that_lives_keeps_its_run(any_settings: Settings) -> None:
    clock = Clock()
    store = Store(any_settings, clock)
    lease = store.start(CONFIG, "worker")
    clock.now -= HOUR
    for _ in range(5):
        assert not store.run(lease.run_id).status.ended
        store.report(lease, status=Status.TRAINING)
        clock.now += LEASE_SECONDS - 1
    store.finish(lease, Status.FINISHED)
    assert store.run(lease.run_id).status is Status.FINISHED
    store.close()


def test_turns_stay_as_they_were_and_forecasts_stay_near(any_settings: Settings) -> None:
    clock = Clock()
    store = Store(any_settings, clock)
    queue = Queue(store, clock=clock)
    first = queue.submit(CONFIG, "a").id
    lease = store.claim("worker")
    assert lease is not None and lease.run_id == first
    clock.now += 60
    store.finish(lease, Status.FINISHED)
    eager = [queue.submit(CONFIG, "a").id for _ in range(2)]
    store.claim("worker")
    clock.now -= HOUR
    late = queue.submit(CONFIG, "b").id
    assert list(queue.turns()) == [late, eager[1]]
    assert [turn.seconds for turn in queue.turns().values()] == [60, 120]
    store.close()
