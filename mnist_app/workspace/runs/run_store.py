"""The store of all training runs, in a database that any number of processes share.

The store is the only truth: a page, a worker, the command line and a second server see the same runs.
A worker holds a lease on the run that it trains (`leases`). The lease expires unless the worker renews it.
Every write of a worker checks the lease, so two workers never train the same run.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, delete, update

from mnist_app.errors import RunNotReady
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.workspace.runs import curves, leases, rotation
from mnist_app.workspace.runs.leases import LEASE_SECONDS
from mnist_app.workspace.runs.records import ACTIVE, Lease, Point, Probe, Snapshot, Status
from mnist_app.workspace.runs.rows import cancel_waiting, columns_to_keep, insert_waiting
from mnist_app.workspace.runs.run_reader import RunReader
from mnist_app.workspace.storage.identifiers import checked_id, new_token, not_found
from mnist_app.workspace.storage.tables import runs
from mnist_app.workspace.storage.visible_text import check_name

Value = float | int | str | bool | bytes | None


class Store(RunReader):
    """The runs in one database. Safe to share among threads; each process opens its own."""

    def start(
        self,
        config: TrainingConfig,
        worker: str,
        *,
        owner: str = "",
        probe: NDArray[np.float32] | None = None,
    ) -> Lease:
        """Insert a run that the caller trains at once, and return the caller's lease on it.

        Raises:
            InvalidSetting: The name cannot be kept.
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
        """Insert a run that waits, within a transaction, and return its id. For the queue.

        Args:
            connection: The transaction.
            config: The configuration of the training.
            owner: The owner's token; empty for the command line.
            probe: An image (28, 28) to ask the network about while it trains.
            columns: Other columns than those of a new run.

        Raises:
            InvalidSetting: The run could not be exported, by its name or its owner for instance.
        """
        check_name(config.name)
        image = None if probe is None else curves.probe_image_bytes(probe)
        return insert_waiting(connection, config, owner, self._clock(), probe=image, **columns)

    def rename(self, run_id: str, name: str) -> None:
        """Give a run another name; raises `RunNotFound` or `InvalidSetting`."""
        check_name(name)
        with self.writing() as connection:
            changed = connection.execute(
                update(runs).where(runs.c.id == checked_id(run_id)).values(name=name)
            ).rowcount
        if not changed:
            raise not_found(run_id)

    def delete(self, run_id: str) -> None:
        """Delete a run with its points, probes and snapshots from the database.

        `model_files.ModelFiles.delete` deletes its files.

        Raises:
            RunNotFound: There is no such run.
            RunNotReady: It is being trained.
        """
        self.run(run_id)
        with self.writing() as connection:
            removed = connection.execute(
                delete(runs).where(runs.c.id == run_id, runs.c.status.not_in(ACTIVE))
            ).rowcount
        if not removed:
            raise RunNotReady("This run is training; stop it before deleting it.")

    def cancel_waiting(self, which: ColumnElement[bool]) -> int:
        """Take the waiting runs for which a condition holds out of the queue, and return their number."""
        with self.writing() as connection:
            return cancel_waiting(connection, which, self._clock())

    def request_cancel(self, run_id: str) -> None:
        """Take a waiting run out of the queue, or ask the worker that trains it to stop.

        A run that has ended stays as it is. Raises `RunNotFound`.
        """
        self.run(run_id)
        mine = runs.c.id == run_id
        with self.writing() as connection:
            connection.execute(update(runs).where(mine, runs.c.status.in_(ACTIVE)).values(cancel=True))
            cancel_waiting(connection, mine, self._clock())

    # What a worker does

    def claim(self, worker: str) -> Lease | None:
        """Claim the next run in the order of `rotation`; return None when none waits.

        The claim itself is one conditional UPDATE, so only one of two workers gets the run.
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
        new_snapshots: Sequence[Snapshot] = (),
        dropped_snapshots: Sequence[int] = (),
        **columns: Value | Status | dict[str, str],
    ) -> bool:
        """Renew the lease, add what the training has reported, and change columns of the run.

        All of it is one transaction.

        Args:
            lease: The lease.
            new_points: Points of the curves.
            new_probes: Predictions for the probe image.
            new_snapshots: Snapshots of the first layer.
            dropped_snapshots: Steps of the snapshots to delete, new or old.
            columns: Columns of the run.

        Returns:
            Whether somebody asked the run to stop.

        Raises:
            LeaseLost: The lease is not valid any more.
            InvalidSetting: A column has a value that no run can have.
        """
        renewed = {"lease_expires": self._clock() + LEASE_SECONDS, **columns}
        with self.writing() as connection:
            number, cancel = leases.change(connection, lease, renewed)
            curves.add_points(connection, number, new_points)
            curves.add_probes(connection, number, new_probes)
            curves.change_snapshots(connection, number, new_snapshots, dropped_snapshots)
        return cancel

    def finish(self, lease: Lease, status: Status, reason: str = "", **columns: Value) -> None:
        """End a run and give its lease back; raises `LeaseLost`."""
        ended = leases.ended(status, reason, self._clock())
        with self.writing() as connection:
            leases.change(connection, lease, {**ended, **columns})

    def record_test(self, run_id: str, loss: float, accuracy: float) -> None:
        """Keep the loss and the accuracy of a run's model on the test set."""
        measured = columns_to_keep({"test_loss": loss, "test_accuracy": accuracy})
        with self.writing() as connection:
            connection.execute(update(runs).where(runs.c.id == run_id).values(**measured))

    def end_runs_of(self, worker: str, status: Status, reason: str) -> None:
        """End the runs of a worker that no longer exists."""
        with self.writing() as connection:
            leases.end_active(connection, runs.c.worker == worker, status, reason, self._clock())
