"""The records of a training run: its status, the run itself, its points, its probe's answers."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field

from mnist_app.learning.explanation.first_layer import WeightPictures
from mnist_app.learning.training.configuration import LIMITS, TrainingConfig
from mnist_app.workspace.storage.definitions import LATEST, STRICT, Count, Line, Share, Time
from mnist_app.workspace.storage.identifiers import Id, Owner
from mnist_app.workspace.storage.visible_text import VisibleName, visible_part

Split = Literal["train", "validation"]

LONGEST_REASON = 2_000
"""Characters in the reason why a run ended."""
LONGEST_WORKER = 64
"""Characters in the name of a worker."""
MOST_EPOCHS = int(LIMITS["epochs"].maximum)
LARGEST_LOSS = 1e39
"""No loss is larger: the network computes with 32 bits, which end at 3.4e38."""

Loss = Annotated[float, Field(ge=0, le=LARGEST_LOSS, allow_inf_nan=False)]
Amount = Annotated[float, Field(ge=0, le=LATEST, allow_inf_nan=False)]
"""Seconds, or images a second."""
Version = Annotated[Line, Field(max_length=80)]
Setting = Annotated[Line, Field(max_length=200)] | int | float | None
"""The value of one field of a `TrainingConfig`."""


class Status(StrEnum):
    """The status of a run."""

    QUEUED = "queued"
    STARTING = "starting"
    """A worker has claimed it, and is loading the data set and building the network."""
    TRAINING = "training"
    EVALUATING = "evaluating"
    FINISHED = "finished"
    STOPPED = "stopped"
    """A person stopped it before its last epoch, or before it began."""
    DIVERGED = "diverged"
    """The loss became NaN or exploded."""
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    """The program that trained it ended before it did."""

    @property
    def active(self) -> bool:
        """Whether a worker is training the run, under a lease."""
        return self in ACTIVE

    @property
    def ended(self) -> bool:
        """Whether the run neither waits nor is being trained."""
        return self is not Status.QUEUED and not self.active


ACTIVE = frozenset({Status.STARTING, Status.TRAINING, Status.EVALUATING})


class RunRecord(BaseModel):
    """What a store and an archive keep of a training run: the definition of each column that they share.

    The types say what a run may be. `rows.columns_to_keep` checks them when a run is kept. An export and an
    import check them again. Times are seconds since 1970 (UTC).
    """

    model_config = STRICT

    id: Id
    name: VisibleName
    owner: Owner
    """The token that the owner's browser keeps: a secret, never to be shown. Empty from the command line."""
    configuration: Annotated[dict[str, Setting], Field(max_length=40)]
    """The fields of a `TrainingConfig`; see `config`."""
    versions: Annotated[dict[Version, Version], Field(max_length=40)]
    """The versions of Python and of the libraries that trained it; empty before it starts."""
    continued_from: Id | None
    """The id of the run whose checkpoint it started from."""
    status: Annotated[Status, Field(strict=False)]
    reason: Annotated[Line, Field(max_length=LONGEST_REASON)]
    """Why it ended as it did, in a sentence, unless it finished."""
    created: Time
    started: Time | None
    ended: Time | None
    cancel: bool
    """Whether somebody asked it to stop."""
    worker: Annotated[Line, Field(max_length=LONGEST_WORKER)] | None
    """The name of the process that trains or trained it."""
    steps_per_epoch: Count | None
    epoch: Annotated[float, Field(ge=0, le=MOST_EPOCHS, allow_inf_nan=False)]
    """How far it is, in epochs: 2.5 is halfway through the third."""
    images_per_second: Amount | None
    """The speed over the last seconds of its training."""
    parameters: Count | None
    seconds: Amount | None
    """The time inside `fit`, validation included."""
    train_loss: Loss | None
    train_accuracy: Share | None
    """The accuracy over the last whole epoch."""
    validation_loss: Loss | None
    validation_accuracy: Share | None
    test_loss: Loss | None
    test_accuracy: Share | None
    checkpoint_epoch: Annotated[int, Field(ge=0, le=MOST_EPOCHS)] | None
    """How many epochs the checkpoint has seen; None where there is none."""

    @property
    def config(self) -> TrainingConfig:
        """The configuration of the training.

        Raises:
            InvalidSetting: It cannot be read.
        """
        config = TrainingConfig.from_dict(self.configuration)
        return replace(config, name=visible_part(config.name))  # older versions and archives had no such rule


class Run(RunRecord):
    """A training run as the store has it. What is read from a store is not checked."""

    number: int
    """Its place in the order of submission."""
    person: str
    """The owner's name, for showing; may be empty."""
    lease_expires: float | None
    model_sha256: str | None
    """The digest of the model's file; None as long as there is none."""
    checkpoint_sha256: str | None


@dataclass(frozen=True)
class Lease:
    """The exclusive right to train a run, until it expires."""

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
    """The network's prediction for the run's probe image at one step of its training."""

    step: int
    epoch: float
    probabilities: NDArray[np.float32]
    """Shape (10,)."""


@dataclass(frozen=True)
class Moment:
    """The moment of a snapshot."""

    step: int
    """Steps since the first epoch."""
    epoch: float
    seconds: float
    """Seconds of training before it, in all parts of a continued run. They set the pace of its snapshots."""


@dataclass(frozen=True, eq=False)
class Snapshot:
    """The first layer of the network at one moment of its training."""

    moment: Moment
    pictures: WeightPictures
