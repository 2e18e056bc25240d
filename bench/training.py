"""The published programs and ours in turn: seconds inside `fit`, and the accuracy.

`published_cnn.py` and `published_dense.py` name their authors. With `--full` they and ours train as long as
published: `python -m bench training --full` measures all that can be said of the accuracy.
Ours is a run as the worker carries it out. Its curves, a watched digit and a checkpoint after each epoch go
into a store while it trains.
"""

import json
import statistics
import subprocess
import sys
from pathlib import Path

from bench.measurement import NotHere, Options, Row
from mnist_app.learning.data.datasets import cached_mnist, describe_datasets
from mnist_app.learning.training.presets import get_preset
from mnist_app.settings import PROJECT, Settings

SEEDS = (0, 1, 2, 3, 4)
EPOCHS = {"cnn": 2, "dense": 5}
"""Epochs of each program, unless the full length is asked for."""
RATIOS = {"cnn": 0.55, "dense": 0.70}

Outcome = dict[str, float]


def measure(options: Options) -> list[Row]:
    """Measure five pairs for each of the two published programs; raise `NotHere` without real MNIST."""
    settings = Settings.from_environment()
    status = next(each for each in describe_datasets(settings) if each.name == "mnist")
    if not status.available:
        raise NotHere(f"real MNIST is not here. {status.advice}")
    mnist = settings.mnist or cached_mnist(settings)
    return [row for preset in RATIOS for row in compare(preset, mnist, options)]


def compare(preset: str, mnist: Path, options: Options) -> list[Row]:
    """Return the rows of one published program and the preset of its name."""
    epochs = get_preset(preset).defaults.epochs if options.full else EPOCHS[preset]
    seeds: tuple[int, ...] = SEEDS
    if options.quick:
        epochs, seeds = 1, (0,)
    pairs = [(published(preset, mnist, epochs, seed), ours(preset, epochs, seed)) for seed in seeds]
    published_seconds, our_seconds = (
        statistics.median(each["seconds"] for each in side) for side in zip(*pairs, strict=True)
    )
    ratio = statistics.median(own["seconds"] / theirs["seconds"] for theirs, own in pairs)
    lengths = f"{our_seconds:.1f} s of {published_seconds:.1f} s, {epochs} epochs, medians of {len(seeds)}"
    return [
        Row(
            f"{preset}: time of the published program's",
            ratio,
            "",
            RATIOS[preset],
            note=lengths,
        ),
        *what_was_learned(preset, pairs),
    ]


def what_was_learned(preset: str, pairs: list[tuple[Outcome, Outcome]]) -> list[Row]:
    """Return test accuracy against the published program's, points of the curve, the observer's share."""
    theirs, own = (
        100 * statistics.mean(each["test_accuracy"] for each in side) for side in zip(*pairs, strict=True)
    )
    share = max(100 * each["observer_seconds"] / each["seconds"] for _, each in pairs)
    points = min(each["points_per_epoch"] for _, each in pairs)
    accuracies = f"ours {own:.2f} %, published {theirs:.2f} %, means of {len(pairs)} seeds"
    return [
        Row(
            f"{preset}: test accuracy above the published program's",
            own - theirs,
            "points",
            0.2,
            "within",
            accuracies,
        ),
        Row(f"{preset}: points of the curve in an epoch", points, "", 20, "at least"),
        Row(f"{preset}: time inside the observer, a digit watched", share, "%", 3),
    ]


def published(preset: str, mnist: Path, epochs: int, seed: int) -> Outcome:
    """Run the published program in a process of its own, and return its results."""
    script = Path(__file__).with_name(f"published_{preset}.py")
    return outcome_of(str(script), str(mnist.absolute()), str(epochs), str(seed))


def ours(preset: str, epochs: int, seed: int) -> Outcome:
    """Run our training in a process of its own, and return its results."""
    return outcome_of("-m", "bench.our_training", preset, str(epochs), str(seed))


def outcome_of(*arguments: str) -> Outcome:
    """Return what a Python program prints last; raise `CalledProcessError` if it fails."""
    command = [sys.executable, *arguments]
    printed = subprocess.run(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=True).stdout
    outcome: Outcome = json.loads(printed.splitlines()[-1])
    return outcome
