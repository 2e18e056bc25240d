"""Runs as the store has them after a training, without training them."""

import math

from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.learning.training.presets import build_model
from mnist_app.workspace.runs.model_files import ModelFiles
from mnist_app.workspace.runs.records import Point, Run, Status
from mnist_app.workspace.runs.run_store import Store

EPOCHS = 3
KERAS_WARNING = "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
"""Keras 3.15 hands its variables to NumPy 2 in an old way when it saves a model."""


def finished_run(store: Store, files: ModelFiles, name: str = "", owner: str = "", **settings: object) -> Run:
    """A finished run with three epochs of curves and a model that never learned, `dense` unless told."""
    values = {"preset": "dense", "epochs": EPOCHS, "name": name, **settings}
    config = TrainingConfig(**values)  # type: ignore[arg-type]
    lease = store.start(config, "test", owner=owner)
    points = [
        Point("train", 10 * step, step / 5, math.exp(-step / 10), 1 - 0.5 * math.exp(-step / 5))
        for step in range(1, 5 * EPOCHS + 1)
    ]
    points += [Point("validation", 50 * epoch, float(epoch), 0.5 / epoch, 0.9) for epoch in (1, 2, 3)]
    sha256 = files.save_model(lease.run_id, build_model(config.preset, config.seed))
    store.report(lease, new_points=points)
    results = {"test_loss": 0.25, "test_accuracy": 0.9123, "train_accuracy": 0.95, "seconds": 12.3}
    store.finish(
        lease, Status.FINISHED, epoch=float(EPOCHS), parameters=101_770, model_sha256=sha256, **results
    )
    return store.run(lease.run_id)
