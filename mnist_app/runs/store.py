"""The store: what is known of every training run, in a database that any number of processes share.

The store is the only truth: a page, a worker, the command line and a second server see the same runs.
Whoever trains a run holds a lease on it, which runs out unless it is renewed; every write of a worker
asks whether the lease is still its own, so that no two can work on one run.
"""

import re
import secrets
import time
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, and_, delete, func, insert, literal, select, update

from mnist_app.errors import AmbiguousName, InvalidSetting, LeaseLost, RunNotFound, RunNotReady
from mnist_app.learning.configuration import LONGEST_NAME, TrainingConfig
from mnist_app.runs import database, rotation
from mnist_app.runs.database import people, points, probes, runs
from mnist_app.runs.records import ACTIVE, Lease, Point, Probe, Run, Split, Status
from mnist_app.settings import Settings

LEASE_SECONDS = 30.0
"""How long a worker may be silent before its run counts as interrupted."""

ID_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # without l, o, 0, 1, which are mistaken for one another
ID_LENGTH = 10
_ID = re.compile(f"[{ID_ALPHABET}]{{{ID_LENGTH}}}")
_COLUMNS = [
    *(column for column in runs.columns if column.name in {*Run.__dataclass_fields__, "configuration"}),
    func.coalesce(people.c.name, "").label("person"),
]
_RUNS_OF_PEOPLE = runs.outerjoin(people, people.c.owner == runs.c.owner)
_EXPIRED = "Whoever trained this run has not been heard of for {seconds:.0f} s; it can be continued."

Value = float | int | str | bool | bytes | None


class Store:
    """The runs in one database. Safe to share among threads; each process opens its own."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        """Open the store, and make it if it is not there.

        `clock` gives seconds since 1970. Raises `StorageUnavailable` or `InvalidSetting`.
        """
        self._engine = database.open_database(settings.database, settings.home)
        self._clock = clock

    def close(self) -> None:
        """Close the connections that are not in use."""
        self._engine.dispose()

    def reading(self) -> AbstractContextManager[Connection]:
        """A transaction that only reads."""
        return database.transaction(self._engine, writes=False)

    def writing(self) -> AbstractContextManager[Connection]:
        """A transaction that writes; all of it happens or nothing."""
        return database.transaction(self._engine, writes=True)

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
        if _ID.fullmatch(text) and (found := self._runs(runs.c.id == text)):
            return found[0]
        named = self._runs(runs.c.name == text) if text and _fault_of_name(text) is None else []
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
        query = (
            select(points.c.split, points.c.step, points.c.epoch, points.c.loss, points.c.accuracy)
            .join(runs, runs.c.number == points.c.run)
            .where(runs.c.id == checked_id(run_id), points.c.step > after)
            .order_by(points.c.split, points.c.step)
        )
        if split is not None:
            query = query.where(points.c.split == split)
        with self.reading() as connection:
            found = [Point(*row) for row in connection.execute(query)]
        curves = [[point for point in found if point.split == name] for name in ("train", "validation")]
        return [point for curve in curves for point in (curve if most is None else thin(curve, most))]

    def probes(self, run_id: str, *, after: int = 0, most: int | None = None) -> list[Probe]:
        """What the network said of the probe image, in order; with `most`, so many moments, the last too."""
        query = (
            select(probes.c.step, probes.c.epoch, probes.c.probabilities)
            .join(runs, runs.c.number == probes.c.run)
            .where(runs.c.id == checked_id(run_id), probes.c.step > after)
            .order_by(probes.c.step)
        )
        with self.reading() as connection:
            rows = list(connection.execute(query))
        if most is not None and len(rows) > most:
            chosen = np.linspace(0, len(rows) - 1, max(most, 2)).round().astype(int)
            rows = [rows[index] for index in chosen]
        return [Probe(step, epoch, np.frombuffer(values, "<f4")) for step, epoch, values in rows]

    def probe_image(self, run_id: str) -> NDArray[np.float32] | None:
        """The image (28, 28) that the network is asked about while it trains; None where there is none."""
        with self.reading() as connection:
            row = connection.execute(select(runs.c.probe).where(runs.c.id == checked_id(run_id))).first()
        if row is None:
            raise not_found(run_id)
        return None if row[0] is None else np.frombuffer(row[0], "<f4").reshape(28, 28)

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
            connection.execute(
                update(runs).where(runs.c.id == run_id).values(**self._claimed_values(worker, token))
            )
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
            "probe": None if probe is None else _probe_bytes(probe),
        }
        connection.execute(insert(runs).values(**{**values, **columns}))
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

        Its files are for `models.ModelFiles.delete`. Raises `RunNotFound`, or `RunNotReady` while it trains.
        """
        self.run(run_id)
        with self.writing() as connection:
            removed = connection.execute(
                delete(runs).where(runs.c.id == run_id, runs.c.status.not_in(ACTIVE))
            ).rowcount
        if not removed:
            raise RunNotReady("This run is training; stop it before deleting it.")

    def request_cancel(self, run_id: str) -> None:
        """Take a waiting run out of the queue, or ask whoever trains it to stop; nothing for one that ended.

        Raises `RunNotFound`.
        """
        self.run(run_id)
        mine = runs.c.id == run_id
        with self.writing() as connection:
            connection.execute(update(runs).where(mine, runs.c.status.in_(ACTIVE)).values(cancel=True))
            connection.execute(
                update(runs)
                .where(mine, runs.c.status == Status.QUEUED)
                .values(
                    status=Status.STOPPED,
                    cancel=True,
                    ended=self._clock(),
                    reason="It was taken out of the queue before it began.",
                )
            )

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
                    .values(**self._claimed_values(worker, token))
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
            number, cancel = self._change(connection, lease, renewed)
            if new_points:
                connection.execute(insert(points), [_point_values(number, point) for point in new_points])
            if new_probes:
                connection.execute(insert(probes), [_probe_values(number, probe) for probe in new_probes])
        return cancel

    def finish(self, lease: Lease, status: Status, reason: str = "", **columns: Value) -> None:
        """End a run and give its lease back; raises `LeaseLost`."""
        ended = {
            "status": status,
            "reason": reason,
            "ended": self._clock(),
            "lease": None,
            "lease_expires": None,
        }
        with self.writing() as connection:
            self._change(connection, lease, {**ended, **columns})

    def record_test(self, run_id: str, loss: float, accuracy: float) -> None:
        """Keep what a run's model reaches on the test set."""
        with self.writing() as connection:
            connection.execute(
                update(runs).where(runs.c.id == run_id).values(test_loss=loss, test_accuracy=accuracy)
            )

    def end_runs_of(self, worker: str, status: Status, reason: str) -> None:
        """End what a worker that is known to be gone was training."""
        with self.writing() as connection:
            self._end_active(connection, runs.c.worker == worker, status, reason)

    def expire_leases(self) -> None:
        """Mark the runs whose lease has run out as interrupted; those of the living are left alone."""
        with self.writing() as connection:
            self._end_active(
                connection,
                runs.c.lease_expires < self._clock(),
                Status.INTERRUPTED,
                _EXPIRED.format(seconds=LEASE_SECONDS),
            )

    # The rest

    def _runs(self, condition: object, limit: int | None = None) -> list[Run]:
        chosen = select(*_COLUMNS).select_from(_RUNS_OF_PEOPLE).where(condition)  # type: ignore[arg-type]
        query = chosen.order_by(runs.c.number.desc()).limit(limit)
        found = self._read_runs(query)
        if any(_expired(run, self._clock()) for run in found):
            self.expire_leases()
            found = self._read_runs(query)
        return found

    def _read_runs(self, query: object) -> list[Run]:
        with self.reading() as connection:
            return [_run(row) for row in connection.execute(query)]  # type: ignore[call-overload]

    def _claimed_values(self, worker: str, token: str) -> dict[str, Value]:
        now = self._clock()
        return {
            "status": Status.STARTING,
            "worker": worker,
            "lease": token,
            "lease_expires": now + LEASE_SECONDS,
            "started": now,
        }

    def _change(self, connection: Connection, lease: Lease, values: Mapping[str, object]) -> tuple[int, bool]:
        """Change a run under its lease; its number, and whether it is to stop."""
        mine = and_(runs.c.id == lease.run_id, runs.c.lease == lease.token)
        row = connection.execute(select(runs.c.number, runs.c.cancel).where(mine)).first()
        if row is None or not connection.execute(update(runs).where(mine).values(**values)).rowcount:
            raise LeaseLost(
                f"Run {lease.run_id} is no longer this process's to train: "
                "its lease ran out or it was deleted."
            )
        return row.number, row.cancel

    def _end_active(self, connection: Connection, condition: object, status: Status, reason: str) -> None:
        connection.execute(
            update(runs)
            .where(condition, runs.c.status.in_(ACTIVE))  # type: ignore[arg-type]
            .values(status=status, reason=reason, ended=self._clock(), lease=None, lease_expires=None)
        )


def new_id() -> str:
    """A new run's id: short, at random, fit for an address and a file name."""
    return "".join(secrets.choice(ID_ALPHABET) for _ in range(ID_LENGTH))


def new_token() -> str:
    """A secret that nobody guesses."""
    return secrets.token_hex(16)


def checked_id(run_id: str) -> str:
    """The id, if it is one as `new_id` makes them; raises `RunNotFound` for anything else."""
    if not isinstance(run_id, str) or not _ID.fullmatch(run_id):
        raise not_found(run_id)
    return run_id


def check_name(name: str) -> None:
    """Raise `InvalidSetting` unless the name can be kept: not too long, no control characters."""
    fault = _fault_of_name(name)
    if fault:
        raise InvalidSetting(fault)


def not_found(text: object) -> RunNotFound:
    """The error for a run that is not there."""
    return RunNotFound(f"There is no run {shown(text)}; it may have been deleted.")


def shown(text: object) -> str:
    """The text as a message may show it: quoted, and never longer than a line."""
    quoted = repr(text)
    return quoted if len(quoted) <= 40 else quoted[:37] + "..."


def thin(curve: Sequence[Point], most: int) -> list[Point]:
    """At most so many points: each the mean of a stretch of the curve, at that stretch's last step."""
    if len(curve) <= most:
        return list(curve)
    ends = np.linspace(0, len(curve), max(most, 1) + 1).round().astype(int)
    stretches = [curve[start:end] for start, end in zip(ends[:-1], ends[1:], strict=True)]
    return [
        Point(
            stretch[-1].split,
            stretch[-1].step,
            stretch[-1].epoch,
            sum(point.loss for point in stretch) / len(stretch),
            sum(point.accuracy for point in stretch) / len(stretch),
        )
        for stretch in stretches
    ]


def _fault_of_name(name: str) -> str | None:
    if len(name) > LONGEST_NAME:
        return f"The name has {len(name)} characters; it can have at most {LONGEST_NAME}."
    # Control characters and halves of surrogate pairs are no text that every database keeps.
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in name):
        return f"The name {shown(name)} has control characters; it can have letters, digits and signs."
    return None


def _probe_bytes(image: NDArray[np.float32]) -> bytes:
    # NaN fails both comparisons.
    if image.shape != (28, 28) or not (image.min() >= 0.0 and image.max() <= 1.0):
        raise ValueError(f"The probe is {image.dtype} {image.shape}; expected (28, 28) from 0 to 1.")
    return image.astype("<f4").tobytes()


def _point_values(number: int, point: Point) -> dict[str, object]:
    return {"run": number, **asdict(point)}


def _probe_values(number: int, probe: Probe) -> dict[str, object]:
    probabilities = probe.probabilities.astype("<f4").tobytes()
    return {"run": number, "step": probe.step, "epoch": probe.epoch, "probabilities": probabilities}


def _run(row: Row[tuple[object, ...]]) -> Run:
    values = dict(row._mapping)
    config = TrainingConfig.from_dict(values.pop("configuration"))
    return Run(**{**values, "config": config, "status": Status(values["status"])})


def _expired(run: Run, now: float) -> bool:
    return run.status.active and run.lease_expires is not None and run.lease_expires < now
