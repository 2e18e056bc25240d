"""The store: what is known of every training run, in a database that any number of processes share.

The store is the only truth: a page, a worker, the command line and a second server see the same runs.
Whoever trains a run holds a lease on it (`leases`), which runs out unless it is renewed; every write of a
worker asks whether the lease is still its own, so that no two can work on one run.
"""

import copy
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from types import TracebackType

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    delete,
    insert,
    literal,
    update,
)

from mnist_app.errors import AmbiguousName, RunNotReady
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.settings import Settings
from mnist_app.workspace.runs import curves, leases, rotation
from mnist_app.workspace.runs.columns import columns_to_keep
from mnist_app.workspace.runs.leases import LEASE_SECONDS
from mnist_app.workspace.runs.records import ACTIVE, Lease, Point, Probe, Run, Split, Status
from mnist_app.workspace.runs.rows import read_runs
from mnist_app.workspace.storage.database import Database
from mnist_app.workspace.storage.identifiers import checked_id, is_id, new_id, new_token, not_found, shown
from mnist_app.workspace.storage.tables import runs
from mnist_app.workspace.storage.visible_text import check_name, fault_of_name

Value = float | int | str | bool | bytes | None


class Store:
    """The runs in one database. Safe to share among threads; each process opens its own."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        """Open the store, and make it if it is not there.

        `clock` gives seconds since 1970. Raises `StorageUnavailable` or `InvalidSetting`.
        """
        self.database = Database(settings)
        self._clock = clock

    def __enter__(self) -> "Store":
        """Return the open store."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def patient(self, seconds: float) -> "Store":
        """Return a view of the same store that retries an unreachable server for `seconds`."""
        patient = copy.copy(self)
        patient.database = self.database.patient(seconds)
        return patient

    def close(self) -> None:
        """Close the connections that are not in use."""
        self.database.close()

    def reading(self) -> AbstractContextManager[Connection]:
        """Open a transaction that only reads."""
        return self.database.reading()

    def writing(self) -> AbstractContextManager[Connection]:
        """Open a transaction that writes everything or nothing."""
        return self.database.writing()

    # What pages read

    def run(self, run_id: str) -> Run:
        """The run of that id; raises `RunNotFound`."""
        found = self._runs(runs.c.id == checked_id(run_id))
        if not found:
            raise not_found(run_id)
        return found[0]

    def runs(
        self,
        *,
        owner: str | None = None,
        statuses: Iterable[Status] | None = None,
        limit: int | None = None,
        before: int | None = None,
    ) -> list[Run]:
        """Runs, the newest first: of one owner, of some statuses, with a number below `before`."""
        conditions = [
            *([] if owner is None else [runs.c.owner == owner]),
            *([] if statuses is None else [runs.c.status.in_([str(status) for status in statuses])]),
            *([] if before is None else [runs.c.number < before]),
        ]
        return self._runs(and_(literal(True), *conditions), limit)

    def find(self, text: str) -> Run:
        """The run whose id or, failing that, whose name this is.

        Raises `RunNotFound`, or `AmbiguousName` with the ids of all runs of that name.
        """
        if is_id(text) and (found := self._runs(runs.c.id == text)):
            return found[0]
        named = self._runs(runs.c.name == text) if text and fault_of_name(text) is None else []
        if not named:
            raise not_found(text)
        if len(named) > 1:
            ids = ", ".join(run.id for run in named)
            raise AmbiguousName(f"{len(named)} runs are called {shown(text)}: {ids}. Give one of these ids.")
        return named[0]

    def points(
        self, run_id: str, split: Split | None = None, *, after: int = 0, most: int | None = None
    ) -> list[Point]:
        """The points of a run's curves in their order, those with a step above `after`.

        With `most`, a curve of more points is thinned to so many, each the mean of its neighbours, the
        whole way from the first step to the last; never cut. An unknown run has none.
        """
        with self.reading() as connection:
            found = curves.read_points(connection, run_id, split, after)
        return curves.whole_curves(found, most)

    def probes(self, run_id: str, *, after: int = 0, most: int | None = None) -> list[Probe]:
        """What the network said of the probe image, in order; with `most`, so many moments, the last too."""
        with self.reading() as connection:
            return curves.read_probes(connection, run_id, after, most)

    def probe_image(self, run_id: str) -> NDArray[np.float32] | None:
        """The image (28, 28) that the network is asked about while it trains; None where there is none.

        Raises `RunNotFound`.
        """
        with self.reading() as connection:
            return curves.read_probe_image(connection, run_id)

    # What makes, changes and removes a run

    def start(
        self,
        config: TrainingConfig,
        worker: str,
        *,
        owner: str = "",
        probe: NDArray[np.float32] | None = None,
    ) -> Lease:
        """A new run that never waits: whoever starts it trains it, under the lease that this gives.

        Raises `InvalidSetting` for a name that cannot be kept.
        """
        token = new_token()
        with self.writing() as connection:
            run_id = self.insert(connection, config, owner, probe=probe)
            taken = leases.claimed(worker, token, self._clock())
            connection.execute(update(runs).where(runs.c.id == run_id).values(**taken))
        return Lease(run_id, token)

    def insert(
        self,
        connection: Connection,
        config: TrainingConfig,
        owner: str,
        *,
        probe: NDArray[np.float32] | None = None,
        **columns: Value,
    ) -> str:
        """Put a queued run into the store within a transaction and return its id. For the queue."""
        check_name(config.name)
        run_id = str(columns.pop("id", None) or new_id())
        values = {
            "id": run_id,
            "name": config.name,
            "owner": owner,
            "configuration": config.to_dict(),
            "versions": {},
            "status": Status.QUEUED,
            "reason": "",
            "created": self._clock(),
            "cancel": False,
            "epoch": 0.0,
            "probe": None if probe is None else curves.probe_image_bytes(probe),
        }
        connection.execute(insert(runs).values(**columns_to_keep({**values, **columns})))
        return run_id

    def rename(self, run_id: str, name: str) -> None:
        """Call a run by another name; raises `RunNotFound` or `InvalidSetting`."""
        check_name(name)
        with self.writing() as connection:
            changed = connection.execute(
                update(runs).where(runs.c.id == checked_id(run_id)).values(name=name)
            ).rowcount
        if not changed:
            raise not_found(run_id)

    def delete(self, run_id: str) -> None:
        """Remove a run that nobody works on, with its points and probes, from the database.

        Its files are for `model_files.ModelFiles.delete`. Raises `RunNotFound`, or `RunNotReady` while it
        trains.
        """
        self.run(run_id)
        with self.writing() as connection:
            removed = connection.execute(
                delete(runs).where(runs.c.id == run_id, runs.c.status.not_in(ACTIVE))
            ).rowcount
        if not removed:
            raise RunNotReady("This run is training; stop it before deleting it.")

    def cancel_waiting(self, which: ColumnElement[bool]) -> int:
        """Take all waiting runs of some kind out of the queue, and return how many that were."""
        with self.writing() as connection:
            return self._cancel_waiting(connection, which)

    def _cancel_waiting(self, connection: Connection, which: ColumnElement[bool]) -> int:
        waiting = update(runs).where(which, runs.c.status == Status.QUEUED)
        taken_out = waiting.values(
            status=Status.STOPPED,
            cancel=True,
            ended=self._clock(),
            reason="It was taken out of the queue before it began.",
            session=None,
            address=None,
        )
        return connection.execute(taken_out).rowcount

    def request_cancel(self, run_id: str) -> None:
        """Take a waiting run out of the queue, or ask whoever trains it to stop; nothing for one that ended.

        Raises `RunNotFound`.
        """
        self.run(run_id)
        mine = runs.c.id == run_id
        with self.writing() as connection:
            connection.execute(update(runs).where(mine, runs.c.status.in_(ACTIVE)).values(cancel=True))
            self._cancel_waiting(connection, mine)

    # What whoever trains a run does

    def claim(self, worker: str) -> Lease | None:
        """Take the run whose turn it is, as `rotation` tells; None when none waits.

        The claim itself is one conditional UPDATE, so that of two workers one gets the run.
        """
        while True:
            with self.reading() as connection:
                waiting = rotation.waiting_in_order(connection)
            if not waiting:
                return None
            first, token = waiting[0], new_token()
            with self.writing() as connection:
                turn = rotation.next_turn(connection)
                claimed = connection.execute(
                    update(runs)
                    .where(runs.c.number == first.number, runs.c.status == Status.QUEUED)
                    .values(**leases.claimed(worker, token, self._clock()))
                ).rowcount
                if claimed:
                    rotation.serve(connection, first.owner, turn)
            if claimed:
                return Lease(first.id, token)

    def report(
        self,
        lease: Lease,
        *,
        new_points: Sequence[Point] = (),
        new_probes: Sequence[Probe] = (),
        **columns: Value | Status | dict[str, str],
    ) -> bool:
        """Renew the lease, add points and probes, change columns of the run; all at once.

        Returns whether somebody asked the run to stop. Raises `LeaseLost`.
        """
        renewed = {"lease_expires": self._clock() + LEASE_SECONDS, **columns}
        with self.writing() as connection:
            number, cancel = leases.change(connection, lease, renewed)
            curves.add_points(connection, number, new_points)
            curves.add_probes(connection, number, new_probes)
        return cancel

    def finish(self, lease: Lease, status: Status, reason: str = "", **columns: Value) -> None:
        """End a run and give its lease back; raises `LeaseLost`."""
        ended = leases.ended(status, reason, self._clock())
        with self.writing() as connection:
            leases.change(connection, lease, {**ended, **columns})

    def record_test(self, run_id: str, loss: float, accuracy: float) -> None:
        """Keep what a run's model reaches on the test set."""
        measured = columns_to_keep({"test_loss": loss, "test_accuracy": accuracy})
        with self.writing() as connection:
            connection.execute(update(runs).where(runs.c.id == run_id).values(**measured))

    def end_runs_of(self, worker: str, status: Status, reason: str) -> None:
        """End what a worker that is known to be gone was training."""
        with self.writing() as connection:
            leases.end_active(connection, runs.c.worker == worker, status, reason, self._clock())

    def expire_leases(self) -> None:
        """Mark the runs whose lease has run out as interrupted; those of the living are left alone."""
        now = self._clock()
        with self.writing() as connection:
            leases.shorten(connection, now)
            leases.end_active(connection, leases.expired(now), Status.INTERRUPTED, leases.EXPIRED, now)

    # The rest

    def _runs(self, condition: ColumnElement[bool], limit: int | None = None) -> list[Run]:
        with self.reading() as connection:
            found = read_runs(connection, condition, limit)
        now = self._clock()
        if any(leases.is_expired(run, now) or leases.is_too_long(run, now) for run in found):
            self.expire_leases()
            with self.reading() as connection:
                found = read_runs(connection, condition, limit)
        return found
