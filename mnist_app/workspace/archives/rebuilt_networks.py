"""Networks from plain arrays. Each is built from its preset, and the arrays must fit it."""

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
"""Steps of an optimiser that is only built. Its number of variables does not depend on them."""
_one_at_a_time = threading.Lock()


def model_arrays(run: Run, files: ModelFiles) -> Arrays:
    """Return the weights of a run's model; empty if it has no model. Nothing else of the file is read.

    Raises:
        ModelUnavailable: The file is missing or damaged.
    """
    if run.model_sha256 is None:
        return {}
    path = files.load_model(run)
    with _one_at_a_time:
        network = _network(run.config.preset)
        network.load_weights(path)
        return _numbered(MODEL, network.get_weights())


def checkpoint_arrays(run: Run, files: ModelFiles) -> Arrays:
    """Return the weights and the optimiser state of a run's checkpoint; empty if it has no checkpoint.

    Raises:
        ModelUnavailable: The file is missing or damaged.
    """
    return {} if run.checkpoint_epoch is None else _numbered(CHECKPOINT, files.read_checkpoint(run))


def check_network(run: ArchivedRun, arrays: Arrays) -> None:
    """Check the arrays of a run's model and of its checkpoint.

    Raises:
        ArchiveFault: They do not fit the network of the run's preset, or the model's answers are not finite.
    """
    for kind in (MODEL, CHECKPOINT):
        if found := _sorted(kind, arrays):
            check_arrays_of(kind, run.id, run.config, found)
    if run.model == CHECKPOINT:
        _check_answers(run.id, run.config.preset, model_weights(run, arrays))


def check_arrays_of(kind: str, run_id: str, config: TrainingConfig, found: list[NDArray[Any]]) -> None:
    """Check the arrays of a model or of a checkpoint.

    Args:
        kind: `MODEL` or `CHECKPOINT`.
        run_id: The run, for the message.
        config: The run's configuration, which names its network.
        found: The arrays in their order.

    Raises:
        ArchiveFault: They do not fit the network in shape or type, a value is not finite, or the model's
            answers are not finite.
    """
    with _one_at_a_time:
        expected = _weights_of(config.preset) if kind == MODEL else _state_of(config)
    if not all(np.isfinite(array).all() for array in found):
        raise ArchiveFault(f"the {kind} of run {run_id} contains something other than numbers")
    if [(array.shape, array.dtype.name) for array in found] != list(expected):
        raise ArchiveFault(f"the {kind} of run {run_id} does not fit the network {config.preset}")
    if kind == MODEL:
        _check_answers(run_id, config.preset, found)


def _check_answers(run_id: str, preset: str, weights: list[NDArray[Any]]) -> None:
    """Raise `ArchiveFault` unless a network with these weights gives finite answers."""
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
    """Write the model and the checkpoint of a run whose arrays were checked.

    Returns:
        The columns of the run that describe them.

    Raises:
        StorageUnavailable: A file cannot be written.
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
    """Return the weights of a run's model, which may be those of its checkpoint."""
    if run.model == CHECKPOINT:
        return _sorted(CHECKPOINT, arrays)[: len(_weights_of(run.config.preset))]
    return _sorted(MODEL, arrays)


def has_network(arrays: Arrays) -> bool:
    """Return whether the arrays contain a model or a checkpoint."""
    return any(name.startswith((f"{MODEL}-", f"{CHECKPOINT}-")) for name in arrays)


def _numbered(kind: str, arrays: list[NDArray[Any]]) -> Arrays:
    return {f"{kind}-{number:03}": array for number, array in enumerate(arrays)}


def _sorted(kind: str, arrays: Arrays) -> list[NDArray[Any]]:
    return [arrays[name] for name in sorted(arrays) if name.startswith(f"{kind}-")]


@cache
def _network(preset: str) -> "keras.Model":
    """Return the one network of a preset, which takes the weights of one run after another."""
    return build_model(preset)


@cache
def _weights_of(preset: str) -> tuple[tuple[tuple[int, ...], str], ...]:
    return tuple((tuple(each.shape), str(each.dtype)) for each in _network(preset).weights)


def _state_of(config: TrainingConfig) -> tuple[tuple[tuple[int, ...], str], ...]:
    return _weights_of(config.preset) + _optimizer_of(config.preset, config.optimizer)


@cache
def _optimizer_of(preset: str, optimizer: str) -> tuple[tuple[tuple[int, ...], str], ...]:
    """Return the shapes and types of an optimiser's variables, in Keras's order."""
    made = make_optimizer(TrainingConfig(preset=preset, optimizer=optimizer), _STEPS)
    made.build(_network(preset).trainable_variables)
    return tuple((tuple(each.shape), str(each.dtype)) for each in made.variables)
