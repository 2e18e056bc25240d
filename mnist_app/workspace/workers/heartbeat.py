"""The heartbeat of a run: a thread that writes to the store while another one trains."""

import logging
import threading
import time
from collections.abc import Sequence

from mnist_app.errors import AppError, LeaseLost, StorageUnavailable
from mnist_app.workspace.runs.leases import LEASE_SECONDS
from mnist_app.workspace.runs.model_files import Checkpoint, ModelFiles
from mnist_app.workspace.runs.records import Lease, Point, Probe, Snapshot, Status
from mnist_app.workspace.runs.run_store import Store

REPORT_SECONDS = 0.25
"""Seconds between two reports to the store."""

logger = logging.getLogger(__name__)


class Heartbeat:
    """Writes the gathered numbers about four times a second, on its own thread.

    Each write renews the lease and checks for a cancel, also while a data set is loaded or a network is
    tested. The thread that trains never waits for the database.
    """

    def __init__(
        self,
        lease: Lease,
        store: Store,
        files: ModelFiles,
        interrupt: threading.Event,
        checkpoint_epoch: int | None,
    ) -> None:
        """Prepare a heartbeat.

        Args:
            lease: The claim of the run.
            store: The store to write to.
            files: The files of models and checkpoints.
            interrupt: Set when nobody wants the run any more.
            checkpoint_epoch: The epoch of the run's checkpoint; None if it has none.
        """
        self.lease = lease
        self.interrupt = interrupt
        self.cancelled = threading.Event()
        self.concluded = False
        self.failure: AppError | None = None
        self._store = store
        self._files = files
        self._lock = threading.Lock()
        self._write_lock = threading.Lock()
        self._points: list[Point] = []
        self._probes: list[Probe] = []
        self._snapshots: list[Snapshot] = []
        self._dropped_snapshots: list[int] = []
        self._columns: dict[str, object] = {}
        self._checkpoint: Checkpoint | None = None
        self._kept = checkpoint_epoch or 0
        self._begun = False
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def begin(self) -> bool:
        """Note that the training begins now.

        Before this, the heartbeat ends a cancelled run itself, because loading data never polls for a cancel.

        Returns:
            False if the run was stopped, and so has ended, before its training began.
        """
        with self._write_lock:
            self._begun = True
            return not self.concluded

    def conclude(self, status: Status, reason: str = "", **columns: float | str) -> None:
        """Write the remaining numbers, end the run and give its lease back; do nothing if it has ended.

        Raises:
            LeaseLost: Another process may have the run by now.
            StorageUnavailable: The store or its files cannot be written.
        """
        self._stop()
        if self.concluded:
            return
        self.flush()
        self._store.finish(self.lease, status, reason, **columns)
        self._files.delete_checkpoints_but(self.lease.run_id, {self._kept})
        self.concluded = True

    def add(self, *, point: Point | None = None, probe: Probe | None = None, **columns: object) -> None:
        """Gather numbers and columns for the next report."""
        with self._lock:
            if point is not None:
                self._points.append(point)
            if probe is not None:
                self._probes.append(probe)
            self._columns.update(columns)

    def add_snapshot(self, snapshot: Snapshot, dropped: Sequence[int]) -> None:
        """Gather a snapshot for the next report, and the steps of earlier ones that it is to delete."""
        with self._lock:
            self._snapshots.append(snapshot)
            self._dropped_snapshots += dropped

    def keep(self, checkpoint: Checkpoint) -> None:
        """Gather a checkpoint for the next report, in place of one that is not written yet."""
        with self._lock:
            self._checkpoint = checkpoint

    def should_stop(self) -> bool:
        """Return whether the run was cancelled, nobody wants it any more, or reports have failed."""
        return self.cancelled.is_set() or self.interrupt.is_set() or self.failure is not None

    def flush(self) -> None:
        """Write the gathered numbers now.

        Raises:
            LeaseLost: Another process may have the run by now.
            StorageUnavailable: The store cannot be written. The numbers are kept for the next report.
        """
        with self._write_lock:
            with self._lock:
                new_points, self._points = self._points, []
                new_probes, self._probes = self._probes, []
                new_snapshots, self._snapshots = self._snapshots, []
                dropped, self._dropped_snapshots = self._dropped_snapshots, []
                columns, self._columns = self._columns, {}
                checkpoint, self._checkpoint = self._checkpoint, None
            try:
                columns |= self._write_checkpoint(checkpoint)
                cancelled = self._store.report(
                    self.lease,
                    new_points=new_points,
                    new_probes=new_probes,
                    new_snapshots=new_snapshots,
                    dropped_snapshots=dropped,
                    **columns,  # type: ignore[arg-type]
                )
            except StorageUnavailable:
                with self._lock:
                    self._points[:0], self._probes[:0] = new_points, new_probes
                    self._snapshots[:0], self._dropped_snapshots[:0] = new_snapshots, dropped
                    self._columns = {**columns, **self._columns}
                    if "checkpoint_epoch" not in columns:
                        self._checkpoint = self._checkpoint or checkpoint
                raise
            if checkpoint is not None and "checkpoint_epoch" in columns:
                # The previous checkpoint stays until the next one, because somebody may be reading it.
                self._files.delete_checkpoints_but(self.lease.run_id, {self._kept, checkpoint.epoch})
                self._kept = checkpoint.epoch
        if cancelled:
            self.cancelled.set()

    def _write_checkpoint(self, checkpoint: Checkpoint | None) -> dict[str, object]:
        """Write a checkpoint's file, and return the run's columns that describe it."""
        if checkpoint is None:
            return {}
        self._store.report(self.lease)  # raises if another process may write the run's files by now
        try:
            sha256 = self._files.save_checkpoint(self.lease.run_id, checkpoint)
        except StorageUnavailable as error:
            # A training goes on without a checkpoint of this epoch.
            logger.warning("%s", error)
            return {}
        return {"checkpoint_epoch": checkpoint.epoch, "checkpoint_sha256": sha256}

    def _stop(self) -> None:
        self._end.set()
        self._thread.join()

    def _stop_before_training(self) -> None:
        """End a run that was cancelled before its training began."""
        with self._write_lock:
            if self.cancelled.is_set() and not self._begun:
                self._store.finish(self.lease, Status.STOPPED, "It was stopped before its training began.")
                self.concluded = True

    def _beat(self) -> None:
        last = time.monotonic()
        while not (self._end.wait(REPORT_SECONDS) or self.concluded):
            try:
                self.flush()
                self._stop_before_training()
                last = time.monotonic()
            except LeaseLost as error:
                self.failure = error
                return
            except StorageUnavailable as error:
                # A training survives a short absence of the database.
                logger.warning("%s", error)
                if time.monotonic() - last > LEASE_SECONDS:
                    self.failure = error
                    return
            except Exception as error:
                # Without a heartbeat the run would stay unfinished for ever.
                logger.exception("Run %s: its heartbeat failed.", self.lease.run_id)
                self.failure = AppError(f"The run could not be written to the store ({error}).")
                return
