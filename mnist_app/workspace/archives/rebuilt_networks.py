"""Networks from plain arrays: each is built anew from its preset, and the arrays must fit what was built."""

import threading
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mnist_app.errors import ModelUnavailable
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.learning.training.presets import build_model, make_optimizer
from mnist_app.workspace.archives.archived_run import CHECKPOINT, MODEL, ArchivedRun
from mnist_app.workspace.archives.plain_arrays import Arrays
from mnist_app.workspace.archives.zip_format import ArchiveFault
from mnist_app.workspace.runs.model_files import Checkpoint, ModelFiles
from mnist_app.workspace.runs.records import Run

if TYPE_CHECKING:
    import keras

_STEPS = 100
"""Of a training that is never trained: how many variables an optimiser has does not depend on them."""
_one_at_a_time = threading.Lock()


def model_arrays(run: Run, files: ModelFiles) -> Arrays:
    """The weights of a run's model, of which nothing else is read; empty where it has none.

    Raises `ModelUnavailable` for a file that is missing or damaged.
    """
    if run.model_sha256 is None:
        return {}
    path = files.load_model(run)
    with _one_at_a_time:
        network = _network(run.config.preset)
        network.load_weights(path)
        return _numbered(MODEL, network.get_weights())


def checkpoint_arrays(run: Run, files: ModelFiles) -> Arrays:
    """The weights and the optimiser's state of a run's checkpoint; empty where it has none.

    Raises `ModelUnavailable` for a file that is missing or damaged.
    """
    return {} if run.checkpoint_epoch is None else _numbered(CHECKPOINT, files.read_checkpoint(run))


def check_network(run: ArchivedRun, arrays: Arrays) -> None:
    """Check the arrays of a run's model and of its checkpoint.

    Raises:
        ArchiveFault: they are not of the network of the run's preset, or the model cannot answer.
    """
    for kind in (MODEL, CHECKPOINT):
        if found := _sorted(kind, arrays):
            check_arrays_of(kind, run.id, run.config, found)
    if run.model == CHECKPOINT:
        _check_answers(run.id, run.config.preset, model_weights(run, arrays))


def check_arrays_of(kind: str, run_id: str, config: TrainingConfig, found: list[NDArray[Any]]) -> None:
    """Check the arrays of a model or of a checkpoint, in their order.

    Raises:
        ArchiveFault: they have other shapes or kinds than those of the configuration's network, something
            in them is no number, or the model cannot answer.
    """
    with _one_at_a_time:
        expected = _weights_of(config.preset) if kind == MODEL else _state_of(config)
    if not all(np.isfinite(array).all() for array in found):
        raise ArchiveFault(f"the {kind} of run {run_id} has something else than numbers in it")
    if [(array.shape, array.dtype.name) for array in found] != list(expected):
        raise ArchiveFault(f"the {kind} of run {run_id} is not of the network {config.preset}")
    if kind == MODEL:
        _check_answers(run_id, config.preset, found)


def _check_answers(run_id: str, preset: str, weights: list[NDArray[Any]]) -> None:
    """Raise `ArchiveFault` unless a network with these weights answers with numbers."""
    from mnist_app.learning.inference.inference import check_network as check_answers

    with _one_at_a_time:
        network = _network(preset)
        network.set_weights(weights)
        try:
            check_answers(network)
        except ModelUnavailable as error:
            raise ArchiveFault(
                f"the model of run {run_id} does not answer with numbers: its weights are too large"
            ) from error


def put_network(run: ArchivedRun, arrays: Arrays, files: ModelFiles) -> dict[str, str | None]:
    """Write the model and the checkpoint of a run whose arrays were checked; the columns that tell of them.

    Raises `StorageUnavailable`.
    """
    columns: dict[str, str | None] = {"model_sha256": None, "checkpoint_sha256": None}
    if run.model is not None:
        weights = model_weights(run, arrays)
        with _one_at_a_time:
            network = _network(run.config.preset)
            network.set_weights(weights)
            columns["model_sha256"] = files.save_model(run.id, network)
    if run.checkpoint_epoch is not None:
        checkpoint = Checkpoint(run.checkpoint_epoch, tuple(_sorted(CHECKPOINT, arrays)))
        columns["checkpoint_sha256"] = files.save_checkpoint(run.id, checkpoint)
    return columns


def model_weights(run: ArchivedRun, arrays: Arrays) -> list[NDArray[Any]]:
    """The weights of the run's model, which may be those of its checkpoint."""
    if run.model == CHECKPOINT:
        return _sorted(CHECKPOINT, arrays)[: len(_weights_of(run.config.preset))]
    return _sorted(MODEL, arrays)


def has_network(arrays: Arrays) -> bool:
    """Whether there is a model or a checkpoint among the arrays."""
    return any(name.startswith((f"{MODEL}-", f"{CHECKPOINT}-")) for name in arrays)


def _numbered(kind: str, arrays: list[NDArray[Any]]) -> Arrays:
    return {f"{kind}-{number:03}": array for number, array in enumerate(arrays)}


def _sorted(kind: str, arrays: Arrays) -> list[NDArray[Any]]:
    return [arrays[name] for name in sorted(arrays) if name.startswith(f"{kind}-")]


@cache
def _network(preset: str) -> "keras.Model":
    """One network of each preset, which is given the weights of one run after another."""
    return build_model(preset)


@cache
def _weights_of(preset: str) -> tuple[tuple[tuple[int, ...], str], ...]:
    return tuple((tuple(each.shape), str(each.dtype)) for each in _network(preset).weights)


def _state_of(config: TrainingConfig) -> tuple[tuple[tuple[int, ...], str], ...]:
    return _weights_of(config.preset) + _optimizer_of(config.preset, config.optimizer)


@cache
def _optimizer_of(preset: str, optimizer: str) -> tuple[tuple[tuple[int, ...], str], ...]:
    """The shapes and kinds of an optimiser's variables, in Keras's order."""
    made = make_optimizer(TrainingConfig(preset=preset, optimizer=optimizer), _STEPS)
    made.build(_network(preset).trainable_variables)
    return tuple((tuple(each.shape), str(each.dtype)) for each in made.variables)
