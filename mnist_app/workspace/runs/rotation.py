"""The order in which waiting runs are trained: round robin among their owners.

Nagle proposed this order for packets ("On Packet Switches with Infinite Storage", 1987). The owner who was
served longest ago is next, with their first run. An owner who was never served comes before all others. So
nobody waits for more than one run of each other person. A run that was moved to the front comes before all
others, and counts as its owner's turn.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, update

from mnist_app.workspace.runs.records import Status
from mnist_app.workspace.storage.tables import counters, people, runs
from mnist_app.workspace.storage.upsert import insert_or_update


@dataclass(frozen=True)
class Waiting:
    """A waiting run, with all that its place depends on."""

    number: int
    """Its place in the order of submission."""
    id: str
    owner: str
    moved: int | None
    """The turn at which it was moved to the front; None where it was not."""
    served: int
    """The turn at which its owner was served last; 0 for never."""


def waiting_in_order(connection: Connection) -> list[Waiting]:
    """Return all waiting runs in the order of their turns."""
    served = func.coalesce(people.c.turn, 0)
    query = (
        select(runs.c.number, runs.c.id, runs.c.owner, runs.c.moved, served)
        .select_from(runs.outerjoin(people, people.c.owner == runs.c.owner))
        .where(runs.c.status == Status.QUEUED)
    )
    return in_rotation([Waiting(*row) for row in connection.execute(query)])


def in_rotation(waiting: Sequence[Waiting]) -> list[Waiting]:
    """Return waiting runs in the order of their turns."""
    moved = sorted((run for run in waiting if run.moved is not None), key=lambda run: -(run.moved or 0))
    rest = sorted((run for run in waiting if run.moved is None), key=lambda run: run.number)
    served = {run.owner: run.served for run in waiting}
    latest = max(served.values(), default=0)
    served |= {run.owner: latest + place for place, run in enumerate(moved, start=1)}
    first: dict[str, int] = {}
    before: Counter[str] = Counter()  # earlier runs of the same owner, each of which is one round
    keys = {}
    for run in rest:
        keys[run.id] = before[run.owner], served[run.owner], first.setdefault(run.owner, run.number)
        before[run.owner] += 1
    return [*moved, *sorted(rest, key=lambda run: keys[run.id])]


def next_turn(connection: Connection) -> int:
    """Return a number higher than all before it; other callers wait until the transaction ends.

    It is counted, because a clock may be set back.
    """
    queue = counters.c.name == "queue"
    connection.execute(update(counters).where(queue).values(value=counters.c.value + 1))
    return int(connection.execute(select(counters.c.value).where(queue)).scalar_one())


def serve(connection: Connection, owner: str, turn: int) -> None:
    """Note that the owner is served at this turn."""
    insert_or_update(connection, people, {"owner": owner, "name": "", "turn": turn}, changed=["turn"])
