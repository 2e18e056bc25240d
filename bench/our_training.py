"""A preset trained as the app does it, observed: `python -m bench.our_training PRESET EPOCHS SEED`."""

import json
import sys
import time
from dataclasses import replace

import numpy as np

from mnist_app.learning.classifier import Classifier
from mnist_app.learning.datasets import load_dataset
from mnist_app.learning.evaluation import accuracy
from mnist_app.learning.presets import build_model, get_preset
from mnist_app.learning.training import Observer, train
from mnist_app.settings import Settings


class Points(Observer):
    """Gathers the points of the curves, and the time that this takes."""

    def __init__(self) -> None:
        self.points: list[tuple[float, float, float]] = []
        self.epochs: list[tuple[int, float, float]] = []
        self.seconds = 0.0

    def on_window(self, step: int, epoch: float, loss: float, accuracy: float) -> None:
        """Keep the point."""
        start = time.perf_counter()
        self.points.append((epoch, loss, accuracy))
        self.seconds += time.perf_counter() - start

    def on_epoch_end(
        self, epoch: int, loss: float, accuracy: float, val_loss: float | None, val_accuracy: float | None
    ) -> None:
        """Keep the epoch."""
        start = time.perf_counter()
        self.epochs.append((epoch, loss, accuracy))
        self.seconds += time.perf_counter() - start


def main(preset: str, epochs: int, seed: int) -> None:
    """Train with the preset's defaults on all images and print what came of it as JSON."""
    dataset = load_dataset("mnist", Settings.from_environment(), allow_download=False)
    config = replace(get_preset(preset).defaults, epochs=epochs, seed=seed, validation_share=0.0)
    model = build_model(preset, seed)
    observer = Points()
    result = train(model, dataset, config, observer)
    probabilities = Classifier(model).probabilities_of(dataset.x_test.astype(np.float32) / np.float32(255))
    outcome = {
        "seconds": result.seconds,
        "test_accuracy": accuracy(probabilities, dataset.y_test),
        "parameters": model.count_params(),
        "points_per_epoch": len(observer.points) / epochs,
        "observer_seconds": observer.seconds,
    }
    print(json.dumps(outcome))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
