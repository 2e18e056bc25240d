"""A training run as the class's archive has it: what the store knows of it as JSON, its numbers as arrays."""

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from mnist_app.errors import AppError
from mnist_app.learning.configuration import LONGEST_NAME, TrainingConfig
from mnist_app.learning.datasets import DATASETS
from mnist_app.learning.presets import get_preset
from mnist_app.runs.archive import ArchiveFault
from mnist_app.runs.definitions import LATEST
from mnist_app.runs.fine_tuning import FineTuning
from mnist_app.runs.identifiers import is_id, shown
from mnist_app.runs.plain_arrays import Arrays
from mnist_app.runs.records import Status

MODEL = "model"
CHECKPOINT = "checkpoint"
"""What the names of a network's arrays begin with: its weights; these and its optimiser's state."""
OWN = "own"
CUT_OFF = "It waited or was being trained when the class was exported."
"""Why a run is interrupted in an archive that had not ended in the store."""
_LONGEST_REASON = 2_000
_MOST = 2**31 - 1

Check = Callable[[Any], bool]


@dataclass(frozen=True)
class ArchivedRun:
    """A run that has ended. Times are seconds since 1970 (UTC)."""

    id: str
    name: str
    owner: str
    """The token that the owner's browser keeps, so that its visitor finds the run again."""
    configuration: dict[str, Any]
    versions: dict[str, str]
    continued_from: str | None
    status: str
    reason: str
    created: float
    started: float | None
    ended: float | None
    cancel: bool
    worker: str | None
    steps_per_epoch: int | None
    epoch: float
    images_per_second: float | None
    parameters: int | None
    seconds: float | None
    train_loss: float | None
    train_accuracy: float | None
    validation_loss: float | None
    validation_accuracy: float | None
    test_loss: float | None
    test_accuracy: float | None
    checkpoint_epoch: int | None
    model: str | None
    """`OWN` where the model's weights are among its arrays, `CHECKPOINT` where they are those of its
    checkpoint, as at the end of most trainings; None for a run without a model."""
    fine_tuning: dict[str, Any] | None
    """The fields of a `FineTuning`; None for another run."""
    file: dict[str, Any]
    """Bytes and sha256 of the file with its arrays."""

    @property
    def config(self) -> TrainingConfig:
        """What it was asked to do."""
        return TrainingConfig.from_dict(self.configuration)

    @property
    def member(self) -> str:
        """What the file with its arrays is called in an archive."""
        return member_of(self.id)

    def to_entry(self) -> dict[str, Any]:
        """What a manifest says of it."""
        return asdict(self)


def member_of(run_id: str) -> str:
    """What the file with the arrays of that run is called in an archive."""
    return f"runs/{run_id}.npz"


def read_entry(entry: object) -> ArchivedRun:
    """The run that a manifest describes, every field of it checked; raises `ArchiveFault`."""
    if not isinstance(entry, dict) or set(entry) != set(_CHECKS):
        raise ArchiveFault("its manifest does not describe runs as this app does")
    wrong = next((name for name, is_right in _CHECKS.items() if not is_right(entry[name])), None)
    if wrong:
        raise ArchiveFault(f"the {wrong.replace('_', ' ')} of run {shown(entry['id'])} cannot be right")
    run = ArchivedRun(**entry)
    try:
        config = run.config
        get_preset(config.preset)
    except (AppError, TypeError) as error:
        reason = str(error).rstrip(".")[:120]
        raise ArchiveFault(f"the configuration of run {run.id} cannot be right: {reason}") from error
    if config.dataset not in DATASETS or not _is_model(config.fine_tuned_from):
        raise ArchiveFault(f"the configuration of run {run.id} names what there is not")
    return run


def check_arrays(run: ArchivedRun, arrays: Arrays) -> None:
    """Raise `ArchiveFault` unless these are a run's curves, probes and, perhaps, its network.

    Whether the network's arrays have the shapes of the run's preset is for `rebuilt_networks` to say.
    """
    networks = {name for name in arrays if name.startswith((f"{MODEL}-", f"{CHECKPOINT}-"))}
    if not {*_CURVES} <= set(arrays) <= {*_CURVES, *_PROBES, *networks}:
        raise ArchiveFault(f"the file of run {run.id} has other arrays in it than a run has")
    for name, (dtype, *shape) in {**_CURVES, **_PROBES}.items():
        if name in arrays:
            found = arrays[name]
            fits = found.ndim == len(shape) and all(
                side in (None, there) for side, there in zip(shape, found.shape, strict=True)
            )
            if found.dtype.str != dtype or not fits or not np.isfinite(found).all():
                raise ArchiveFault(f"the array {name} of run {run.id} is of no kind that a run has")
    _check_steps(run, arrays)
    has_checkpoint = any(name.startswith(CHECKPOINT) for name in networks)
    has_own = any(name.startswith(MODEL) for name in networks)
    if has_checkpoint == (run.checkpoint_epoch is None) or has_own != (run.model == OWN):
        raise ArchiveFault(f"the networks of run {run.id} and its description do not belong together")
    if run.model == CHECKPOINT and not has_checkpoint:
        raise ArchiveFault(f"the networks of run {run.id} and its description do not belong together")


def _check_steps(run: ArchivedRun, arrays: Arrays) -> None:
    """Steps are whole and rise, so that no two points are one; what is a share lies between 0 and 1."""
    for name in ("train", "validation", "probe_moments"):
        steps = arrays[name][:, 0] if name in arrays else np.zeros(0)
        whole = ((steps >= 0) & (steps <= _MOST) & (steps == np.floor(steps))).all()
        if not whole or not (np.diff(steps) > 0).all():
            raise ArchiveFault(f"the steps of {name} of run {run.id} are not in order")
    if ("probe_moments" in arrays) != ("probe_answers" in arrays) or (
        "probe_moments" in arrays and len(arrays["probe_moments"]) != len(arrays["probe_answers"])
    ):
        raise ArchiveFault(f"the probes of run {run.id} do not belong together")
    for name, most in (("probe", 1.0), ("probe_answers", 1.001)):
        array = arrays.get(name, np.zeros(0))
        if array.size and not 0 <= array.min() <= array.max() <= most:
            raise ArchiveFault(f"the array {name} of run {run.id} is not between 0 and 1")


# What each array is: the kind of its numbers and its shape, None where any length is possible.
_CURVES: dict[str, tuple[Any, ...]] = {"train": ("<f8", None, 4), "validation": ("<f8", None, 4)}
_PROBES: dict[str, tuple[Any, ...]] = {
    "probe": ("<f4", 28, 28),
    "probe_moments": ("<f8", None, 2),
    "probe_answers": ("<f4", None, 10),
}


# What each field may be


def _text(longest: int) -> Check:
    """Text that every database keeps, on one line."""

    def check(value: Any) -> bool:
        if not isinstance(value, str) or len(value) > longest:
            return False
        return not any(unicodedata.category(character) in ("Cc", "Cs") for character in value)

    return check


def _number(lowest: float = 0.0, highest: float = math.inf) -> Check:
    def check(value: Any) -> bool:
        if not isinstance(value, int | float) or isinstance(value, bool) or abs(value) > 1e300:
            return False
        return math.isfinite(value) and lowest <= value <= highest

    return check


def _count(value: Any) -> bool:
    return type(value) is int and 0 <= value <= _MOST


def _or_none(check: Check) -> Check:
    return lambda value: value is None or check(value)


def _is_description(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"bytes", "sha256"}


def _is_model(value: str) -> bool:
    return value in ("", "shipped") or is_id(value)


def _is_flat(value: Any) -> bool:
    """Names with texts, numbers or nothing, not many of them."""
    if not isinstance(value, dict) or len(value) > 40:
        return False
    short = _text(200)
    return all(each is None or isinstance(each, int | float) or short(each) for each in value.values())


def _is_versions(value: Any) -> bool:
    short = _text(80)
    return _is_flat(value) and all(short(name) and short(version) for name, version in value.items())


def _is_fine_tuning(value: Any) -> bool:
    names = {field.name for field in fields(FineTuning)}
    if not isinstance(value, dict) or set(value) != names:
        return False
    counts = names - {"held_out_by", "right_after", "test_accuracy_before"}
    return (
        value["held_out_by"] in ("person", "drawing")
        and all(_count(value[name]) for name in counts)
        and _or_none(_count)(value["right_after"])
        and _number(0, 1)(value["test_accuracy_before"])
        and max(value["right_before"], value["right_after"] or 0) <= value["drawings_held_out"]
        and value["drawings_held_out"] > 0
    )


def _is_end(value: Any) -> bool:
    return isinstance(value, str) and value in set(Status) and Status(value).ended


_TIME = _number(0, LATEST)
_SHARE = _or_none(_number(0, 1))
_LOSS = _or_none(_number())
OWNER = re.compile(r"[\x20-\x7e]{0,64}")
"""What the tokens of browsers look like; empty for the command line."""

_CHECKS: Mapping[str, Check] = {
    "id": is_id,
    "name": _text(LONGEST_NAME),
    "owner": lambda value: isinstance(value, str) and OWNER.fullmatch(value) is not None,
    "configuration": _is_flat,
    "versions": _is_versions,
    "continued_from": _or_none(is_id),
    "status": _is_end,
    "reason": _text(_LONGEST_REASON),
    "created": _TIME,
    "started": _or_none(_TIME),
    "ended": _or_none(_TIME),
    "cancel": lambda value: isinstance(value, bool),
    "worker": _or_none(_text(64)),
    "steps_per_epoch": _or_none(_count),
    "epoch": _number(),
    "images_per_second": _or_none(_number()),
    "parameters": _or_none(_count),
    "seconds": _or_none(_number()),
    "train_loss": _LOSS,
    "train_accuracy": _SHARE,
    "validation_loss": _LOSS,
    "validation_accuracy": _SHARE,
    "test_loss": _LOSS,
    "test_accuracy": _SHARE,
    "checkpoint_epoch": _or_none(_count),
    "model": lambda value: value in (None, OWN, CHECKPOINT),
    "fine_tuning": _or_none(_is_fine_tuning),
    "file": _is_description,
}
