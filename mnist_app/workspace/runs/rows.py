"""Runs as the database has them, read into `records.Run`."""

from dataclasses import replace

from sqlalchemy import ColumnElement, Connection, Row, func, select

from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.workspace.runs.records import Run, Status
from mnist_app.workspace.storage.tables import people, runs
from mnist_app.workspace.storage.visible_text import visible_part

_COLUMNS = [
    *(column for column in runs.columns if column.name in {*Run.__dataclass_fields__, "configuration"}),
    func.coalesce(people.c.name, "").label("person"),
]
_RUNS_OF_PEOPLE = runs.outerjoin(people, people.c.owner == runs.c.owner)


def read_runs(connection: Connection, condition: ColumnElement[bool], limit: int | None) -> list[Run]:
    """The runs for which a condition holds, the newest first."""
    query = select(*_COLUMNS).select_from(_RUNS_OF_PEOPLE).where(condition)
    newest_first = query.order_by(runs.c.number.desc()).limit(limit)
    return [_run(row) for row in connection.execute(newest_first)]


def _run(row: Row[tuple[object, ...]]) -> Run:
    values = dict(row._mapping)
    config = TrainingConfig.from_dict(values.pop("configuration"))
    config = replace(config, name=visible_part(config.name))  # older versions and archives had no such rule
    name, status = visible_part(str(values["name"])), Status(str(values["status"]))
    return Run(**{**values, "config": config, "name": name, "status": status})
