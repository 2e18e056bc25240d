"""The rows of runs in the database: how they are read, inserted and cancelled, and what a column may be."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, get_type_hints

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, update

from mnist_app.errors import InvalidSetting
from mnist_app.learning.training.configuration import LONGEST_NAME, TrainingConfig
from mnist_app.workspace.runs.records import (
    LONGEST_REASON,
    LONGEST_WORKER,
    MOST_EPOCHS,
    Run,
    RunRecord,
    Status,
)
from mnist_app.workspace.storage.definitions import LATEST, STRICT, RecordFault, checked
from mnist_app.workspace.storage.identifiers import new_id, shown
from mnist_app.workspace.storage.tables import people, runs
from mnist_app.workspace.storage.visible_text import on_one_line, visible_part

_TYPES = get_type_hints(RunRecord, include_extras=True)
_DEFINITIONS: dict[str, TypeAdapter[Any]] = {
    name: TypeAdapter(_TYPES[name], config=STRICT) for name in RunRecord.model_fields
}
_COLUMNS = [
    *(column for column in runs.columns if column.name in Run.model_fields),
    func.coalesce(people.c.name, "").label("person"),
]
_RUNS_OF_PEOPLE = runs.outerjoin(people, people.c.owner == runs.c.owner)


def read_runs(connection: Connection, condition: ColumnElement[bool], limit: int | None) -> list[Run]:
    """Return the runs for which a condition holds, the newest first.

    Args:
        connection: A transaction.
        condition: What the runs are chosen by.
        limit: At most so many runs; None for all.

    Raises:
        InvalidSetting: The configuration of a run cannot be read.
    """
    query = select(*_COLUMNS).select_from(_RUNS_OF_PEOPLE).where(condition)
    newest_first = query.order_by(runs.c.number.desc()).limit(limit)
    return [_run(row) for row in connection.execute(newest_first)]


def insert_waiting(
    connection: Connection, config: TrainingConfig, owner: str, now: float, **columns: Any
) -> str:
    """Insert a run that waits for a worker, and return its id.

    Args:
        connection: A transaction that writes.
        config: The configuration of the training.
        owner: The owner's token; empty for the command line.
        now: Seconds since 1970.
        columns: Other columns than those of a new run.

    Raises:
        InvalidSetting: A column has a value that no run can have.
    """
    values = {
        "id": new_id(),
        "name": config.name,
        "owner": owner,
        "configuration": config.to_dict(),
        "versions": {},
        "status": Status.QUEUED,
        "reason": "",
        "created": now,
        "cancel": False,
        "epoch": 0.0,
        **columns,
    }
    connection.execute(insert(runs).values(**columns_to_keep(values)))
    return str(values["id"])


def cancel_waiting(connection: Connection, which: ColumnElement[bool], now: float) -> int:
    """Take the waiting runs for which a condition holds out of the queue, and return their number."""
    cancelled = columns_to_keep(
        {
            "status": Status.STOPPED,
            "cancel": True,
            "ended": now,
            "reason": "It was taken out of the queue before it began.",
            "session": None,
            "address": None,
        }
    )
    waiting = update(runs).where(which, runs.c.status == Status.QUEUED)
    return connection.execute(waiting.values(**cancelled)).rowcount


def _run(row: Row[tuple[object, ...]]) -> Run:
    """Return a run as it is in the store, unchecked, because earlier versions checked nothing."""
    values: dict[str, Any] = dict(row._mapping)
    values |= {"name": visible_part(values["name"]), "status": Status(values["status"])}
    run = Run.model_construct(**values)
    _ = run.config  # raise `InvalidSetting` here, not while a page is being shown
    return run


def columns_to_keep(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return columns of a run as a store keeps them, so that the run can be exported and imported.

    Columns that no archive has, such as the lease, are returned unchanged.

    Args:
        columns: Some columns of a run, by their names.

    Raises:
        InvalidSetting: A value is not what `RunRecord` says, and cannot be made to fit.
    """
    kept = fitted(columns)
    for name in kept.keys() & _DEFINITIONS.keys():
        try:
            checked(_DEFINITIONS[name], kept[name])
        except RecordFault as fault:
            field = name.replace("_", " ")
            raise InvalidSetting(f"The {field} of a run cannot be {shown(kept[name])}.") from fault
    return kept


def fitted(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return columns of a run with what an archive would refuse made to fit, where that is possible.

    An error's text, and what a training measures, may be anything. Text is put on one line and cut. Times and
    the epoch are moved into their range. Any other measure that is out of range becomes None.
    """
    return {name: None if value is None else _fitted(name, value) for name, value in columns.items()}


def _fitted(name: str, value: Any) -> Any:
    if name in _FIT:
        return _FIT[name](value)
    if isinstance(value, float) and name in _DEFINITIONS:
        try:
            checked(_DEFINITIONS[name], value)
        except RecordFault:
            return None
    return value


def _within(value: float, largest: float) -> float:
    return min(max(value, 0.0), largest)


_FIT: dict[str, Callable[[Any], Any]] = {
    "name": lambda name: visible_part(name)[:LONGEST_NAME],
    "reason": partial(on_one_line, longest=LONGEST_REASON),
    "worker": partial(on_one_line, longest=LONGEST_WORKER),
    **dict.fromkeys(("created", "started", "ended"), partial(_within, largest=LATEST)),
    "epoch": partial(_within, largest=float(MOST_EPOCHS)),  # rounding may exceed the last epoch slightly
}
"""How the columns that cannot be left out are made to fit."""
