"""Reading the runs of a store, their curves, probes and snapshots."""

import copy
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, and_, literal

from mnist_app.errors import AmbiguousName
from mnist_app.settings import Settings
from mnist_app.workspace.runs import curves, leases
from mnist_app.workspace.runs.records import Moment, Point, Probe, Run, Snapshot, Split, Status
from mnist_app.workspace.runs.rows import read_runs
from mnist_app.workspace.storage.database import Database
from mnist_app.workspace.storage.identifiers import checked_id, is_id, not_found, shown
from mnist_app.workspace.storage.tables import runs
from mnist_app.workspace.storage.visible_text import fault_of_name


class RunReader:
    """The runs in one database, to be read. A run whose lease has expired is read as interrupted."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        """Open the store; make a new one where there is none.

        Args:
            settings: Name the database.
            clock: Gives seconds since 1970.

        Raises:
            StorageUnavailable: The database cannot be used.
            InvalidSetting: Its address is not valid.
        """
        self.database = Database(settings)
        self._clock = clock

    def __enter__(self) -> Self:
        """Return the open store."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the store."""
        self.close()

    def patient(self, seconds: float) -> Self:
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

    def run(self, run_id: str) -> Run:
        """Return the run of that id; raises `RunNotFound`."""
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
        """Return runs, the newest first.

        Args:
            owner: Only runs of this owner.
            statuses: Only runs with one of these statuses.
            limit: At most so many runs.
            before: Only runs with a lower number than this.
        """
        conditions = [
            *([] if owner is None else [runs.c.owner == owner]),
            *([] if statuses is None else [runs.c.status.in_([str(status) for status in statuses])]),
            *([] if before is None else [runs.c.number < before]),
        ]
        return self._runs(and_(literal(True), *conditions), limit)

    def find(self, text: str) -> Run:
        """Return the run of that id or, where there is none, of that name.

        Raises:
            RunNotFound: There is no such run.
            AmbiguousName: Several runs have that name; the error tells their ids.
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

    def points(self, run_id: str, split: Split | None = None, *, most: int | None = None) -> list[Point]:
        """Return the points of a run's curves, in their order.

        Args:
            run_id: The run. An unknown run has no points.
            split: Only the curve of this split.
            most: Downsample each longer curve to so many points, each the mean of its neighbours.
        """
        with self.reading() as connection:
            found = curves.read_points(connection, run_id, split)
        return curves.whole_curves(found, most)

    def probes(self, run_id: str, *, most: int | None = None) -> list[Probe]:
        """Return the probe's predictions by step, downsampled to `most`; the last is kept."""
        with self.reading() as connection:
            return curves.read_probes(connection, run_id, most)

    def probe_image(self, run_id: str) -> NDArray[np.float32] | None:
        """Return the run's probe image (28, 28), None where it has none; raises `RunNotFound`."""
        with self.reading() as connection:
            return curves.read_probe_image(connection, run_id)

    def moments(self, run_id: str) -> list[Moment]:
        """Return the moments of the run's snapshots, in their order."""
        with self.reading() as connection:
            return curves.read_moments(connection, run_id)

    def snapshot(self, run_id: str, epoch: float | None = None) -> Snapshot | None:
        """Return the run's snapshot nearest to a moment in epochs; the last for None; None without any."""
        with self.reading() as connection:
            return curves.read_snapshot(connection, run_id, epoch)

    def expire_leases(self) -> None:
        """Mark the runs whose lease has expired as interrupted."""
        now = self._clock()
        with self.writing() as connection:
            leases.shorten(connection, now)
            leases.end_active(connection, leases.expired(now), Status.INTERRUPTED, leases.EXPIRED, now)

    def _runs(self, condition: ColumnElement[bool], limit: int | None = None) -> list[Run]:
        with self.reading() as connection:
            found = read_runs(connection, condition, limit)
        now = self._clock()
        if any(leases.is_expired(run, now) or leases.is_too_long(run, now) for run in found):
            self.expire_leases()
            with self.reading() as connection:
                found = read_runs(connection, condition, limit)
        return found
