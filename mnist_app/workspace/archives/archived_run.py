"""A training run in the archive of a class: its record as JSON, its numbers as arrays."""

from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field, TypeAdapter

from mnist_app.errors import AppError
from mnist_app.learning.data.datasets import DATASETS
from mnist_app.learning.inference.shipped import SHIPPED
from mnist_app.learning.training.presets import get_preset
from mnist_app.workspace.archives.drawing_archive import FileDescription
from mnist_app.workspace.archives.plain_arrays import Arrays
from mnist_app.workspace.archives.zip_format import ArchiveFault
from mnist_app.workspace.runs.fine_tuning import FineTuning
from mnist_app.workspace.runs.records import LARGEST_LOSS, MOST_EPOCHS, RunRecord, Status
from mnist_app.workspace.storage.definitions import MOST, RecordFault, checked
from mnist_app.workspace.storage.identifiers import is_id, shown

MODEL = "model"
CHECKPOINT = "checkpoint"
"""Prefixes of the names of arrays: a model's weights; a checkpoint's weights and optimiser state."""
OWN = "own"
CUT_OFF = "It was waiting or in training when the class was exported."
"""Reason, in an archive, of a run that had not ended in the store."""


def _ended(status: Status) -> Status:
    """Return the status; raise ValueError, which pydantic expects, if a run with it has not ended."""
    if not status.ended:
        raise ValueError("a run that has not ended")
    return status


class ArchivedRun(RunRecord):
    """A run in an archive, where every run has ended."""

    status: Annotated[Status, Field(strict=False), AfterValidator(_ended)]
    model: Literal["own", "checkpoint"] | None
    """`OWN` if the arrays contain the model's weights, `CHECKPOINT` if the model has the weights of its
    checkpoint, as after most trainings; None for a run without a model."""
    fine_tuning: FineTuning | None
    """None for a run that is not a fine-tuning."""
    file: FileDescription
    """Size and digest of the file with the run's arrays."""

    @property
    def member(self) -> str:
        """Name of the archive's file with the run's arrays."""
        return member_of(self.id)

    def columns(self) -> dict[str, Any]:
        """Return the run's columns in the store, by name."""
        return self.model_dump(include=set(RunRecord.model_fields))


_DEFINITION = TypeAdapter(ArchivedRun)


def member_of(run_id: str) -> str:
    """Return the name of the archive's file with the arrays of a run."""
    return f"runs/{run_id}.npz"


def read_entry(entry: object) -> ArchivedRun:
    """Return the run that a manifest describes, with every field checked.

    Raises:
        ArchiveFault: An export would not write this entry.
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
        raise ArchiveFault(f"the configuration of run {run.id} names an unknown data set or model")
    return run


def check_arrays(run: ArchivedRun, arrays: Arrays) -> None:
    """Check a run's curves and probes, and that its networks are those of its description.

    `rebuilt_networks` checks the shapes of the networks' arrays.

    Raises:
        ArchiveFault: An export would not write these arrays.
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
                raise ArchiveFault(
                    f"the array {name} of run {run.id} has a wrong type or shape, or a value that is not a "
                    "number"
                )
    _check_steps(run, arrays)
    has_checkpoint = any(name.startswith(CHECKPOINT) for name in networks)
    has_own = any(name.startswith(MODEL) for name in networks)
    if has_checkpoint == (run.checkpoint_epoch is None) or has_own != (run.model == OWN):
        raise ArchiveFault(f"the networks of run {run.id} and its description do not belong together")
    if run.model == CHECKPOINT and not has_checkpoint:
        raise ArchiveFault(f"the networks of run {run.id} and its description do not belong together")


def plausible(curve: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which points of a curve are within the limits of a training.

    Args:
        curve: (n, 4): step, epoch, loss and accuracy.

    Returns:
        (n,)
    """
    _, epoch, loss, accuracy = curve.T
    of_a_training = (epoch >= 0) & (epoch <= MOST_EPOCHS) & (np.abs(loss) <= LARGEST_LOSS)
    sound: NDArray[np.bool_] = of_a_training & (accuracy >= 0) & (accuracy <= 1.001)  # false for NaN
    return sound


def _check_steps(run: ArchivedRun, arrays: Arrays) -> None:
    """Check that steps are whole and rise, and that epochs, losses and shares are within their limits.

    Raises:
        ArchiveFault: A value is out of order or of its limits.
    """
    for name in ("train", "validation", "probe_moments"):
        steps = arrays[name][:, 0] if name in arrays else np.zeros(0)
        whole = ((steps >= 0) & (steps <= MOST) & (steps == np.floor(steps))).all()
        if not whole or not (np.diff(steps) > 0).all():
            raise ArchiveFault(f"the steps of {name} of run {run.id} are not in order")
        if name in ("train", "validation") and not plausible(arrays[name]).all():
            raise ArchiveFault(f"a point of {name} of run {run.id} is outside the limits of a training")
    moments = arrays.get("probe_moments", np.zeros((0, 2)))[:, 1]
    if not ((moments >= 0) & (moments <= MOST_EPOCHS)).all():
        raise ArchiveFault(f"an epoch of the probes of run {run.id} is outside the limits of a training")
    if ("probe_moments" in arrays) != ("probe_answers" in arrays) or (
        "probe_moments" in arrays and len(arrays["probe_moments"]) != len(arrays["probe_answers"])
    ):
        raise ArchiveFault(f"the probes of run {run.id} do not belong together")
    for name, most in (("probe", 1.0), ("probe_answers", 1.001)):
        array = arrays.get(name, np.zeros(0))
        if array.size and not 0 <= array.min() <= array.max() <= most:
            raise ArchiveFault(f"the array {name} of run {run.id} is not between 0 and 1")


# Type and shape of each array; None stands for any length.
_CURVES: dict[str, tuple[Any, ...]] = {"train": ("<f8", None, 4), "validation": ("<f8", None, 4)}
_PROBES: dict[str, tuple[Any, ...]] = {
    "probe": ("<f4", 28, 28),
    "probe_moments": ("<f8", None, 2),
    "probe_answers": ("<f4", None, 10),
}


def _is_model(value: str) -> bool:
    return value in ("", SHIPPED) or is_id(value)
