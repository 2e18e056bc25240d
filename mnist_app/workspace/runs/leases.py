"""Leases: the exclusive right to train a run, which expires unless it is renewed."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, Connection, and_, not_, or_, select, update

from mnist_app.errors import LeaseLost
from mnist_app.workspace.runs.records import ACTIVE, Lease, Run, Status
from mnist_app.workspace.runs.rows import columns_to_keep
from mnist_app.workspace.storage.tables import runs

LEASE_SECONDS = 30.0
"""Seconds that a worker may be silent before its run counts as interrupted."""
NOTICED_SECONDS = 10.0
"""Seconds of silence after which waiting people are told. A worker reports several times a second."""
LONGEST_SECONDS = 2 * LEASE_SECONDS
"""The longest valid lease. A longer one was given before the clock was set back."""
PATIENCE = 0.8 * LEASE_SECONDS
"""Seconds that a worker waits for a database that does not answer, so that its lease does not expire."""
ON_CLUSTER = "ray:"
"""The prefix of the names of workers on a cluster."""
TAKE_UP_SECONDS = 60.0
"""Extra seconds before a cluster's run expires, in which a dispatcher can resume it."""
EXPIRED = f"The program that trained this run has been silent for {LEASE_SECONDS:.0f} s; it can be continued."


def claimed(worker: str, token: str, now: float) -> dict[str, object]:
    """Return the columns of a run that a worker claims.

    Args:
        worker: The worker's name.
        token: The token of its lease.
        now: Seconds since 1970.
    """
    return columns_to_keep(
        {
            "status": Status.STARTING,
            "worker": worker,
            "lease": token,
            "lease_expires": now + LEASE_SECONDS,
            "started": now,
            "session": None,  # only the limits of the queue use these
            "address": None,
        }
    )


def ended(status: Status, reason: str, now: float) -> dict[str, object]:
    """Return the columns of a run that ends, which include the return of its lease.

    Args:
        status: How it ends.
        reason: Why, in a sentence.
        now: Seconds since 1970.
    """
    lease = {"lease": None, "lease_expires": None}
    return columns_to_keep({"status": status, "reason": reason, "ended": now, **lease})


def change(connection: Connection, lease: Lease, values: Mapping[str, object]) -> tuple[int, bool]:
    """Change columns of a run under its lease.

    Returns:
        The run's number, and whether somebody asked it to stop.

    Raises:
        LeaseLost: The lease is not valid any more.
        InvalidSetting: A value is outside the limits of a run.
    """
    mine = and_(runs.c.id == lease.run_id, runs.c.lease == lease.token)
    row = connection.execute(select(runs.c.number, runs.c.cancel).where(mine)).first()
    changed = update(runs).where(mine).values(**columns_to_keep(values))
    if row is None or not connection.execute(changed).rowcount:
        raise LeaseLost(
            f"This process may not train run {lease.run_id} any more: its lease expired or it was deleted."
        )
    return row.number, row.cancel


def end_active(
    connection: Connection, which: ColumnElement[bool], status: Status, reason: str, now: float
) -> None:
    """End the active runs for which a condition holds."""
    chosen = update(runs).where(which, runs.c.status.in_(ACTIVE))
    connection.execute(chosen.values(**ended(status, reason, now)))


def is_too_long(run: Run, now: float) -> bool:
    """Return whether the clock was set back since the run's lease was given."""
    return run.status.active and (run.lease_expires or 0.0) > now + LONGEST_SECONDS


def shorten(connection: Connection, now: float) -> None:
    """Shorten leases that are too long to the length of a new one."""
    too_long = runs.c.lease_expires > now + LONGEST_SECONDS
    connection.execute(update(runs).where(too_long).values(lease_expires=now + LEASE_SECONDS))


def is_expired(run: Run, now: float) -> bool:
    """Return whether the lease of an active run has expired."""
    late = now - TAKE_UP_SECONDS if (run.worker or "").startswith(ON_CLUSTER) else now
    return run.status.active and run.lease_expires is not None and run.lease_expires < late


def silence(run: Run, now: float) -> float:
    """Return the seconds since the last report of an active run; 0 for other runs."""
    if not run.status.active or run.lease_expires is None:
        return 0.0
    return max(now - (run.lease_expires - LEASE_SECONDS), 0.0)


def expired(now: float) -> ColumnElement[bool]:
    """Return the condition that a run's lease has expired."""
    on_cluster = is_on_cluster()
    return or_(
        and_(not_(on_cluster), runs.c.lease_expires < now),
        and_(on_cluster, runs.c.lease_expires < now - TAKE_UP_SECONDS),
    )


def is_on_cluster() -> ColumnElement[bool]:
    """Return the condition that a cluster trains or trained a run."""
    return runs.c.worker.startswith(ON_CLUSTER, autoescape=True)
