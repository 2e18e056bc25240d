"""Thirty people submit three hundred runs at once: none is lost, turns are fair, and each is told when."""

import threading
from concurrent.futures import ThreadPoolExecutor

from databases import postgresql_is_slow

from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.settings import Settings
from mnist_app.workspace.runs.queue import Queue
from mnist_app.workspace.runs.records import Status
from mnist_app.workspace.runs.run_store import Store

CONFIG = TrainingConfig(preset="dense", dataset="synthetic")


@postgresql_is_slow
def test_thirty_at_once_submit_three_hundred_and_each_is_told_when(any_settings: Settings) -> None:
    store, barrier = Store(any_settings), threading.Barrier(30)
    lease = store.start(CONFIG, "me", owner="before")
    store.finish(lease, Status.FINISHED)

    def submit(owner: str) -> list[str]:
        own = Store(any_settings)
        queue = Queue(own)
        barrier.wait()
        ids = [queue.submit(CONFIG, owner).id for _ in range(10)]
        own.close()
        return ids

    with ThreadPoolExecutor(30) as threads:
        submitted = list(threads.map(submit, [f"person {number}" for number in range(30)]))
    owner_of = {run_id: number for number, ids in enumerate(submitted) for run_id in ids}
    turns = Queue(store).turns()
    assert len(turns) == len(owner_of) == 300 and set(turns) == set(owner_of)
    order = [owner_of[run_id] for run_id in turns]
    for start in range(0, 300, 30):
        assert sorted(order[start : start + 30]) == list(range(30))
    for ids in submitted:
        assert [run_id for run_id in turns if run_id in ids] == ids
    assert [turn.place for turn in turns.values()] == list(range(1, 301))
    assert all(turn.seconds is not None for turn in turns.values())
    store.close()
