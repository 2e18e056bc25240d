"""A preset trained as a run in a store: `python -m bench.our_training PRESET EPOCHS SEED`."""

import json
import logging
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from mnist_app.learning.data.datasets import load_dataset
from mnist_app.learning.training.presets import get_preset
from mnist_app.settings import Settings
from mnist_app.workspace.runs.queue import Queue
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.workers import execution


class ObserverSeconds(logging.Handler):
    """Log handler that keeps the time that a run's observer took."""

    seconds = 0.0

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the seconds, the last word of the line on the training."""
        if record.args and "in the observer" in record.msg:
            self.seconds = float(tuple(record.args)[-1])  # type: ignore[arg-type]


def main(preset: str, epochs: int, seed: int) -> None:
    """Train with the preset's defaults on all images, and print the results as JSON."""
    listener = ObserverSeconds()
    execution.logger.addHandler(listener)
    execution.logger.setLevel(logging.INFO)
    with TemporaryDirectory() as home:
        settings = replace(Settings.from_environment(), home=Path(home), database=None)
        dataset = load_dataset("mnist", settings, allow_download=False)
        config = replace(get_preset(preset).defaults, epochs=epochs, seed=seed, validation_share=0.0)
        store = Store(settings)
        Queue(store).submit(config, "bench", probe=dataset.x_test[0].astype(np.float32) / np.float32(255))
        lease = store.claim("bench")
        assert lease is not None
        run = execution.carry_out(lease, store, settings, load=lambda _: dataset)
        points = len(store.points(run.id, "train"))
        store.close()
    outcome = {
        "seconds": run.seconds,
        "test_accuracy": run.test_accuracy,
        "parameters": run.parameters,
        "points_per_epoch": points / epochs,
        "observer_seconds": listener.seconds,
    }
    print(json.dumps(outcome))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
