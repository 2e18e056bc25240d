"""Runs with models that learned nothing, which are there in a moment."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.learning.training.presets import build_model
from mnist_app.settings import Settings
from mnist_app.workspace.runs.model_files import ModelFiles
from mnist_app.workspace.runs.records import Status
from mnist_app.workspace.runs.run_store import Store

KERAS_WARNING = "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
"""Keras 3.15 hands its variables to NumPy 2 in an old way when it saves a model."""


def keep_untrained_runs(home: Path, settings: Settings, names: Mapping[str, str]) -> dict[str, str]:
    """Keep a finished run of each preset, by the name that it is given; the runs' ids by their presets."""
    store, files, ids = Store(replace(settings, home=home, database=None)), ModelFiles(home), {}
    for preset, name in names.items():
        lease = store.start(TrainingConfig(preset=preset, epochs=1, name=name), "test")
        sha256 = files.save_model(lease.run_id, build_model(preset))
        store.finish(lease, Status.FINISHED, epoch=1.0, model_sha256=sha256)
        ids[preset] = lease.run_id
    store.close()
    return ids
