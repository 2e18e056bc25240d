"""Untrained networks of runs for pupils to draw with, which takes no time for training."""

from pathlib import Path

from mnist_app.learning.training.presets import PRESETS, build_model
from mnist_app.workspace.runs.model_files import ModelFiles
from mnist_app.workspace.runs.records import Status
from mnist_app.workspace.runs.run_store import Store

OWNER = "own networks"


def make_networks(store: Store, home: Path, count: int) -> list[str]:
    """Make finished runs with an untrained network each, of the presets in turn; return their ids."""
    files = ModelFiles(home)
    presets = list(PRESETS.values())
    return [
        _make_network(store, files, presets[number % len(presets)].name, number) for number in range(count)
    ]


def _make_network(store: Store, files: ModelFiles, preset: str, seed: int) -> str:
    lease = store.start(PRESETS[preset].defaults, OWNER)
    model = build_model(preset, seed)
    sha256 = files.save_model(lease.run_id, model)
    store.finish(lease, Status.FINISHED, parameters=model.count_params(), model_sha256=sha256)
    return lease.run_id
