"""Whose turn it is: the order in which the runs that wait are trained.

Everyone's turn comes in rotation (round robin, as Nagle gave it to packets, "On Packet Switches with Infinite
Storage", 1987): of all who have runs waiting, whoever was served longest ago is next, with the first of
theirs, and who was never served comes before all who were. So nobody waits for more than one run of each
other person. A run that was moved to the front goes before all others, and counts as its owner's turn.
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
    """A run that waits, and what its place depends on."""

    number: int
    """In the order of submission."""
    id: str
    owner: str
    moved: int | None
    """The turn at which it was moved to the front; None for one that was not."""
    served: int
    """The turn at which its owner was served last; 0 for never."""


def waiting_in_order(connection: Connection) -> list[Waiting]:
    """All runs that wait, in the order in which they are trained if no other one comes."""
    served = func.coalesce(people.c.turn, 0)
    query = (
        select(runs.c.number, runs.c.id, runs.c.owner, runs.c.moved, served)
        .select_from(runs.outerjoin(people, people.c.owner == runs.c.owner))
        .where(runs.c.status == Status.QUEUED)
    )
    return in_rotation([Waiting(*row) for row in connection.execute(query)])


def in_rotation(waiting: Sequence[Waiting]) -> list[Waiting]:
    """These runs in the order of their turns."""
    moved = sorted((run for run in waiting if run.moved is not None), key=lambda run: -(run.moved or 0))
    rest = sorted((run for run in waiting if run.moved is None), key=lambda run: run.number)
    served = {run.owner: run.served for run in waiting}
    latest = max(served.values(), default=0)
    served |= {run.owner: latest + place for place, run in enumerate(moved, start=1)}
    first: dict[str, int] = {}
    before: Counter[str] = Counter()  # runs of the same owner, which are as many rounds
    keys = {}
    for run in rest:
        keys[run.id] = before[run.owner], served[run.owner], first.setdefault(run.owner, run.number)
        before[run.owner] += 1
    return [*moved, *sorted(rest, key=lambda run: keys[run.id])]


def next_turn(connection: Connection) -> int:
    """A number higher than all before it. Until the transaction ends, nobody else gets one.

    Counted, not taken from a clock, which may be set back.
    """
    queue = counters.c.name == "queue"
    connection.execute(update(counters).where(queue).values(value=counters.c.value + 1))
    return int(connection.execute(select(counters.c.value).where(queue)).scalar_one())


def serve(connection: Connection, owner: str, turn: int) -> None:
    """Note that the owner is served at this turn."""
    insert_or_update(connection, people, {"owner": owner, "name": "", "turn": turn}, changed=["turn"])
