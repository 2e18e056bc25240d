"""The turn of a waiting run: its place in the queue and, if known, the time until it begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from sqlalchemy import Connection, not_, select

from mnist_app.workspace.runs import leases
from mnist_app.workspace.runs.records import ACTIVE, Status
from mnist_app.workspace.storage.tables import runs

RECENT_SECONDS = 6 * 3600.0
"""Runs that finished longer ago do not count."""
_MOST_RECENT = 50


@dataclass(frozen=True)
class Turn:
    """The turn of a waiting run."""

    place: int
    """Its place in the queue; 1 for the next run."""
    seconds: float | None
    """The estimated time until it begins; None where no run has finished recently."""


def forecast(connection: Connection, waiting: Sequence[str], now: float) -> dict[str, Turn]:
    """Return the turns of the waiting runs by their ids.

    The estimate assumes that each run takes as long as the median of recently finished runs, and that as many
    train at once as now.

    Args:
        connection: A transaction.
        waiting: The ids of the waiting runs, in their order.
        now: Seconds since 1970.
    """
    usual = _usual_seconds(connection, now)
    begun = _begun(connection, now)
    # A start in the future means that the clock was set back since.
    busy = sum(max(usual - max(now - start, 0.0), 0.0) for start in begun) if usual is not None else 0.0
    at_once = max(len(begun), 1)
    return {
        run_id: Turn(ahead + 1, None if usual is None else (busy + ahead * usual) / at_once)
        for ahead, run_id in enumerate(waiting)
    }


def _usual_seconds(connection: Connection, now: float) -> float | None:
    """Return the median time from claim to end of recent runs, without those of the command line."""
    query = (
        select(runs.c.started, runs.c.ended)
        .where(runs.c.status == Status.FINISHED, runs.c.owner != "", runs.c.ended > now - RECENT_SECONDS)
        .order_by(runs.c.ended.desc())
        .limit(_MOST_RECENT)
    )
    seconds = [max(ended - started, 0.0) for started, ended in connection.execute(query)]
    return median(seconds) if seconds else None


def _begun(connection: Connection, now: float) -> list[float]:
    """Return the start of each run in training, without those whose lease has expired."""
    query = select(runs.c.started).where(
        runs.c.status.in_(ACTIVE), runs.c.owner != "", not_(leases.expired(now))
    )
    return list(connection.execute(query).scalars())
