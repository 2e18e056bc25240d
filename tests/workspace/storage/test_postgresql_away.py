"""PostgreSQL killed and away while runs are submitted and trained: what was answered is kept, all goes on."""

import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from postgresql import PostgreSQL, find_programs

from mnist_app.errors import StorageUnavailable
from mnist_app.ink.synthetic.synthesis import synthesise
from mnist_app.learning.data.datasets import Dataset
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.learning.training.training import Observer
from mnist_app.settings import Settings
from mnist_app.workspace.runs.leases import PATIENCE
from mnist_app.workspace.runs.queue import Limits, Queue
from mnist_app.workspace.runs.records import Point, Status
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.workers.execution import carry_out

pytestmark = pytest.mark.filterwarnings(  # Keras 3.15 saving a model under NumPy 2
    "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
)

CONFIG = TrainingConfig(preset="dense", dataset="small", batch_size=16)
AWAY_SECONDS = 20.0


@pytest.fixture
def on_server(own_settings: Settings, postgresql: PostgreSQL) -> Settings:
    """Settings with an empty store in PostgreSQL."""
    return replace(own_settings, database=postgresql.empty_database())


@pytest.fixture
def store(on_server: Settings, postgresql: PostgreSQL) -> Iterator[Store]:
    """Its store; the server is running again when the test is over."""
    store = Store(on_server)
    yield store
    postgresql.start()
    store.close()


def small(name: str) -> Dataset:
    """Few digits, whatever is asked for."""
    x, y = synthesise(260, seed=0)
    return Dataset(name, "written by rule", "", x[:200], y[:200], x[200:], y[200:])


def test_a_server_that_is_away_is_said_and_one_that_is_back_is_used(
    store: Store, postgresql: PostgreSQL
) -> None:
    run = Queue(store).submit(CONFIG, "me")
    postgresql.kill()
    for act in (lambda: store.run(run.id), lambda: Queue(store).submit(CONFIG, "me")):
        with pytest.raises(StorageUnavailable, match=r"cannot be read or written \(Connection refused"):
            act()
    postgresql.start()
    assert store.run(run.id).status is Status.QUEUED


def test_what_was_submitted_before_the_server_was_killed_is_there(
    store: Store, postgresql: PostgreSQL
) -> None:
    queue = Queue(store, Limits(waiting=10_000, waiting_per_owner=10_000))
    answered: list[str] = []
    faults: list[BaseException] = []
    done = threading.Event()

    def submit(owner: str) -> None:
        while not done.is_set():
            try:
                answered.append(queue.submit(CONFIG, owner).id)
            except StorageUnavailable:
                done.wait(0.05)
            except BaseException as error:
                faults.append(error)
                return

    def wait_for(count: int) -> None:
        while len(answered) < count and not faults:
            done.wait(0.01)

    threads = [threading.Thread(target=submit, args=(owner,)) for owner in "abc"]
    for thread in threads:
        thread.start()
    for count in (20, 40):
        wait_for(count)
        postgresql.kill()
        postgresql.start()
    wait_for(len(answered) + 20)
    done.set()
    for thread in threads:
        thread.join()
    assert faults == []
    kept = [run.id for run in store.runs()]
    assert set(answered) <= set(kept) and len(kept) <= len(answered) + 2 * len(threads)
    claimed = [lease.run_id for lease in iter(lambda: store.claim("worker"), None) if lease]
    assert sorted(claimed) == sorted(kept)


def test_a_report_whose_answer_was_lost_is_made_again(store: Store) -> None:
    lease = store.start(CONFIG, "me")
    points = [Point("train", step, step / 10, 1.0, 0.5) for step in (1, 2, 3)]
    store.report(lease, new_points=points[:2])
    store.report(lease, new_points=points)
    assert store.points(lease.run_id) == points


@pytest.mark.slow
def test_a_training_goes_on_while_the_server_is_away(
    store: Store, on_server: Settings, postgresql: PostgreSQL
) -> None:
    """It is trained on meanwhile, ends, and waits with its end for the server to be back."""
    assert AWAY_SECONDS < PATIENCE
    steps: list[int] = []
    back = threading.Timer(AWAY_SECONDS, postgresql.start)

    class Kill(Observer):
        def on_window(self, step: int, epoch: float, loss: float, accuracy: float) -> None:
            steps.append(step)
            if len(steps) == 10:
                postgresql.kill()
                back.start()

    config = replace(CONFIG, epochs=20)
    run = carry_out(store.start(config, "me"), store, on_server, load=small, observer=Kill())
    back.join()
    assert (run.status, run.epoch) == (Status.FINISHED, 20.0)
    assert [point.step for point in store.points(run.id, "train")] == steps
    assert len(store.points(run.id, "validation")) == 20


def test_a_dump_brings_everything_back(store: Store, on_server: Settings, postgresql: PostgreSQL) -> None:
    """As the page of several machines says."""
    programs = find_programs()
    assert programs is not None
    lease = store.start(replace(CONFIG, name="Zoë's"), "me", owner="a")
    store.report(lease, new_points=[Point("train", 1, 0.1, 1.0, 0.5)])
    before = store.run(lease.run_id)
    address = postgresql.address.replace("+psycopg", "")
    dump = on_server.home.parent / "mnist-app.dump"
    for command in (
        ["pg_dump", "--format", "custom", "--file", dump, address],
        ["pg_restore", "--clean", "--if-exists", "--no-owner", "--dbname", address, dump],
    ):
        if command[0] == "pg_restore":
            store.close()
            postgresql.empty_database()
        done = subprocess.run([programs / command[0], *command[1:]], capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
    assert store.run(lease.run_id) == before
    assert len(store.points(lease.run_id)) == 1
