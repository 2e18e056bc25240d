"""The store: what goes in comes out, one lease at a time, and nothing hostile gets through."""

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update
from waiting import Clock

from mnist_app.errors import (
    AmbiguousName,
    InvalidSetting,
    LeaseLost,
    RunNotFound,
    RunNotReady,
    StorageUnavailable,
)
from mnist_app.learning.explanation.first_layer import WeightPictures
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.settings import Settings
from mnist_app.workspace.runs.curves import thin
from mnist_app.workspace.runs.leases import LEASE_SECONDS
from mnist_app.workspace.runs.queue import Queue
from mnist_app.workspace.runs.records import Lease, Moment, Point, Probe, Snapshot, Status
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.storage.identifiers import new_id
from mnist_app.workspace.storage.tables import runs, snapshots

CONFIG = TrainingConfig(preset="dense", dataset="synthetic", epochs=3, seed=7, name="first try")
HOSTILE = ["", "../../etc/passwd", "a" * 10_000, "'; DROP TABLE runs;--", "\0", "\ud800", "ABCDEFGHIJ", "é"]


def curve(count: int, split: str = "train") -> list[Point]:
    """A curve of so many points, ten an epoch."""
    return [Point(split, step, step / 10, 1 / step, 1 - 1 / step) for step in range(1, count + 1)]  # type: ignore[arg-type]


def test_a_run_comes_back_as_it_was_put_in(store: Store) -> None:
    probe = np.linspace(0, 1, 784, dtype=np.float32).reshape(28, 28)
    lease = store.start(CONFIG, "me", owner="token", probe=probe)
    run = store.run(lease.run_id)
    assert (run.config, run.name, run.owner, run.status) == (CONFIG, "first try", "token", Status.STARTING)
    assert run.started is not None and run.ended is None and not run.cancel
    image = store.probe_image(run.id)
    assert image is not None and np.array_equal(image, probe)


def test_points_and_probes_come_back_in_order(store: Store) -> None:
    lease = store.start(CONFIG, "me")
    answers = [Probe(step, step / 10, np.full(10, step, np.float32)) for step in (1, 2, 3)]
    points = curve(30)
    assert not store.report(lease, new_points=points[:20], new_probes=answers[:1], epoch=2.0)
    assert not store.report(lease, new_points=points[20:], new_probes=answers[1:], status=Status.TRAINING)
    store.report(lease, new_points=curve(3, "validation"))
    assert store.points(lease.run_id) == points + curve(3, "validation")
    assert store.points(lease.run_id, "train") == points
    kept = store.probes(lease.run_id)
    assert [probe.step for probe in kept] == [1, 2, 3]
    assert all(np.array_equal(a.probabilities, b.probabilities) for a, b in zip(kept, answers, strict=True))
    assert [probe.step for probe in store.probes(lease.run_id, most=2)] == [1, 3]
    assert (store.run(lease.run_id).epoch, store.run(lease.run_id).status) == (2.0, Status.TRAINING)


def snapshot(step: int, side: int = 3) -> Snapshot:
    """A snapshot of two filters, different at each step."""
    levels = np.linspace(-127, step % 128, 2 * side * side).round().astype(np.int8).reshape(2, side, side)
    return Snapshot(Moment(step, step / 10, step / 4), WeightPictures(levels, 0.1 + step, 32))


def test_snapshots_come_back_as_they_were(store: Store) -> None:
    lease, other = store.start(CONFIG, "me"), store.start(CONFIG, "me")
    taken = [snapshot(step) for step in (0, 5, 10, 15)]
    store.report(lease, new_snapshots=taken[:2])
    store.report(lease, new_snapshots=taken[2:])
    store.report(lease, new_snapshots=taken)  # the answer to the last report was lost
    assert store.moments(lease.run_id) == [each.moment for each in taken]
    for each in taken:
        found = store.snapshot(lease.run_id, each.moment.epoch)
        assert found is not None and found.moment == each.moment
        assert (found.pictures.largest, found.pictures.units) == (each.pictures.largest, 32)
        np.testing.assert_array_equal(found.pictures.levels, each.pictures.levels)
    assert store.moments(other.run_id) == [] and store.snapshot(other.run_id) is None


def test_the_snapshot_nearest_to_a_moment_is_found(store: Store) -> None:
    lease = store.start(CONFIG, "me")
    store.report(lease, new_snapshots=[snapshot(step, 28) for step in (0, 5, 10)])
    for epoch, step in ((None, 10), (0.0, 0), (0.2, 0), (0.3, 5), (0.5, 5), (0.74, 5), (9.0, 10)):
        found = store.snapshot(lease.run_id, epoch)
        assert found is not None and found.moment.step == step, epoch


def test_snapshots_give_up_their_places(store: Store) -> None:
    lease, other = store.start(CONFIG, "me"), store.start(CONFIG, "me")
    for each in (lease, other):
        store.report(each, new_snapshots=[snapshot(step) for step in range(6)])
    store.report(lease, new_snapshots=[snapshot(6), snapshot(7)], dropped_snapshots=[1, 3, 5, 6])
    assert [moment.step for moment in store.moments(lease.run_id)] == [0, 2, 4, 7]
    assert len(store.moments(other.run_id)) == 6


@given(st.integers(1, 500), st.integers(1, 200))
def test_a_thinned_curve_is_whole(count: int, most: int) -> None:
    points = curve(count)
    thinned = thin(points, most)
    assert len(thinned) == min(count, most)
    assert thinned[-1].step == points[-1].step
    assert [point.step for point in thinned] == sorted({point.step for point in thinned})
    if count % most == 0:
        assert np.mean([point.loss for point in thinned]) == pytest.approx(np.mean([p.loss for p in points]))


def test_thinning_keeps_both_curves(store: Store) -> None:
    lease = store.start(CONFIG, "me")
    store.report(lease, new_points=curve(100) + curve(5, "validation"))
    points = store.points(lease.run_id, most=10)
    assert [point.split for point in points] == ["train"] * 10 + ["validation"] * 5


def test_the_newest_run_comes_first(store: Store) -> None:
    leases = [store.start(CONFIG, "me", owner=owner) for owner in ("a", "b", "a")]
    ids = [lease.run_id for lease in leases]
    assert [run.id for run in store.runs()] == ids[::-1]
    assert [run.id for run in store.runs(owner="a")] == [ids[2], ids[0]]
    assert [run.id for run in store.runs(limit=1)] == [ids[2]]
    assert [run.id for run in store.runs(before=store.run(ids[2]).number, limit=1)] == [ids[1]]
    store.finish(leases[0], Status.FINISHED)
    assert [run.id for run in store.runs(statuses=[Status.FINISHED, Status.FAILED])] == [ids[0]]
    assert store.runs(statuses=[]) == []


def test_a_run_is_found_by_id_or_by_name(store: Store) -> None:
    first, second = store.start(CONFIG, "me"), store.start(replace(CONFIG, name="second"), "me")
    assert store.find(first.run_id).id == first.run_id
    assert store.find("second").id == second.run_id
    store.rename(second.run_id, "first try")
    with pytest.raises(AmbiguousName, match=f"{second.run_id}, {first.run_id}"):
        store.find("first try")


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_no_id_names_no_run(store: Store, text: str) -> None:
    reading = (store.points, store.probes, store.probe_image, store.moments, store.snapshot)
    for look in (store.run, store.find, *reading, store.delete):
        with pytest.raises(RunNotFound) as raised:
            look(text)
        assert len(str(raised.value)) < 120
    with pytest.raises(RunNotFound):
        store.rename(text, "name")
    with pytest.raises(RunNotFound):
        store.request_cancel(text)


def test_an_id_that_nobody_has_names_no_run(store: Store) -> None:
    with pytest.raises(RunNotFound):
        store.run(new_id())
    with pytest.raises(RunNotFound):
        store.rename(new_id(), "name")
    assert store.points(new_id()) == []


def test_a_name_is_kept_as_text(store: Store) -> None:
    for name in ("<script>alert(1)</script>", "Zoë's 数字 👩‍👩‍👧", "", "a" * 80):
        lease = store.start(replace(CONFIG, name=name), "me")
        assert store.run(lease.run_id).name == name


@pytest.mark.parametrize(
    "name", ["a" * 10_000, "a\x00b", "two\nlines", "half \ud800", "\u202eevil", "a \u2066b", " ", "shipped"]
)
def test_a_name_that_cannot_be_kept_is_refused(store: Store, name: str) -> None:
    lease = store.start(CONFIG, "me")
    with pytest.raises(InvalidSetting, match="name") as raised:
        store.rename(lease.run_id, name)
    assert len(str(raised.value)) < 200
    with pytest.raises(InvalidSetting, match="name"):
        store.start(replace(CONFIG, name=name), "me")
    assert len(store.runs()) == 1


def test_a_name_from_before_that_hides_or_turns_is_shown_without_what_does(store: Store) -> None:
    lease = store.start(CONFIG, "me")
    name = "\u202eevil \u2066name"
    with store.writing() as connection:
        kept = {"name": name, "configuration": replace(CONFIG, name=name).to_dict()}
        connection.execute(update(runs).where(runs.c.id == lease.run_id).values(**kept))
    run = store.run(lease.run_id)
    assert (run.name, run.config.name) == ("evil name", "evil name")
    store.start(run.config, "me")


def test_a_deleted_run_is_gone_with_its_points(store: Store) -> None:
    lease, other = store.start(CONFIG, "me"), store.start(CONFIG, "me")
    for each in (lease, other):
        store.report(each, new_points=curve(5), new_probes=[Probe(1, 0.1, np.zeros(10, np.float32))])
        store.report(each, new_snapshots=[snapshot(1)])
    with pytest.raises(RunNotReady, match="stop"):
        store.delete(lease.run_id)
    store.finish(lease, Status.FINISHED)
    store.delete(lease.run_id)
    with pytest.raises(RunNotFound):
        store.run(lease.run_id)
    assert store.points(lease.run_id) == [] and store.probes(lease.run_id) == []
    with store.reading() as connection:
        kept = connection.execute(select(snapshots.c.run)).scalars().all()
    assert kept == [store.run(other.run_id).number]
    assert len(store.points(other.run_id)) == 5


def test_a_lease_is_needed_to_write(store: Store) -> None:
    lease = store.start(CONFIG, "me")
    stranger = Lease(lease.run_id, "guessed")
    with pytest.raises(LeaseLost):
        store.report(stranger, new_points=curve(1))
    with pytest.raises(LeaseLost):
        store.finish(stranger, Status.FINISHED)
    store.finish(lease, Status.FINISHED)
    with pytest.raises(LeaseLost):
        store.report(lease, new_points=curve(1))
    assert store.points(lease.run_id) == []
    assert store.run(lease.run_id).status is Status.FINISHED


def test_only_a_lease_that_ran_out_is_taken_for_dead(any_settings: Settings) -> None:
    clock = Clock()
    store = Store(any_settings, clock)
    silent, alive = store.start(CONFIG, "a"), store.start(CONFIG, "b")
    clock.now += LEASE_SECONDS - 1
    assert store.run(silent.run_id).status is Status.STARTING
    store.report(alive)
    clock.now += 2
    assert store.run(silent.run_id).status is Status.INTERRUPTED
    assert "continued" in store.run(silent.run_id).reason
    assert store.run(alive.run_id).status is Status.STARTING
    with pytest.raises(LeaseLost):
        store.report(silent)
    store.close()


def test_a_worker_that_is_gone_leaves_its_own_runs_alone_ended(store: Store) -> None:
    mine, other = store.start(CONFIG, "worker 1"), store.start(CONFIG, "worker 2")
    store.end_runs_of("worker 1", Status.FAILED, "It was killed.")
    assert (store.run(mine.run_id).status, store.run(mine.run_id).reason) == (Status.FAILED, "It was killed.")
    assert store.run(other.run_id).status is Status.STARTING


def test_whoever_trains_hears_of_a_cancel(store: Store) -> None:
    lease = store.start(CONFIG, "me")
    assert not store.report(lease)
    store.request_cancel(lease.run_id)
    assert store.report(lease)
    store.finish(lease, Status.FINISHED)
    store.request_cancel(lease.run_id)
    assert store.run(lease.run_id).status is Status.FINISHED


def test_a_file_in_place_of_the_home_is_said(own_settings: Settings) -> None:
    own_settings.home.write_text("in the way")
    with pytest.raises(StorageUnavailable, match="MNIST_APP_HOME"):
        Store(own_settings)


def test_a_database_that_is_none_is_said(own_settings: Settings) -> None:
    own_settings.home.mkdir()
    (own_settings.home / "runs.sqlite").write_bytes(b"no database at all" * 100)
    with pytest.raises(StorageUnavailable, match="not a database"):
        Store(own_settings)


@pytest.mark.parametrize("address", ["nonsense", "nosuch://host/name", "postgresql+nosuch://u:secret@h/n"])
def test_an_address_that_is_none_is_said(own_settings: Settings, address: str) -> None:
    with pytest.raises(InvalidSetting, match="MNIST_APP_DATABASE") as raised:
        Store(replace(own_settings, database=address))
    assert "secret" not in str(raised.value)


def test_another_sqlite_file_can_be_named(own_settings: Settings, tmp_path: Path) -> None:
    store = Store(replace(own_settings, database=f"sqlite:///{tmp_path / 'elsewhere.sqlite'}"))
    store.start(CONFIG, "me")
    assert (tmp_path / "elsewhere.sqlite").is_file() and not own_settings.home.exists()
    store.close()


def test_many_open_a_new_store_at_the_same_moment(any_settings: Settings) -> None:
    barrier = threading.Barrier(8)
    faults: list[Exception] = []

    def open_and_write() -> None:
        barrier.wait()
        try:
            store = Store(any_settings)
            Queue(store).submit(CONFIG, "me")
            store.close()
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=open_and_write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    store = Store(any_settings)
    assert len(store.runs()) == 8
    store.close()
