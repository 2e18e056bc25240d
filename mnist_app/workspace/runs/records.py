"""What the store keeps of a training run, as values: its status, the run, its points, its probe's answers."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mnist_app.learning.training.configuration import TrainingConfig

Split = Literal["train", "validation"]

LONGEST_REASON = 2_000
"""Characters in the reason why a run ended."""


class Status(StrEnum):
    """Where a run is on its way."""

    QUEUED = "queued"
    STARTING = "starting"
    """Claimed; the data set is being loaded and the network built."""
    TRAINING = "training"
    EVALUATING = "evaluating"
    FINISHED = "finished"
    STOPPED = "stopped"
    """By a person, before its last epoch or before it began."""
    DIVERGED = "diverged"
    """The loss became NaN or exploded."""
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    """Whoever trained it was gone before it ended."""

    @property
    def active(self) -> bool:
        """Whether somebody is at work on the run, under a lease."""
        return self in ACTIVE

    @property
    def ended(self) -> bool:
        """Whether nothing more happens to the run by itself."""
        return self is not Status.QUEUED and not self.active


ACTIVE = frozenset({Status.STARTING, Status.TRAINING, Status.EVALUATING})


@dataclass(frozen=True)
class Run:
    """A training run as the store has it. Times are seconds since 1970 (UTC)."""

    number: int
    """In the order of submission."""
    id: str
    name: str
    owner: str
    """The token that the owner's browser keeps: a secret, never to be shown. Empty from the command line."""
    person: str
    """The owner's name, for showing; may be empty."""
    config: TrainingConfig
    versions: dict[str, str]
    """Of Python and of the libraries it was trained with; empty before it starts."""
    continued_from: str | None
    """The id of the run whose checkpoint it started from."""
    status: Status
    reason: str
    """Why it ended as it did, in a sentence, unless it finished."""
    created: float
    started: float | None
    ended: float | None
    cancel: bool
    """Whether somebody asked it to stop."""
    worker: str | None
    """Who trains or trained it."""
    lease_expires: float | None
    steps_per_epoch: int | None
    epoch: float
    """How far it is, in epochs: 2.5 is halfway through the third."""
    images_per_second: float | None
    """Of late, or when it ended."""
    parameters: int | None
    seconds: float | None
    """Time inside `fit`, validation included."""
    train_loss: float | None
    train_accuracy: float | None
    """Of the last whole epoch."""
    validation_loss: float | None
    validation_accuracy: float | None
    test_loss: float | None
    test_accuracy: float | None
    model_sha256: str | None
    """Of the model's file; None as long as there is none."""
    checkpoint_epoch: int | None
    """How many epochs the checkpoint has seen; None where there is none."""
    checkpoint_sha256: str | None


@dataclass(frozen=True)
class Lease:
    """The right to work on a run, until it runs out unless it is renewed."""

    run_id: str
    token: str


@dataclass(frozen=True)
class Point:
    """One point of a run's curves."""

    split: Split
    step: int
    """Steps since the first epoch."""
    epoch: float
    loss: float
    accuracy: float


@dataclass(frozen=True, eq=False)
class Probe:
    """What the network said of the run's probe image at one moment of its training."""

    step: int
    epoch: float
    probabilities: NDArray[np.float32]
    """(10,)"""
