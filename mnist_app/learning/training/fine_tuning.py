"""Fine-tuning: a model that has learned already is trained on with the drawings of a class.

Some drawings are held out, by person where there is more than one: a network that knows a hand reads it
better than it will read the next one. The others are mixed with images that the model knew, so that it does
not forget them ("catastrophic forgetting", McCloskey and Cohen, 1989; showing old examples along with new
ones is called rehearsal, Robins, 1995). The learning rate is small and falls to nothing on a cosine.

Which drawings are held out follows from their ids alone, so that the same ones are each time.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from mnist_app.errors import TooFewDrawings
from mnist_app.learning.data.datasets import Dataset
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.learning.training.presets import Preset, get_preset

if TYPE_CHECKING:
    import keras

EPOCHS = 5
MOST_EPOCHS = 20
BATCH_SIZE = 32
LEARNING_RATE = 0.0005
FEWEST_DRAWINGS = 20
"""Of all people together; fewer neither teach nor measure anything."""
FEWEST_HELD_OUT = 5
SHARE_HELD_OUT = 0.25
MOST_HELD_OUT = 500
MOST_TRAINED_ON = 1_000
"""More drawings than these would take longer than anyone waits; so many are drawn at random."""
SHOWN_IN_AN_EPOCH = 750
"""Few drawings are shown several times an epoch, distorted each time, until they are about so many."""
MOST_COPIES = 20

HeldOutBy = Literal["person", "drawing"]


@dataclass(frozen=True, eq=False)
class LabelledImages:
    """Drawings as the network sees them, and what they are."""

    images: NDArray[np.uint8]
    """(n, 28, 28): 0 is paper, 255 is ink."""
    labels: NDArray[np.uint8]
    """(n,): the digits, 0 to 9."""


def configuration(preset: str, dataset: str, model: str, epochs: int, name: str = "") -> TrainingConfig:
    """The configuration of a fine-tuning of `model`, a network of that preset which knew that data set."""
    return TrainingConfig(
        preset=preset,
        dataset=dataset,
        epochs=epochs,
        batch_size=BATCH_SIZE,
        optimizer="adam",
        learning_rate=LEARNING_RATE,
        validation_share=0.0,
        name=name,
        fine_tuned_from=model,
    )


def check_enough(count: int) -> None:
    """Raise `TooFewDrawings` unless so many drawings are enough to fine-tune with."""
    if count < FEWEST_DRAWINGS:
        there_are = "There is one drawing" if count == 1 else f"There are {count} drawings"
        raise TooFewDrawings(
            f"{there_are}; fine-tuning takes at least {FEWEST_DRAWINGS}. Draw some more digits and keep them."
        )


def hold_out(ids: Sequence[str], writers: Sequence[str]) -> tuple[NDArray[np.bool_], HeldOutBy]:
    """Which of n drawings are held out, (n,), and by what: all those of some people, or else some of each.

    People are held out until their drawings are a quarter; never somebody without whom less than half of
    all were left to train on. Where that leaves fewer than five held out (there is one person alone, or
    the others have drawn next to nothing), a quarter of the drawings is. Raises `TooFewDrawings`.
    """
    check_enough(len(ids))
    chosen: set[str] = set()
    counts, held_out = Counter(writers), 0
    for writer in sorted(counts, key=_chance):
        is_enough = held_out >= SHARE_HELD_OUT * len(ids)
        if not is_enough and held_out + counts[writer] <= len(ids) / 2:
            chosen.add(writer)
            held_out += counts[writer]
    if held_out >= FEWEST_HELD_OUT:
        return np.array([writer in chosen for writer in writers]), "person"
    last = sorted(ids, key=_chance)[: max(FEWEST_HELD_OUT, round(SHARE_HELD_OUT * len(ids)))]
    return np.isin(np.array(ids), last), "drawing"


def mix(dataset: Dataset, drawings: LabelledImages, config: TrainingConfig) -> Dataset:
    """The data set with other training images: the drawings, and as many that the model knew.

    The drawings are there several times, distorted (`augmentation.augment`) unless the preset distorts all
    images anyway; what the model knew is shown as it knew it. The test images stay: on them forgetting shows.
    """
    count, seed = len(drawings.labels), config.seed
    copies = min(MOST_COPIES, math.ceil(SHOWN_IN_AN_EPOCH / count))
    known = min(max(copies * count, SHOWN_IN_AN_EPOCH), len(dataset.y_train))
    chosen = np.random.default_rng(seed).permutation(len(dataset.y_train))[:known]
    return replace(
        dataset,
        source=f"{dataset.source} Mixed with {count} drawings of the class.",
        x_train=np.concatenate([*_copies(drawings.images, copies, config), dataset.x_train[chosen]]),
        y_train=np.concatenate([np.tile(drawings.labels, copies), dataset.y_train[chosen]]),
    )


def preset_for(config: TrainingConfig) -> Preset:
    """How the images are shown: as the preset does it, with nothing written by rule among them."""
    return replace(get_preset(config.preset), written_share=0.0, most_steps_per_report=3)


def compile_model(model: "keras.Model", dataset: Dataset, config: TrainingConfig) -> None:
    """Give the model the optimiser of a fine-tuning, which `training.train` then keeps."""
    from keras import optimizers

    steps = math.ceil(len(dataset.y_train) / config.batch_size) * config.epochs
    rate = optimizers.schedules.CosineDecay(config.learning_rate, decay_steps=steps)
    model.compile(optimizer=optimizers.Adam(rate), loss="categorical_crossentropy", metrics=["accuracy"])


def _copies(images: NDArray[np.uint8], copies: int, config: TrainingConfig) -> list[NDArray[np.uint8]]:
    """The images (n, 28, 28) so many times: once as they are, then each time distorted otherwise."""
    if get_preset(config.preset).augmented:
        return [images] * copies
    import tensorflow as tf

    from mnist_app.learning.training.augmentation import augment

    inks = tf.cast(images, tf.float32) / 255.0
    distorted = (augment(inks, tf.constant([config.seed, number])) for number in range(1, copies))
    return [images, *(np.rint(each.numpy() * 255).astype(np.uint8) for each in distorted)]


def _chance(text: str) -> bytes:
    """An order that has nothing to do with what is ordered, and is always the same."""
    return hashlib.sha256(text.encode()).digest()
