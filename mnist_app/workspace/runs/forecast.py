"""When a waiting run's turn comes: its place in the queue and, where that can be told, in how long."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from sqlalchemy import Connection, not_, select

from mnist_app.workspace.runs import leases
from mnist_app.workspace.runs.records import ACTIVE, Status
from mnist_app.workspace.storage.tables import runs

RECENT_SECONDS = 6 * 3600.0
"""Runs that finished longer ago say nothing of those that wait now."""
_MOST_RECENT = 50


@dataclass(frozen=True)
class Turn:
    """When the turn of a waiting run comes."""

    place: int
    """1 for the run that is next."""
    seconds: float | None
    """About how long until then; None where no run has finished of late."""


def forecast(connection: Connection, waiting: Sequence[str], now: float) -> dict[str, Turn]:
    """The turns of the runs that wait, given as ids in their order. `now`: seconds since 1970.

    Each run is taken to last as long as the median of those that finished of late, and as many to be
    trained at once as are now.
    """
    usual = _usual_seconds(connection, now)
    begun = _begun(connection, now)
    # A start that lies ahead is of a clock that was set back since.
    busy = sum(max(usual - max(now - start, 0.0), 0.0) for start in begun) if usual is not None else 0.0
    at_once = max(len(begun), 1)
    return {
        run_id: Turn(ahead + 1, None if usual is None else (busy + ahead * usual) / at_once)
        for ahead, run_id in enumerate(waiting)
    }


def _usual_seconds(connection: Connection, now: float) -> float | None:
    """The median of the newest runs' times from claim to end; those of the command line never waited."""
    query = (
        select(runs.c.started, runs.c.ended)
        .where(runs.c.status == Status.FINISHED, runs.c.owner != "", runs.c.ended > now - RECENT_SECONDS)
        .order_by(runs.c.ended.desc())
        .limit(_MOST_RECENT)
    )
    seconds = [max(ended - started, 0.0) for started, ended in connection.execute(query)]
    return median(seconds) if seconds else None


def _begun(connection: Connection, now: float) -> list[float]:
    """Return when each of the runs that are being trained was begun, without those whose lease ran out."""
    query = select(runs.c.started).where(
        runs.c.status.in_(ACTIVE), runs.c.owner != "", not_(leases.expired(now))
    )
    return list(connection.execute(query).scalars())
