"""Measuring of the effects of a network's design: `python tools/measure_designs.py --help`.

Each design is trained like the preset it varies, with several seeds, and measured on the test images. The
chapter on the layers shows the results. It takes about a quarter of an hour on two cores.
"""

import argparse
import os
import platform
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import mean

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from mnist_app.learning.data.datasets import Dataset, load_dataset  # noqa: E402 (the folder is not installed)
from mnist_app.learning.lessons.design_comparison import (  # noqa: E402
    MEASUREMENTS,
    Measurement,
    questions,
    write_measurements,
)
from mnist_app.learning.networks.designs import (  # noqa: E402
    DESIGNS,
    Design,
    build_design,
    count_parameters,
)
from mnist_app.learning.training.presets import get_preset  # noqa: E402
from mnist_app.settings import Settings  # noqa: E402


def main(arguments: list[str] | None = None) -> None:
    """Measure all designs, and write the results after each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", default="mnist", help="mnist or synthetic")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--train-size", type=int, default=20_000, help="training images")
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each design")
    parser.add_argument("--output", type=Path, default=MEASUREMENTS)
    chosen = parser.parse_args(arguments)
    dataset = load_dataset(chosen.dataset, Settings.from_environment())
    size = min(chosen.train_size, len(dataset.x_train))
    images = "images of MNIST" if dataset.name == "mnist" else f"{dataset.name} images"
    protocol = (
        f"Each network was trained on {size:,} {images} for {chosen.epochs} epochs, "
        f"otherwise with its preset's settings, {chosen.seeds} times; the accuracy is the mean, the time the "
        f"shortest. {os.cpu_count()} cores, {platform.machine()}, {time.strftime('%Y-%m-%d')}."
    )
    found: list[Measurement] = []
    for preset, design in designs():
        found.append(measure(preset, design, dataset, chosen.epochs, size, chosen.seeds))
        write_measurements(protocol, found, chosen.output)
        print(f"{preset} {design}: {found[-1].accuracy:.2%} in {found[-1].seconds:.1f} s", file=sys.stderr)


def designs() -> Iterator[tuple[str, Design]]:
    """Yield every design that a question asks about, once, with the preset that it varies."""
    seen: set[Design] = set()
    for preset in DESIGNS:
        for question in questions(preset):
            for _, design in question.designs:
                if design not in seen:
                    seen.add(design)
                    yield preset, design


def measure(  # noqa: PLR0913, PLR0917 (one argument for each choice on the command line)
    preset: str, design: Design, dataset: Dataset, epochs: int, train_size: int, seeds: int
) -> Measurement:
    """Train a design with several seeds; return its mean accuracy and its shortest time.

    Other work on the machine can only make a training longer.
    """
    import keras

    from mnist_app.learning.inference.classifier import Classifier
    from mnist_app.learning.training.training import Observer, train

    accuracies, times = [], []
    for seed in range(seeds):
        config = replace(
            get_preset(preset).defaults, epochs=epochs, train_size=train_size, validation_share=0.0, seed=seed
        )
        keras.utils.set_random_seed(seed)
        model = build_design(design)
        times.append(train(model, dataset, config, Observer()).seconds)
        answers = Classifier(model).probabilities_of(dataset.x_test.astype("float32") / 255)
        accuracies.append(float((answers.argmax(axis=1) == dataset.y_test).mean()))
    return Measurement(design, mean(accuracies), min(times), count_parameters(design), seeds)


if __name__ == "__main__":
    main()
