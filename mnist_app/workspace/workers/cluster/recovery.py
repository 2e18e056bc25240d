"""Recovery of runs whose process or node was lost: they wait again, and go on from their checkpoint."""

import time
from collections import Counter
from collections.abc import Callable

from sqlalchemy import ColumnElement, Connection, and_, delete, or_, select, update

from mnist_app.workspace.runs import leases, rotation
from mnist_app.workspace.runs.records import ACTIVE, Status
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.storage.tables import fine_tunings, points, probes, runs, snapshots

MOST_LOSSES = 3
"""Losses in the same epoch after which a run is not tried again, because it may be the cause."""


class Recovery:
    """Puts lost runs of a cluster back into the queue, and counts each run's losses."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.time) -> None:
        """Prepare a recovery.

        Args:
            store: The store of the runs.
            clock: Returns seconds since 1970.
        """
        self._store = store
        self._clock = clock
        self._losses: Counter[tuple[str, int | None]] = Counter()

    def after(self, worker: str) -> bool:
        """Recover the run of a worker that has ended, and return whether it had one."""
        return self._put_back(and_(runs.c.worker == worker, runs.c.status.in_(ACTIVE))) > 0

    def interrupted(self) -> None:
        """Recover all of the cluster's runs whose lease has expired or that were interrupted.

        It does not matter which dispatcher began them. A run that somebody has continued already is left
        as it is.
        """
        continued = select(runs.c.continued_from).where(runs.c.continued_from.is_not(None))
        is_silent = and_(runs.c.status.in_(ACTIVE), runs.c.lease_expires < self._clock())
        is_interrupted = and_(runs.c.status == Status.INTERRUPTED, runs.c.id.not_in(continued))
        self._put_back(and_(leases.is_on_cluster(), or_(is_silent, is_interrupted)))

    def _put_back(self, lost: ColumnElement[bool]) -> int:
        with self._store.reading() as connection:
            found = list(connection.execute(select(runs.c.id).where(lost)).scalars())
        return sum(self._see_to(run_id, lost) for run_id in found)

    def _see_to(self, run_id: str, lost: ColumnElement[bool]) -> bool:
        """Requeue or end one lost run; return False if another server was faster."""
        with self._store.writing() as connection:
            turn = rotation.next_turn(connection)  # locks out other servers until the transaction ends
            columns = select(runs.c.number, runs.c.checkpoint_epoch, runs.c.cancel)
            row = connection.execute(columns.where(runs.c.id == run_id, lost)).first()
            if row is None:
                return False
            self._losses[run_id, row.checkpoint_epoch] += 1
            losses = self._losses[run_id, row.checkpoint_epoch]
            if row.cancel:
                values = leases.ended(Status.STOPPED, "It was stopped.", self._clock())
            elif losses >= MOST_LOSSES:
                values = leases.ended(Status.FAILED, _TOO_OFTEN.format(losses=losses), self._clock())
            else:
                _forget_since(connection, row.number, row.checkpoint_epoch or 0)
                values = _waiting(row.checkpoint_epoch or 0, turn)
            connection.execute(update(runs).where(runs.c.number == row.number).values(**values))
        return True


_TOO_OFTEN = (
    "The process that trained this run was lost {losses} times in the same epoch, perhaps because memory ran "
    "out. Try a smaller batch size or fewer images."
)


def _forget_since(connection: Connection, number: int, epoch: int) -> None:
    """Remove what a run wrote after an epoch, because the run will write it again."""
    for table in (points, probes, snapshots):
        connection.execute(delete(table).where(table.c.run == number, table.c.epoch > epoch))
    connection.execute(delete(fine_tunings).where(fine_tunings.c.run == number))


def _waiting(epoch: int, turn: int) -> dict[str, object]:
    """Return the columns of a run that waits before all others, as it was after an epoch."""
    return {
        "status": Status.QUEUED,
        "reason": "",
        "worker": None,
        "lease": None,
        "lease_expires": None,
        "started": None,
        "ended": None,
        "epoch": float(epoch),
        "images_per_second": None,
        "model_sha256": None,
        "moved": turn,
    }
