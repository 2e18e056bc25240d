"""Fine-tuning: further training of a trained model with the drawings of a class.

Some drawings are held out, by person if there are several, because a network reads a hand that it knows
better than a new one. The others are mixed with images that the model was trained on, so that it does not
forget them ("catastrophic forgetting", McCloskey and Cohen, 1989; mixing old examples with new ones is called
rehearsal, Robins, 1995). The learning rate is small and falls to nothing on a cosine.

The drawings' ids alone decide which are held out, so that the same ones are held out each time.
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
"""Fewest drawings of all people together; fewer can neither teach nor measure anything."""
FEWEST_HELD_OUT = 5
SHARE_HELD_OUT = 0.25
MOST_HELD_OUT = 500
MOST_TRAINED_ON = 1_000
"""Most drawings in a training, drawn at random; more would take longer than anyone waits."""
SHOWN_IN_AN_EPOCH = 750
"""Number of images to which few drawings are repeated in an epoch, distorted each time."""
MOST_COPIES = 20

HeldOutBy = Literal["person", "drawing"]


@dataclass(frozen=True, eq=False)
class LabelledImages:
    """Drawings as the network sees them, with labels."""

    images: NDArray[np.uint8]
    """(n, 28, 28): 0 is paper, 255 is ink."""
    labels: NDArray[np.uint8]
    """(n,): the digits, 0 to 9."""


def configuration(preset: str, dataset: str, model: str, epochs: int, name: str = "") -> TrainingConfig:
    """Return the configuration that fine-tunes `model`, a network of that preset trained on that data set."""
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
    """Raise `TooFewDrawings` unless there are enough drawings for a fine-tuning."""
    if count < FEWEST_DRAWINGS:
        there_are = "There is one drawing" if count == 1 else f"There are {count} drawings"
        raise TooFewDrawings(
            f"{there_are}; fine-tuning takes at least {FEWEST_DRAWINGS}. Draw some more digits and keep them."
        )


def hold_out(ids: Sequence[str], writers: Sequence[str]) -> tuple[NDArray[np.bool_], HeldOutBy]:
    """Choose which drawings are held out: all those of some people, or else some of each person.

    People are held out until their drawings are a quarter of all. A person without whom less than half of all
    drawings would be left is never held out. If fewer than five drawings would be held out that way, a
    quarter of all drawings is held out instead.

    Returns:
        A mask (n,) of the drawings, and by what they are held out.

    Raises:
        TooFewDrawings: There are not enough.
    """
    check_enough(len(ids))
    chosen: set[str] = set()
    counts, held_out = Counter(writers), 0
    for writer in sorted(counts, key=_sort_key):
        is_enough = held_out >= SHARE_HELD_OUT * len(ids)
        if not is_enough and held_out + counts[writer] <= len(ids) / 2:
            chosen.add(writer)
            held_out += counts[writer]
    if held_out >= FEWEST_HELD_OUT:
        return np.array([writer in chosen for writer in writers]), "person"
    last = sorted(ids, key=_sort_key)[: max(FEWEST_HELD_OUT, round(SHARE_HELD_OUT * len(ids)))]
    return np.isin(np.array(ids), last), "drawing"


def mix(dataset: Dataset, drawings: LabelledImages, config: TrainingConfig) -> Dataset:
    """Return the data set with other training images: the drawings, and as many of those that the model knew.

    The drawings are repeated, distorted by `augmentation.augment` unless the preset distorts all images
    anyway. The other images are not distorted further. The test images stay, to measure forgetting.
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
    """Return the preset's way of showing images, without digits written by rule."""
    return replace(get_preset(config.preset), written_share=0.0, most_steps_per_report=3)


def compile_model(model: "keras.Model", dataset: Dataset, config: TrainingConfig) -> None:
    """Give the model the optimiser of a fine-tuning, which `training.train` keeps."""
    from keras import optimizers

    steps = math.ceil(len(dataset.y_train) / config.batch_size) * config.epochs
    rate = optimizers.schedules.CosineDecay(config.learning_rate, decay_steps=steps)
    model.compile(optimizer=optimizers.Adam(rate), loss="categorical_crossentropy", metrics=["accuracy"])


def _copies(images: NDArray[np.uint8], copies: int, config: TrainingConfig) -> list[NDArray[np.uint8]]:
    """Repeat the images (n, 28, 28): first as they are, then distorted each time."""
    if get_preset(config.preset).augmented:
        return [images] * copies
    import tensorflow as tf

    from mnist_app.learning.training.augmentation import augment

    inks = tf.cast(images, tf.float32) / 255.0
    distorted = (augment(inks, tf.constant([config.seed, number])) for number in range(1, copies))
    return [images, *(np.rint(each.numpy() * 255).astype(np.uint8) for each in distorted)]


def _sort_key(text: str) -> bytes:
    """Return a sort key that is unrelated to the item and always the same."""
    return hashlib.sha256(text.encode()).digest()
