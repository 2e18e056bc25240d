"""A training run as the class's archive has it: what the store knows of it as JSON, its numbers as arrays."""

import unicodedata
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, TypeAdapter

from mnist_app.errors import AppError
from mnist_app.learning.data.datasets import DATASETS
from mnist_app.learning.inference.shipped import SHIPPED
from mnist_app.learning.training.configuration import LIMITS, LONGEST_NAME, TrainingConfig
from mnist_app.learning.training.fine_tuning import HeldOutBy
from mnist_app.learning.training.presets import get_preset
from mnist_app.workspace.archives.drawing_archive import FileDescription
from mnist_app.workspace.archives.plain_arrays import Arrays
from mnist_app.workspace.archives.zip_format import ArchiveFault
from mnist_app.workspace.runs.records import LONGEST_REASON, Status
from mnist_app.workspace.storage.definitions import LATEST, STRICT, RecordFault, Time, checked
from mnist_app.workspace.storage.identifiers import Id, Owner, is_id, shown
from mnist_app.workspace.storage.visible_text import Name, on_one_line, visible_part

MODEL = "model"
CHECKPOINT = "checkpoint"
"""What the names of a network's arrays begin with: its weights; these and its optimiser's state."""
OWN = "own"
CUT_OFF = "It waited or was being trained when the class was exported."
"""Why a run is interrupted in an archive that had not ended in the store."""
LONGEST_WORKER = 64
MOST_EPOCHS = LIMITS["epochs"].maximum
_MOST = 2**31 - 1
_LARGEST_LOSS = 1e39
"""No loss is larger: the network computes with 32 bits, which end at 3.4e38."""


# The one definition of what each field may be


def _on_one_line(text: str) -> str:
    """Return a text that every database keeps, for pydantic, which takes a ValueError for a refusal."""
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise ValueError("control characters")
    return text


def _ended(status: str) -> str:
    if status not in set(Status) or not Status(status).ended:
        raise ValueError("a run that has not ended")
    return status


def _visible(name: Any) -> Any:
    """Return what can be seen of a name: older versions and their archives had no such rule."""
    return visible_part(name) if isinstance(name, str) else name


Line = Annotated[str, AfterValidator(_on_one_line)]
Count = Annotated[int, Field(ge=0, le=_MOST)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Loss = Annotated[float, Field(ge=0, le=_LARGEST_LOSS, allow_inf_nan=False)]
Amount = Annotated[float, Field(ge=0, le=LATEST, allow_inf_nan=False)]
"""Seconds, or images a second."""
Version = Annotated[Line, Field(max_length=80)]
Setting = Annotated[Line, Field(max_length=200)] | int | float | None


class Measured(BaseModel):
    """What a fine-tuning was measured on: the fields of a `FineTuning`."""

    model_config = STRICT

    held_out_by: HeldOutBy
    people: Count
    people_held_out: Count
    drawings: Count
    drawings_held_out: Annotated[int, Field(gt=0, le=_MOST)]
    right_before: Count
    right_after: Count | None
    test_accuracy_before: Share


def _adding_up(measured: Measured) -> Measured:
    if max(measured.right_before, measured.right_after or 0) > measured.drawings_held_out:
        raise ValueError("more drawings were read correctly than were held out")
    return measured


class ArchivedRun(BaseModel):
    """A run that has ended. Times are seconds since 1970 (UTC)."""

    model_config = STRICT

    id: Id
    name: Annotated[Name, BeforeValidator(_visible)]
    owner: Owner
    """The token that the owner's browser keeps, so that its visitor finds the run again."""
    configuration: Annotated[dict[str, Setting], Field(max_length=40)]
    versions: Annotated[dict[Version, Version], Field(max_length=40)]
    continued_from: Id | None
    status: Annotated[str, AfterValidator(_ended)]
    reason: Annotated[Line, Field(max_length=LONGEST_REASON)]
    created: Time
    started: Time | None
    ended: Time | None
    cancel: bool
    worker: Annotated[Line, Field(max_length=LONGEST_WORKER)] | None
    steps_per_epoch: Count | None
    epoch: Annotated[float, Field(ge=0, le=MOST_EPOCHS, allow_inf_nan=False)]
    images_per_second: Amount | None
    parameters: Count | None
    seconds: Amount | None
    train_loss: Loss | None
    train_accuracy: Share | None
    validation_loss: Loss | None
    validation_accuracy: Share | None
    test_loss: Loss | None
    test_accuracy: Share | None
    checkpoint_epoch: Annotated[int, Field(ge=0, le=MOST_EPOCHS)] | None
    model: Literal["own", "checkpoint"] | None
    """`OWN` where the model's weights are among its arrays, `CHECKPOINT` where they are those of its
    checkpoint, as at the end of most trainings; None for a run without a model."""
    fine_tuning: Annotated[Measured, AfterValidator(_adding_up)] | None
    """None for a run that is no fine-tuning."""
    file: FileDescription
    """Of the file with its arrays."""

    @property
    def config(self) -> TrainingConfig:
        """What it was asked to do."""
        return TrainingConfig.from_dict(self.configuration)

    @property
    def member(self) -> str:
        """What the file with its arrays is called in an archive."""
        return member_of(self.id)

    def to_entry(self) -> dict[str, Any]:
        """Return what a manifest says of it."""
        return self.model_dump()


_DEFINITION = TypeAdapter(ArchivedRun)


def member_of(run_id: str) -> str:
    """Return what the file with the arrays of that run is called in an archive."""
    return f"runs/{run_id}.npz"


def as_archived(values: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of a run in the form that an archive has.

    The store takes any text for the reason and the worker, and any number that a training comes to. Text is
    put on one line and cut; a number that no archive can hold is left out.
    """
    kept = dict(values)
    kept["name"] = visible_part(values["name"])[:LONGEST_NAME]
    kept["reason"] = on_one_line(values["reason"], LONGEST_REASON)
    kept["worker"] = None if values["worker"] is None else on_one_line(values["worker"], LONGEST_WORKER)
    for name in ("created", "started", "ended"):
        kept[name] = None if values[name] is None else min(max(values[name], 0.0), LATEST)
    kept["epoch"] = min(max(values["epoch"], 0.0), MOST_EPOCHS)  # a clock or a division may be a trifle off
    for name, largest in _LARGEST.items():
        value = values[name]
        kept[name] = value if value is not None and 0 <= value <= largest else None
    return kept


def read_entry(entry: object) -> ArchivedRun:
    """Return the run that a manifest describes, every field of it checked.

    Raises:
        ArchiveFault: it is not what an export writes.
    """
    try:
        run = checked(_DEFINITION, entry)
    except RecordFault as fault:
        if fault.field is None or not isinstance(entry, dict):
            raise ArchiveFault("its manifest does not describe runs as this app does") from fault
        field = fault.field.replace("_", " ")
        raise ArchiveFault(f"the {field} of run {shown(entry.get('id'))} cannot be right") from fault
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


def plausible(curve: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Tell which points of a curve a training can come to.

    Args:
        curve: (n, 4): step, epoch, loss and accuracy.

    Returns:
        (n,)
    """
    _, epoch, loss, accuracy = curve.T
    of_a_training = (epoch >= 0) & (epoch <= MOST_EPOCHS) & (np.abs(loss) <= _LARGEST_LOSS)
    sound: NDArray[np.bool_] = of_a_training & (accuracy >= 0) & (accuracy <= 1.001)  # false for NaN
    return sound


def _check_steps(run: ArchivedRun, arrays: Arrays) -> None:
    """Steps are whole and rise, so that no two points are one; what is a share lies between 0 and 1."""
    for name in ("train", "validation", "probe_moments"):
        steps = arrays[name][:, 0] if name in arrays else np.zeros(0)
        whole = ((steps >= 0) & (steps <= _MOST) & (steps == np.floor(steps))).all()
        if not whole or not (np.diff(steps) > 0).all():
            raise ArchiveFault(f"the steps of {name} of run {run.id} are not in order")
        if name in ("train", "validation") and not plausible(arrays[name]).all():
            raise ArchiveFault(f"a point of {name} of run {run.id} is none that a training comes to")
    moments = arrays.get("probe_moments", np.zeros((0, 2)))[:, 1]
    if not ((moments >= 0) & (moments <= MOST_EPOCHS)).all():
        raise ArchiveFault(f"the epochs of the probes of run {run.id} are none that a training has")
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


_LARGEST = {
    **dict.fromkeys(("images_per_second", "seconds"), LATEST),
    **dict.fromkeys(("train_loss", "validation_loss", "test_loss"), _LARGEST_LOSS),
    **dict.fromkeys(("train_accuracy", "validation_accuracy", "test_accuracy"), 1.0),
}


def _is_model(value: str) -> bool:
    return value in ("", SHIPPED) or is_id(value)
