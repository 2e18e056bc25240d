"""The queue: first come, first served, bounded, and nobody lost or taken twice when many come at once."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from mnist_app.errors import InvalidSetting, QueueFull, RunNotFound, RunNotReady
from mnist_app.learning.configuration import TrainingConfig
from mnist_app.runs.models import ModelFiles
from mnist_app.runs.queue import Limits, Queue
from mnist_app.runs.records import Status
from mnist_app.runs.store import Store, new_id
from mnist_app.settings import PROJECT, Settings

CONFIG = TrainingConfig(preset="dense", dataset="synthetic")


def test_first_come_first_served(store: Store) -> None:
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
from mnist_app.learning.configuration import TrainingConfig
from mnist_app.runs.queue import Queue
from mnist_app.runs.store import Store
from mnist_app.settings import Settings
queue = Queue(Store(Settings.from_environment()))
print("here", flush=True)
for line in sys.stdin:
    name = line.strip()
    print(queue.submit(TrainingConfig(name=name), sys.argv[1]).id, flush=True)
"""
CLAIM = """
import json, sys, threading
from mnist_app.runs.records import Status
from mnist_app.runs.store import Store
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
    numbers = {run.id: run.number for run in store.runs()}
    store.close()
    assert sorted(submitted[0] + submitted[1]) == sorted(numbers)
    assert sorted(claimed[0] + claimed[1]) == sorted(numbers)
    for ids in (*submitted, *claimed):
        assert [numbers[run_id] for run_id in ids] == sorted(numbers[run_id] for run_id in ids)
