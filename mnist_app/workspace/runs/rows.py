"""Runs as the database has them, read into `records.Run`."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select

from mnist_app.workspace.runs.records import Run, Status
from mnist_app.workspace.storage.tables import people, runs
from mnist_app.workspace.storage.visible_text import visible_part

_COLUMNS = [
    *(column for column in runs.columns if column.name in Run.model_fields),
    func.coalesce(people.c.name, "").label("person"),
]
_RUNS_OF_PEOPLE = runs.outerjoin(people, people.c.owner == runs.c.owner)


def read_runs(connection: Connection, condition: ColumnElement[bool], limit: int | None) -> list[Run]:
    """Return the runs for which a condition holds, the newest first; raises `InvalidSetting`."""
    query = select(*_COLUMNS).select_from(_RUNS_OF_PEOPLE).where(condition)
    newest_first = query.order_by(runs.c.number.desc()).limit(limit)
    return [_run(row) for row in connection.execute(newest_first)]


def _run(row: Row[tuple[object, ...]]) -> Run:
    """Return a run as it is in the store, without a check: earlier versions made none."""
    values: dict[str, Any] = dict(row._mapping)
    values |= {"name": visible_part(values["name"]), "status": Status(values["status"])}
    run = Run.model_construct(**values)
    _ = run.config  # a configuration that cannot be read is an error here, not in the midst of a page
    return run
