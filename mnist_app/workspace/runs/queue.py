"""The queue of waiting runs: people take turns, and the number of waiting runs is limited."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, and_, func, insert, literal, or_, select, update

from mnist_app.errors import QueueFull, RunNotReady
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.settings import MOST_WAITING_PER_ADDRESS
from mnist_app.workspace.classroom.class_settings import MOST_WAITING, ClassSettings
from mnist_app.workspace.runs import rotation
from mnist_app.workspace.runs.forecast import Turn, forecast
from mnist_app.workspace.runs.model_files import ModelFiles
from mnist_app.workspace.runs.origins import Origin
from mnist_app.workspace.runs.records import Run, Status
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.storage.database import serialize_writes
from mnist_app.workspace.storage.identifiers import checked_id, new_id
from mnist_app.workspace.storage.tables import points, probes, runs, snapshots


@dataclass(frozen=True)
class Limits:
    """The numbers of runs that may wait at once. Runs in training do not count."""

    waiting: int = 500
    waiting_per_owner: int = MOST_WAITING
    """Also the limit of one open tab, whatever owners it claims to be."""
    waiting_per_address: int = MOST_WAITING_PER_ADDRESS

    @property
    def waiting_per_address_with_first(self) -> int:
        """The limit of an address for a run that is the first waiting one of its person and its tab."""
        return self.waiting_per_address + (self.waiting_per_address + 1) // 2


LIMITS = Limits()
COMMAND_LINE = Origin()
CONTINUABLE = frozenset({Status.FINISHED, Status.STOPPED, Status.INTERRUPTED, Status.FAILED})


class Queue:
    """The waiting runs of a store."""

    def __init__(
        self,
        store: Store,
        limits: Limits = LIMITS,
        class_settings: Callable[[], ClassSettings] = ClassSettings,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Open the queue of a store.

        Args:
            store: The store.
            limits: How many runs may wait.
            class_settings: Gives the teacher's present settings; by default nothing is limited.
            clock: Gives seconds since 1970.
        """
        self._store = store
        self._limits = limits
        self._class_settings = class_settings
        self._clock = clock

    def submit(
        self,
        config: TrainingConfig,
        owner: str,
        *,
        probe: NDArray[np.float32] | None = None,
        origin: Origin = COMMAND_LINE,
    ) -> Run:
        """Put a run into the queue.

        Args:
            config: The configuration of the training.
            owner: The owner's token; empty for the command line.
            probe: An image (28, 28) to ask the network about while it trains.
            origin: The tab and the address that it comes from.

        Raises:
            QueueFull: Too many runs wait.
            InvalidSetting: The name cannot be kept, or the teacher allows less.
        """
        self._class_settings().check(config)
        with self._store.writing() as connection:
            self._admit(connection, owner, origin)
            run_id = self._store.insert(connection, config, owner, probe=probe, **asdict(origin))
        return self._store.run(run_id)

    def cancel(self, run_id: str) -> None:
        """Take a waiting run out, or ask the worker that trains it to stop; raises `RunNotFound`."""
        self._store.request_cancel(run_id)

    def cancel_all(self) -> int:
        """Take all waiting runs out of the queue, and return their number."""
        return self._store.cancel_waiting(literal(True))

    def cancel_like(self, run_id: str, same: Literal["owner", "address"]) -> int:
        """Take all waiting runs of a run's owner or address out of the queue.

        Returns:
            Their number; 0 where the run does not wait any more or has no owner or address.
        """
        column = runs.c[same]
        its = select(column).where(runs.c.id == checked_id(run_id), runs.c.status == Status.QUEUED)
        with self._store.reading() as connection:
            value = connection.execute(its).scalar()
        return self._store.cancel_waiting(column == value) if value else 0

    def move_to_front(self, run_id: str) -> None:
        """Move a waiting run before all others; it counts as its owner's turn.

        Raises:
            RunNotFound: There is no such run.
            RunNotReady: It does not wait.
        """
        checked_id(run_id)
        with self._store.writing() as connection:
            turn = rotation.next_turn(connection)
            waits = and_(runs.c.id == run_id, runs.c.status == Status.QUEUED)
            is_moved = connection.execute(update(runs).where(waits).values(moved=turn)).rowcount
        if not is_moved:
            raise RunNotReady(f"This run does not wait any more: it is {self._store.run(run_id).status}.")

    def place(self, run_id: str) -> int | None:
        """Return a run's place in the queue, 1 for the next one; None where it does not wait.

        Raises:
            RunNotFound: There is no such run.
        """
        self._store.run(run_id)
        turn = self.turns().get(run_id)
        return turn.place if turn else None

    def turns(self) -> dict[str, Turn]:
        """Return the turns of all waiting runs by their ids, in their order."""
        with self._store.reading() as connection:
            waiting = [run.id for run in rotation.waiting_in_order(connection)]
            return forecast(connection, waiting, self._clock()) if waiting else {}

    def waiting(self, owner: str | None = None) -> int:
        """Return how many runs wait, in total or of one owner."""
        with self._store.reading() as connection:
            return _count(connection, literal(True) if owner is None else runs.c.owner == owner)

    def continue_run(
        self, run: Run, epochs: int, owner: str, files: ModelFiles, origin: Origin = COMMAND_LINE
    ) -> Run:
        """Put a new run into the queue that continues a run from its last checkpoint.

        The new run has the whole configuration, a copy of the checkpoint, and the history up to it.
        So its curves are complete, and the old run can be deleted. A schedule of the learning rate is
        stretched over all epochs, old and new.

        Args:
            run: The run to continue.
            epochs: The number of additional epochs.
            owner: The token of the new run's owner.
            files: The checkpoints.
            origin: The tab and the address that it comes from.

        Raises:
            RunNotReady: The run has not ended, or has no checkpoint.
            ModelUnavailable: The checkpoint is missing or damaged.
            InvalidSetting: Old and new epochs together are too many.
            QueueFull: Too many runs wait.
        """
        done = check_continuable(run)
        config = replace(run.config, epochs=done + epochs, name=run.name)
        self._class_settings().check(config)
        run_id = new_id()
        files.copy_checkpoint(run, run_id)
        try:
            with self._store.writing() as connection:
                self._admit(connection, owner, origin)
                self._store.insert(
                    connection,
                    config,
                    owner,
                    id=run_id,
                    continued_from=run.id,
                    epoch=float(done),
                    checkpoint_epoch=done,
                    checkpoint_sha256=run.checkpoint_sha256,
                    **asdict(origin),
                )
                _copy_history(connection, run.number, run_id, done)
        except BaseException:
            files.delete(run_id)
            raise
        return self._store.run(run_id)

    def _admit(self, connection: Connection, owner: str, origin: Origin) -> None:
        """Raise `QueueFull` unless one more run may wait; no other is admitted until the transaction ends."""
        serialize_writes(connection)
        own = self._check_own(connection, owner, origin)
        if origin.address:
            self._check_address(connection, origin.address, is_first=own == 0)
        waiting = _count(connection, literal(True))
        if waiting >= self._limits.waiting:
            raise QueueFull(f"The queue is full: {waiting} runs are waiting; try again later.")

    def _check_own(self, connection: Connection, owner: str, origin: Origin) -> int:
        """Return how many runs of this person or this tab wait.

        A tab can claim to be somebody new for each run, so its runs count as one person's.

        Raises:
            QueueFull: One more would be too many.
        """
        mine = runs.c.owner == owner
        if origin.session:
            mine = or_(mine, runs.c.session == origin.session)
        own = _count(connection, mine)
        if own >= min(self._limits.waiting_per_owner, self._class_settings().most_waiting_per_person):
            raise QueueFull(
                f"{own} of your runs {'is' if own == 1 else 'are'} waiting, which is as many as one person "
                "may have; wait until some are done, or take some out of the queue."
            )
        return own

    def _check_address(self, connection: Connection, address: str, *, is_first: bool) -> None:
        """Raise `QueueFull` if too many runs from this address wait.

        A reserve above the usual limit is for first runs. A few tabs that fill the queue from a school's
        address cannot use it, because they have runs waiting. So the others there can still train.

        Args:
            connection: A transaction that holds the lock of the queue.
            address: The digest of the address.
            is_first: Whether neither the person nor the tab has a run waiting.
        """
        limits = self._limits
        most = limits.waiting_per_address_with_first if is_first else limits.waiting_per_address
        from_here = _count(connection, runs.c.address == address)
        if from_here >= most:
            raise QueueFull(
                f"{from_here} {'run' if from_here == 1 else 'runs'} from your school's internet connection "
                f"{'is' if from_here == 1 else 'are'} waiting, and no more may; "
                "wait until some are done, or ask your teacher to cancel some."
            )


def check_continuable(run: Run) -> int:
    """Return the epochs of the run's checkpoint; raises `RunNotReady` where it cannot be continued."""
    if run.status not in CONTINUABLE:
        raise RunNotReady(f"This run cannot be continued: it is {run.status}.")
    if run.config.fine_tuned_from:
        raise RunNotReady("A fine-tuned network cannot be continued: fine-tune the one it came from again.")
    if run.checkpoint_epoch is None:
        raise RunNotReady("This run cannot be continued: it ended before its first epoch did; train it anew.")
    return run.checkpoint_epoch


def _count(connection: Connection, condition: object) -> int:
    query = select(func.count()).select_from(runs)
    where = and_(runs.c.status == Status.QUEUED, condition)  # type: ignore[arg-type]
    return int(connection.execute(query.where(where)).scalar_one())


def _copy_history(connection: Connection, source: int, run_id: str, epochs: int) -> None:
    """Copy a run's probe image, and its points, probes and snapshots up to an epoch, to a new run."""
    number = select(runs.c.number).where(runs.c.id == run_id).scalar_subquery()
    image = connection.execute(select(runs.c.probe).where(runs.c.number == source)).scalar_one()
    connection.execute(update(runs).where(runs.c.id == run_id).values(probe=image))
    for table in (points, probes, snapshots):
        kept = [column for column in table.columns if column.name != "run"]
        history = select(number, *kept).where(table.c.run == source, table.c.epoch <= epochs)
        connection.execute(insert(table).from_select(["run", *(column.name for column in kept)], history))
