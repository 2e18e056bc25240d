"""What was lost on a cluster goes back into the queue, as it was at its checkpoint, and does not loop."""

from collections.abc import Iterator

import numpy as np
import pytest
from sqlalchemy import func, insert, select
from waiting import Clock

from mnist_app.errors import LeaseLost
from mnist_app.learning.explanation.first_layer import WeightPictures
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.settings import Settings
from mnist_app.workspace.runs.leases import LEASE_SECONDS, TAKE_UP_SECONDS
from mnist_app.workspace.runs.queue import Queue
from mnist_app.workspace.runs.records import Lease, Moment, Point, Probe, Run, Snapshot, Status
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.storage.tables import fine_tunings
from mnist_app.workspace.workers.cluster.recovery import MOST_LOSSES, Recovery

CONFIG = TrainingConfig(preset="dense", dataset="synthetic", epochs=5)
EPOCHS = (0.5, 1.0, 1.5, 2.0, 2.5)


@pytest.fixture
def clock() -> Clock:
    """A time of the test's own."""
    return Clock()


@pytest.fixture
def store(any_settings: Settings, clock: Clock) -> Iterator[Store]:
    """An empty store that goes by that time."""
    store = Store(any_settings, clock)
    yield store
    store.close()


def claim(store: Store, worker: str = "ray:1") -> Lease:
    lease = store.claim(worker)
    assert lease is not None
    return lease


def train(store: Store, lease: Lease, checkpoint: int | None = None) -> None:
    """Write what a training of two and a half epochs reports, and tell of a checkpoint."""
    answers = np.full(10, 0.1, np.float32)
    pictures = WeightPictures(np.zeros((1, 3, 3), np.int8), 0.0, 1)
    store.report(
        lease,
        new_points=[Point("train", round(10 * epoch), epoch, 1.0, 0.5) for epoch in EPOCHS],
        new_probes=[Probe(round(10 * epoch), epoch, answers) for epoch in EPOCHS],
        new_snapshots=[Snapshot(Moment(round(10 * epoch), epoch, epoch), pictures) for epoch in EPOCHS],
        status=Status.TRAINING,
        epoch=2.5,
        checkpoint_epoch=checkpoint,
        checkpoint_sha256=None if checkpoint is None else "0" * 64,
    )


def submitted(store: Store, owner: str = "a") -> Run:
    return Queue(store).submit(CONFIG, owner, probe=np.zeros((28, 28), np.float32))


@pytest.mark.parametrize(("checkpoint", "kept"), [(2, EPOCHS[:4]), (None, ())])
def test_a_lost_run_is_next_and_as_it_was_at_its_checkpoint(
    store: Store, clock: Clock, checkpoint: int | None, kept: tuple[float, ...]
) -> None:
    run, other = submitted(store), submitted(store, "b")
    lease = claim(store)
    train(store, lease, checkpoint)
    assert Recovery(store, clock).after("ray:1")
    found = store.run(run.id)
    assert (found.status, found.epoch, found.checkpoint_epoch) == (Status.QUEUED, checkpoint or 0, checkpoint)
    assert (found.worker, found.started, found.lease_expires, found.reason) == (None, None, None, "")
    assert [point.epoch for point in store.points(run.id)] == list(kept)
    assert [probe.epoch for probe in store.probes(run.id)] == list(kept)
    assert [moment.epoch for moment in store.moments(run.id)] == list(kept)
    assert (Queue(store).place(run.id), Queue(store).place(other.id)) == (1, 2)
    with pytest.raises(LeaseLost):
        store.report(lease)
    assert claim(store, "ray:2").run_id == run.id


def test_what_others_train_is_left_alone(store: Store, clock: Clock) -> None:
    submitted(store)
    lease = claim(store)
    assert not Recovery(store, clock).after("ray:2")
    Recovery(store, clock).interrupted()
    assert not store.report(lease)


def test_a_lost_run_that_was_to_stop_has_stopped(store: Store, clock: Clock) -> None:
    run = submitted(store)
    claim(store)
    Queue(store).cancel(run.id)
    assert Recovery(store, clock).after("ray:1")
    found = store.run(run.id)
    assert (found.status, found.ended) == (Status.STOPPED, clock.now)


def test_a_run_whose_lease_ran_out_is_gone_on_with_whoever_began_it(store: Store, clock: Clock) -> None:
    run, local = submitted(store), submitted(store)
    train(store, claim(store), 2)
    claim(store, "a machine:1:2")
    clock.now += LEASE_SECONDS + 1
    assert store.run(run.id).status is Status.TRAINING, "nobody sees it as interrupted"
    recovery = Recovery(store, clock)
    recovery.interrupted()
    recovery.interrupted()
    assert (store.run(run.id).status, store.run(run.id).epoch) == (Status.QUEUED, 2.0)
    assert store.run(local.id).status is Status.INTERRUPTED, "its owner can continue it"


def test_a_run_that_its_owner_has_continued_is_left(store: Store, clock: Clock) -> None:
    run = submitted(store)
    train(store, claim(store), 2)
    clock.now += LEASE_SECONDS + TAKE_UP_SECONDS + 1
    assert store.run(run.id).status is Status.INTERRUPTED, "no dispatcher was there"
    with store.writing() as connection:
        store.insert(connection, CONFIG, "a", continued_from=run.id)
    Recovery(store, clock).interrupted()
    assert store.run(run.id).status is Status.INTERRUPTED


def test_a_run_that_nobody_went_on_with_for_long_is_gone_on_with_once_somebody_is_there(
    store: Store, clock: Clock
) -> None:
    run = submitted(store)
    train(store, claim(store), 2)
    clock.now += LEASE_SECONDS + TAKE_UP_SECONDS + 1
    assert store.run(run.id).status is Status.INTERRUPTED
    Recovery(store, clock).interrupted()
    assert store.run(run.id).status is Status.QUEUED


def test_a_run_that_is_lost_again_and_again_in_one_epoch_fails(store: Store, clock: Clock) -> None:
    run, recovery = submitted(store), Recovery(store, clock)
    for _ in range(MOST_LOSSES - 1):
        claim(store)
        assert recovery.after("ray:1")
        assert store.run(run.id).status is Status.QUEUED
    claim(store)
    assert recovery.after("ray:1")
    found = store.run(run.id)
    assert found.status is Status.FAILED
    assert "memory" in found.reason and f"{MOST_LOSSES} times" in found.reason


def test_a_run_that_gets_on_each_time_is_never_given_up(store: Store, clock: Clock) -> None:
    run, recovery = submitted(store), Recovery(store, clock)
    for epoch in range(1, 3 * MOST_LOSSES):
        lease = claim(store)
        store.report(lease, checkpoint_epoch=epoch, checkpoint_sha256="0" * 64)
        assert recovery.after("ray:1")
        assert store.run(run.id).status is Status.QUEUED


def test_a_lost_fine_tuning_is_begun_anew(store: Store, clock: Clock) -> None:
    run = submitted(store)
    claim(store)
    counts = ("people", "people_held_out", "drawings", "drawings_held_out", "right_before")
    values = dict.fromkeys((*counts, "test_accuracy_before"), 1)
    with store.writing() as connection:
        connection.execute(insert(fine_tunings).values(run=run.number, held_out_by="person", **values))
    assert Recovery(store, clock).after("ray:1")
    with store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(fine_tunings)).scalar_one() == 0
