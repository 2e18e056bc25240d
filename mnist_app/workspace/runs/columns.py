"""The columns of a run on their way into a store or an archive, held to the definition in `records`."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, get_type_hints

from pydantic import TypeAdapter

from mnist_app.errors import InvalidSetting
from mnist_app.learning.training.configuration import LONGEST_NAME
from mnist_app.workspace.runs.records import LONGEST_REASON, LONGEST_WORKER, MOST_EPOCHS, RunRecord
from mnist_app.workspace.storage.definitions import LATEST, STRICT, RecordFault, checked
from mnist_app.workspace.storage.identifiers import shown
from mnist_app.workspace.storage.visible_text import on_one_line, visible_part

_TYPES = get_type_hints(RunRecord, include_extras=True)
_DEFINITIONS: dict[str, TypeAdapter[Any]] = {
    name: TypeAdapter(_TYPES[name], config=STRICT) for name in RunRecord.model_fields
}


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
