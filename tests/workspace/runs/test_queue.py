"""The queue: everyone's turn in rotation, bounded, and nobody lost or taken twice when many come at once."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from databases import postgresql_is_slow
from hypothesis import given
from hypothesis import strategies as st
from waiting import Clock

from mnist_app.errors import InvalidSetting, QueueFull, RunNotFound, RunNotReady
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.settings import PROJECT, Settings
from mnist_app.workspace.runs.forecast import RECENT_SECONDS
from mnist_app.workspace.runs.leases import LEASE_SECONDS
from mnist_app.workspace.runs.model_files import Checkpoint, ModelFiles
from mnist_app.workspace.runs.queue import Limits, Queue
from mnist_app.workspace.runs.records import Status
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.storage.identifiers import new_id

CONFIG = TrainingConfig(preset="dense", dataset="synthetic")


def claim(store: Store) -> str | None:
    """The id of the run whose turn it is."""
    lease = store.claim("worker")
    return lease.run_id if lease else None


def test_first_come_first_served_where_each_has_one(store: Store) -> None:
    queue = Queue(store)
    submitted = [queue.submit(CONFIG, owner).id for owner in ("a", "b", "a")]
    assert [queue.place(run_id) for run_id in submitted] == [1, 2, 3]
    assert (queue.waiting(), queue.waiting("a")) == (3, 2)
    first = store.claim("worker")
    assert first is not None and first.run_id == submitted[0]
    assert [queue.place(run_id) for run_id in submitted] == [None, 1, 2]
    rest = [store.claim("worker"), store.claim("other worker")]
    assert [lease.run_id for lease in rest if lease] == submitted[1:]
    assert store.claim("worker") is None
    assert store.run(submitted[0]).worker == "worker"


def test_who_submits_many_does_not_keep_the_others_waiting(store: Store) -> None:
    queue = Queue(store)
    many = [queue.submit(CONFIG, "eager").id for _ in range(3)]
    assert claim(store) == many[0]
    late, later = queue.submit(CONFIG, "late").id, queue.submit(CONFIG, "later").id
    assert [queue.place(run_id) for run_id in (late, later, many[1], many[2])] == [1, 2, 3, 4]
    again = queue.submit(CONFIG, "late").id
    assert [claim(store) for _ in range(6)] == [late, later, many[1], again, many[2], None]


def test_a_run_moved_to_the_front_is_next_and_is_its_owner_s_turn(store: Store) -> None:
    queue = Queue(store)
    first, second = queue.submit(CONFIG, "a").id, queue.submit(CONFIG, "a").id
    other, third = queue.submit(CONFIG, "b").id, queue.submit(CONFIG, "c").id
    queue.move_to_front(second)
    assert list(queue.turns()) == [second, other, third, first]
    queue.move_to_front(third)
    assert [claim(store) for _ in range(4)] == [third, second, other, first]
    with pytest.raises(RunNotReady, match="does not wait any more: it is starting"):
        queue.move_to_front(first)
    with pytest.raises(RunNotFound):
        queue.move_to_front(new_id())


def test_a_continued_run_waits_for_its_turn_too(store: Store, own_settings: Settings) -> None:
    queue, files = Queue(store), ModelFiles(own_settings.home)
    lease = store.start(CONFIG, "worker", owner="a")
    sha256 = files.save_checkpoint(lease.run_id, Checkpoint(2, (np.zeros(3, np.float32),)))
    store.finish(lease, Status.STOPPED, checkpoint_epoch=2, checkpoint_sha256=sha256)
    own = queue.submit(CONFIG, "a").id
    continued = queue.continue_run(store.run(lease.run_id), 1, "a", files).id
    other = queue.submit(CONFIG, "b").id
    assert [claim(store) for _ in range(3)] == [own, other, continued]


STEPS = st.one_of(
    st.sampled_from("abcd").map(lambda owner: ("submit", owner)),
    st.just(("claim", "")),
    st.integers(0, 9).map(lambda place: ("cancel", str(place))),
)


@given(st.lists(STEPS, max_size=30))
def test_nobody_waits_for_two_runs_of_another_and_none_is_lost(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str]]
) -> None:
    settings = replace(Settings.from_environment(), home=tmp_path_factory.mktemp("queue"), database=None)
    store = Store(settings)
    queue = Queue(store)
    events: list[tuple[str, str]] = []
    owners: dict[str, str] = {}
    for step, what in steps:
        turns = list(queue.turns())
        if step == "submit":
            run = queue.submit(CONFIG, what)
            owners[run.id] = what
            events.append(("submitted", run.id))
        elif step == "cancel" and int(what) < len(turns):
            queue.cancel(turns[int(what)])
        elif step == "claim":
            claimed = claim(store)
            assert claimed == (turns[0] if turns else None)
            events += [("claimed", claimed)] if claimed else []
    told = list(queue.turns())
    assert [queue.place(run_id) for run_id in told] == list(range(1, len(told) + 1))
    drained = [claim(store) for _ in told]
    assert drained == told and claim(store) is None
    store.close()
    assert_fair(events + [("claimed", run_id) for run_id in told], owners)


def assert_fair(events: list[tuple[str, str]], owners: dict[str, str]) -> None:
    """While a run waited, and since its owner's turn before, nobody else had two turns."""
    served: dict[str, int] = {}
    for moment, (event, run_id) in enumerate(events):
        if event == "claimed":
            owner = owners[run_id]
            since = max(events.index(("submitted", run_id)), served.get(owner, 0))
            claims = [each for what, each in events[since + 1 : moment] if what == "claimed"]
            others = [owners[each] for each in claims]
            assert len(others) == len(set(others)), (owner, others)
            served[owner] = moment


@postgresql_is_slow
def test_thirty_people_submit_three_hundred_runs(store: Store) -> None:
    queue = Queue(store)
    owners = {queue.submit(CONFIG, f"person {person}").id: person for person in range(30) for _ in range(10)}
    order = [owners[claim(store) or ""] for _ in range(300)]
    assert order == list(range(30)) * 10
    assert claim(store) is None


def test_how_long_a_run_will_wait(any_settings: Settings) -> None:
    clock = Clock()
    store = Store(any_settings, clock)
    queue = Queue(store, clock=clock)
    waiting = [queue.submit(CONFIG, owner).id for owner in "aaabbb"]
    assert [turn.seconds for turn in queue.turns().values()] == [None] * 6
    for seconds in (100, 20, 60):
        lease = store.claim("worker")
        assert lease is not None
        clock.now += seconds
        store.finish(lease, Status.FINISHED)
    assert [turn.seconds for turn in queue.turns().values()] == [0, 60, 120]
    lease = store.claim("worker")
    assert lease is not None
    clock.now += 45
    store.report(lease)
    assert [(turn.place, turn.seconds) for turn in queue.turns().values()] == [(1, 15), (2, 75)]
    clock.now += 45
    store.report(lease)
    assert [turn.seconds for turn in queue.turns().values()] == [0, 60]
    assert store.claim("another worker")
    assert [turn.seconds for turn in queue.turns().values()] == [30]
    clock.now += RECENT_SECONDS
    assert [turn.seconds for turn in queue.turns().values()] == [None]
    assert queue.place(waiting[-1]) == 1
    store.close()


def test_nobody_waits_for_a_run_whose_lease_ran_out(any_settings: Settings) -> None:
    clock = Clock()
    store = Store(any_settings, clock)
    queue = Queue(store, clock=clock)
    for owner in "abc":
        queue.submit(CONFIG, owner)
    lease = store.claim("worker")
    assert lease is not None
    clock.now += 600
    store.finish(lease, Status.FINISHED)
    assert store.claim("a worker that is stopped")
    assert [turn.seconds for turn in queue.turns().values()] == [600]
    clock.now += LEASE_SECONDS + 1
    assert [turn.seconds for turn in queue.turns().values()] == [0]
    store.close()


def test_a_run_that_never_waits_is_not_in_the_queue(store: Store) -> None:
    lease = store.start(CONFIG, "command line")
    assert Queue(store).waiting() == 0
    assert store.claim("worker") is None
    assert Queue(store).place(lease.run_id) is None


def test_a_waiting_run_can_be_taken_out(store: Store) -> None:
    queue = Queue(store)
    first, second = queue.submit(CONFIG, "a"), queue.submit(CONFIG, "a")
    queue.cancel(first.id)
    assert store.run(first.id).status is Status.STOPPED
    assert "queue" in store.run(first.id).reason
    assert queue.place(second.id) == 1
    lease = store.claim("worker")
    assert lease is not None and lease.run_id == second.id


def test_who_has_too_many_waiting_is_told(store: Store) -> None:
    queue = Queue(store)
    accepted = 0
    for _ in range(100):
        try:
            queue.submit(CONFIG, "eager")
            accepted += 1
        except QueueFull as error:
            assert f"{accepted} of your runs are waiting" in str(error)
    assert accepted == queue.waiting("eager") == Limits().waiting_per_owner < 100
    queue.submit(CONFIG, "somebody else")


def test_a_full_queue_is_told(store: Store) -> None:
    queue = Queue(store, Limits(waiting=3, waiting_per_owner=2))
    for owner in ("a", "a", "b"):
        queue.submit(CONFIG, owner)
    with pytest.raises(QueueFull, match="The queue is full: 3 runs are waiting"):
        queue.submit(CONFIG, "c")
    assert store.claim("worker") is not None
    queue.submit(CONFIG, "c")


def test_the_probe_goes_along(store: Store) -> None:
    probe = np.full((28, 28), 0.5, np.float32)
    run = Queue(store).submit(CONFIG, "a", probe=probe)
    image = store.probe_image(run.id)
    assert image is not None and np.array_equal(image, probe)
    with pytest.raises(ValueError, match="probe"):
        Queue(store).submit(CONFIG, "a", probe=probe * 3)


def test_a_name_that_cannot_be_kept_does_not_enter(store: Store) -> None:
    with pytest.raises(InvalidSetting, match="name"):
        Queue(store).submit(replace(CONFIG, name="two\nlines"), "a")
    assert Queue(store).waiting() == 0


def test_a_run_that_does_not_exist_has_no_place(store: Store) -> None:
    with pytest.raises(RunNotFound):
        Queue(store).place(new_id())
    with pytest.raises(RunNotFound):
        Queue(store).cancel("../../etc/passwd")


@pytest.mark.parametrize("status", [Status.FINISHED, Status.DIVERGED, Status.STARTING])
def test_what_has_no_checkpoint_is_not_continued(store: Store, status: Status) -> None:
    lease = store.start(CONFIG, "a")
    if status is not Status.STARTING:
        store.finish(lease, status)
    files = ModelFiles(PROJECT / "nowhere")
    with pytest.raises(RunNotReady, match="cannot be continued"):
        Queue(store).continue_run(store.run(lease.run_id), 1, "a", files)


SUBMIT = """
import sys
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.workspace.runs.queue import Queue
from mnist_app.workspace.runs.run_store import Store
from mnist_app.settings import Settings
queue = Queue(Store(Settings.from_environment()))
print("here", flush=True)
for line in sys.stdin:
    name = line.strip()
    print(queue.submit(TrainingConfig(name=name), sys.argv[1]).id, flush=True)
"""
CLAIM = """
import json, sys, threading
from mnist_app.workspace.runs.records import Status
from mnist_app.workspace.runs.run_store import Store
from mnist_app.settings import Settings
store = Store(Settings.from_environment())
print("here", flush=True)
claimed = []
while len(claimed) < 100:
    lease = store.claim(sys.argv[1])
    if lease:
        claimed.append(lease.run_id)
        store.finish(lease, Status.FINISHED)
    elif threading.Event().wait(0.01) or len(store.runs(statuses=[Status.FINISHED])) == 100:
        break
print(json.dumps(claimed))
"""


def start(program: str, name: str, settings: Settings) -> "subprocess.Popen[str]":
    """A process that has opened the store, and waits or works."""
    process = subprocess.Popen(
        [sys.executable, "-c", program, name],
        cwd=PROJECT,
        env={**os.environ, **settings.to_environment()},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and process.stdout.readline() == "here\n"
    return process


@pytest.mark.slow
def test_two_browsers_submit_at_the_same_moment_while_two_workers_claim(any_settings: Settings) -> None:
    browsers = [start(SUBMIT, owner, any_settings) for owner in ("a", "b")]
    workers = [start(CLAIM, name, any_settings) for name in ("1", "2")]
    submitted: list[list[str]] = [[], []]
    for moment in range(50):
        for browser in browsers:
            assert browser.stdin is not None
            browser.stdin.write(f"{moment}\n")
            browser.stdin.flush()
        for browser, ids in zip(browsers, submitted, strict=True):
            assert browser.stdout is not None
            ids.append(browser.stdout.readline().strip())
    for browser in browsers:
        browser.communicate(timeout=60)
    claimed = [json.loads(worker.communicate(timeout=60)[0]) for worker in workers]
    store = Store(any_settings)
    found = store.runs()
    numbers, owners = ({run.id: getattr(run, name) for run in found} for name in ("number", "owner"))
    store.close()
    assert sorted(submitted[0] + submitted[1]) == sorted(numbers)
    assert sorted(claimed[0] + claimed[1]) == sorted(numbers)
    for ids in claimed:
        for owner in ("a", "b"):
            own = [numbers[run_id] for run_id in ids if owners[run_id] == owner]
            assert own == sorted(own)
