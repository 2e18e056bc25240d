"""The heartbeat of a run: what writes to the store while another thread trains."""

import logging
import threading
import time

from mnist_app.errors import AppError, LeaseLost, StorageUnavailable
from mnist_app.workspace.runs.leases import LEASE_SECONDS
from mnist_app.workspace.runs.model_files import Checkpoint, ModelFiles
from mnist_app.workspace.runs.records import Lease, Point, Probe, Status
from mnist_app.workspace.runs.run_store import Store

REPORT_SECONDS = 0.25
"""Between two reports to the store."""

logger = logging.getLogger(__name__)


class Heartbeat:
    """Writes what has been gathered about four times a second, from a thread of its own.

    Each write renews the lease and asks whether to stop, also while a data set is loaded or a network
    tested; the thread that trains never waits for the database.
    """

    def __init__(
        self,
        lease: Lease,
        store: Store,
        files: ModelFiles,
        gone: threading.Event,
        checkpoint_epoch: int | None,
    ) -> None:
        """`gone`: set when nobody wants the run any more; `checkpoint_epoch`: of the checkpoint it has."""
        self.lease = lease
        self.gone = gone
        self.cancelled = threading.Event()
        self.concluded = False
        self.failure: AppError | None = None
        self._store = store
        self._files = files
        self._lock = threading.Lock()
        self._write_lock = threading.Lock()
        self._points: list[Point] = []
        self._probes: list[Probe] = []
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
        """Say that training begins now; False when the run has been stopped before that, and so has ended.

        Until then a stop takes effect by itself, for loading or writing images takes long and asks nobody.
        """
        with self._write_lock:
            self._begun = True
            return not self.concluded

    def conclude(self, status: Status, reason: str = "", **columns: float | str) -> None:
        """Write what is left, end the run and give its lease back.

        Does nothing when it has ended. Raises `LeaseLost` or `StorageUnavailable`.
        """
        self._stop()
        if self.concluded:
            return
        self.flush()
        self._store.finish(self.lease, status, reason, **columns)
        self._files.delete_checkpoints_but(self.lease.run_id, {self._kept})
        self.concluded = True

    def add(self, *, point: Point | None = None, probe: Probe | None = None, **columns: object) -> None:
        """Take what the next report is to say."""
        with self._lock:
            if point is not None:
                self._points.append(point)
            if probe is not None:
                self._probes.append(probe)
            self._columns.update(columns)

    def keep(self, checkpoint: Checkpoint) -> None:
        """Take the checkpoint to write next; one that was not written yet has been overtaken."""
        with self._lock:
            self._checkpoint = checkpoint

    def should_stop(self) -> bool:
        """Whether the run was cancelled, its people are gone, or its store is."""
        return self.cancelled.is_set() or self.gone.is_set() or self.failure is not None

    def flush(self) -> None:
        """Write now what has been gathered; raises `LeaseLost` or `StorageUnavailable`."""
        with self._write_lock:
            with self._lock:
                new_points, self._points = self._points, []
                new_probes, self._probes = self._probes, []
                columns, self._columns = self._columns, {}
                checkpoint, self._checkpoint = self._checkpoint, None
            try:
                columns |= self._write_checkpoint(checkpoint)
                cancelled = self._store.report(
                    self.lease,
                    new_points=new_points,
                    new_probes=new_probes,
                    **columns,  # type: ignore[arg-type]
                )
            except StorageUnavailable:
                with self._lock:
                    self._points[:0], self._probes[:0] = new_points, new_probes
                    self._columns = {**columns, **self._columns}
                    if "checkpoint_epoch" not in columns:
                        self._checkpoint = self._checkpoint or checkpoint
                raise
            if checkpoint is not None and "checkpoint_epoch" in columns:
                # The one before is left until the next, for somebody may be reading it.
                self._files.delete_checkpoints_but(self.lease.run_id, {self._kept, checkpoint.epoch})
                self._kept = checkpoint.epoch
        if cancelled:
            self.cancelled.set()

    def _write_checkpoint(self, checkpoint: Checkpoint | None) -> dict[str, object]:
        """The columns that tell of a checkpoint, once its file is in place."""
        if checkpoint is None:
            return {}
        self._store.report(self.lease)  # without the lease, the run's files may be another process's by now
        try:
            sha256 = self._files.save_checkpoint(self.lease.run_id, checkpoint)
        except StorageUnavailable as error:
            # The training is worth more than the way back to this epoch.
            logger.warning("%s", error)
            return {}
        return {"checkpoint_epoch": checkpoint.epoch, "checkpoint_sha256": sha256}

    def _stop(self) -> None:
        self._end.set()
        self._thread.join()

    def _stop_before_training(self) -> None:
        """End a run that is stopped before its training has begun."""
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
                # A database out of reach for a moment is no reason to lose a training.
                logger.warning("%s", error)
                if time.monotonic() - last > LEASE_SECONDS:
                    self.failure = error
                    return
            except Exception as error:
                # Without a heartbeat nobody would hear of the run again.
                logger.exception("Run %s cannot be reported on.", self.lease.run_id)
                self.failure = AppError(f"The run could not be written to the store ({error}).")
                return
