"""Where waiting runs come from: no tab and no address fills the queue, and the teacher can empty it."""

import pytest
from sqlalchemy import select

from mnist_app.errors import InvalidSetting, QueueFull
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.settings import MOST_WAITING_PER_ADDRESS, Settings
from mnist_app.workspace.runs.origins import Origin, Origins
from mnist_app.workspace.runs.queue import Limits, Queue
from mnist_app.workspace.runs.records import Run, Status
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.storage.identifiers import new_token
from mnist_app.workspace.storage.tables import runs

CONFIG = TrainingConfig(preset="dense", dataset="synthetic")
SMALL = Limits(waiting=20, waiting_per_owner=3, waiting_per_address=6)
ORIGINS = Origins("a secret")
HERE, THERE = "192.0.2.7", "198.51.100.0"


def submit(queue: Queue, session: str, address: str = HERE, owner: str = "") -> Run:
    """A run of somebody new, unless it is said of whom."""
    return queue.submit(CONFIG, owner or new_token(), origin=ORIGINS.of(session, address))


def kept_origins(store: Store) -> list[tuple[str | None, str | None]]:
    with store.reading() as connection:
        rows = connection.execute(select(runs.c.session, runs.c.address).order_by(runs.c.number))
        return [(row.session, row.address) for row in rows]


def test_a_tab_that_claims_to_be_somebody_new_each_time_counts_as_one(store: Store) -> None:
    queue = Queue(store, SMALL)
    for _ in range(3):
        submit(queue, "one tab")
    with pytest.raises(QueueFull, match="as many as one person may have"):
        submit(queue, "one tab")
    submit(queue, "another tab")


def fill(queue: Queue, *, runs_per_tab: int = 2) -> None:
    """Have as many runs wait from this address as usually may, of a few tabs."""
    for number in range(SMALL.waiting_per_address):
        submit(queue, f"tab {number // runs_per_tab}")


def test_one_address_leaves_room_for_others(store: Store) -> None:
    queue = Queue(store, SMALL)
    fill(queue)
    with pytest.raises(QueueFull, match="6 runs from your school.s internet connection are waiting"):
        submit(queue, "tab 0")
    submit(queue, "one more tab", THERE)
    queue.submit(CONFIG, "the command line has none")
    assert queue.waiting() == 8


def test_a_person_with_nothing_waiting_has_room_where_a_few_tabs_have_filled_an_address(
    store: Store,
) -> None:
    queue = Queue(store, SMALL)
    fill(queue, runs_per_tab=3)
    first = submit(queue, "a pupil's tab", owner="a pupil")
    assert queue.place(first.id) == 7
    for session, owner in (("a pupil's tab", ""), ("another tab", "a pupil"), ("tab 1", "")):
        with pytest.raises(QueueFull, match="from your school.s|as many as one person"):
            submit(queue, session, owner=owner)
    assert queue.waiting() == 7


def test_the_room_for_first_runs_has_an_end_as_well(store: Store) -> None:
    queue = Queue(store, SMALL)
    fill(queue)
    for number in range(3):
        submit(queue, f"new tab {number}")
    with pytest.raises(QueueFull, match="9 runs from your school.s internet connection are waiting"):
        submit(queue, "one tab too many")
    submit(queue, "one tab too many", THERE)


@pytest.mark.parametrize(("usual", "with_first"), [(1, 2), (2, 3), (200, 300)])
def test_the_room_for_first_runs_is_half_as_much_again(usual: int, with_first: int) -> None:
    assert Limits(waiting_per_address=usual).waiting_per_address_with_first == with_first


def test_one_run_that_waits_is_not_called_runs(store: Store) -> None:
    queue = Queue(store, Limits(waiting_per_owner=2, waiting_per_address=1))
    submit(queue, "a tab")
    with pytest.raises(QueueFull, match="^1 run from your school.s internet connection is waiting, and"):
        submit(queue, "a tab")
    queue = Queue(store, Limits(waiting_per_owner=1))
    with pytest.raises(QueueFull, match="^1 of your runs is waiting, which"):
        submit(queue, "a tab")


def test_a_class_of_thirty_behind_one_address_has_room_for_six_runs_each(store: Store) -> None:
    most = MOST_WAITING_PER_ADDRESS
    assert most >= 30 * 6 and Limits().waiting_per_address == most
    assert Limits().waiting - Limits().waiting_per_address_with_first >= most


def test_whence_a_run_came_is_known_only_while_it_waits(store: Store) -> None:
    queue = Queue(store, SMALL)
    first, second = submit(queue, "a"), submit(queue, "b")
    assert all(session and address for session, address in kept_origins(store))
    assert store.claim("worker") is not None
    queue.cancel(second.id)
    assert kept_origins(store) == [(None, None)] * 2
    assert store.run(first.id).status is Status.STARTING


def test_no_address_and_no_session_can_be_told_from_what_is_kept(store: Store) -> None:
    submit(Queue(store), "the session", HERE)
    ((session, address),) = kept_origins(store)
    assert (session, address) == (ORIGINS.of("the session", HERE).session, ORIGINS.of("x", HERE).address)
    assert HERE not in f"{session}{address}" and address != Origins("another secret").of("x", HERE).address
    assert address != ORIGINS.of(HERE, "x").session


def test_servers_with_one_secret_count_an_address_together(store: Store) -> None:
    queue = Queue(store, SMALL)
    for number in range(6):
        origin = Origins("of all servers").of(f"tab {number // 2}", HERE)
        queue.submit(CONFIG, new_token(), origin=origin)
    with pytest.raises(QueueFull, match="from your school.s internet connection are waiting"):
        queue.submit(CONFIG, new_token(), origin=Origins("of all servers").of("tab 0", HERE))


def waiting(queue: Queue) -> set[str]:
    return set(queue.turns())


def test_all_of_one_person_of_one_address_or_of_all_are_cancelled(store: Store) -> None:
    queue = Queue(store)
    ada = [submit(queue, "a", HERE, "ada") for _ in range(2)]
    bob, cy = submit(queue, "b", HERE, "bob"), submit(queue, "c", THERE, "cy")
    working = store.start(CONFIG, "worker", owner="ada").run_id
    assert queue.cancel_like(ada[0].id, "owner") == 2
    assert waiting(queue) == {bob.id, cy.id}
    assert not store.run(working).cancel
    assert queue.cancel_like(ada[0].id, "address") == 0, "it does not wait any more"
    submit(queue, "d", HERE)
    assert queue.cancel_like(bob.id, "address") == 2
    assert waiting(queue) == {cy.id}
    queue.submit(CONFIG, "somebody")
    assert queue.cancel_all() == 2
    assert waiting(queue) == set()
    assert {run.status for run in store.runs() if run.id != working} == {Status.STOPPED}


def test_runs_without_an_address_are_not_taken_for_those_of_one(store: Store) -> None:
    queue = Queue(store)
    first, second = (queue.submit(CONFIG, owner, origin=Origin()) for owner in ("ada", "bob"))
    assert queue.cancel_like(first.id, "address") == 0
    assert waiting(queue) == {first.id, second.id}


@pytest.mark.parametrize(("text", "number"), [("", MOST_WAITING_PER_ADDRESS), ("1", 1), ("300", 300)])
def test_how_many_may_wait_is_a_setting(text: str, number: int) -> None:
    environment = {"MNIST_APP_MOST_WAITING_PER_ADDRESS": text}
    assert Settings.from_environment(environment).most_waiting_per_address == number


@pytest.mark.parametrize("text", ["0", "-5", "many", "1e3", "²", "1" * 50])
def test_a_setting_that_is_no_number_is_said(text: str) -> None:
    with pytest.raises(InvalidSetting, match="give a whole number of at least 1"):
        Settings.from_environment({"MNIST_APP_MOST_WAITING_PER_ADDRESS": text})
