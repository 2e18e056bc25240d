"""Input of a training: the split into training and validation images, additions, and batches."""

import functools
import math
from dataclasses import dataclass, replace

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from mnist_app.errors import InvalidSetting
from mnist_app.ink.synthetic.synthesis import synthesise
from mnist_app.learning.data.datasets import Dataset
from mnist_app.learning.networks.designs import CLASSES
from mnist_app.learning.training.augmentation import augment
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.learning.training.presets import Preset

WRITTEN_SEED = 1000
"""Seed of the first digits written by rule that a preset adds, far from the seeds of the data set."""
WRITTEN_BLOCK = 500
"""Digits that are written in one step."""


@dataclass(frozen=True)
class Split:
    """Training images, and the images held out for validation."""

    x_train: NDArray[np.uint8]
    y_train: NDArray[np.uint8]
    x_val: NDArray[np.uint8]
    y_val: NDArray[np.uint8]


def split_training_images(dataset: Dataset, config: TrainingConfig) -> Split:
    """Take `train_size` images, and hold out the last `validation_share` of them.

    All images are taken in order, so the usual 1/12 holds out MNIST's last 5,000. Fewer images are drawn at
    random from the seed.

    Raises:
        InvalidSetting: The data set has fewer images.
    """
    available = len(dataset.x_train)
    size = available if config.train_size is None else config.train_size
    if size > available:
        raise InvalidSetting(
            f"The train size is {size:,}; the data set {dataset.name} has {available:,} training images."
        )
    chosen = np.arange(available)
    if size < available:
        chosen = np.random.default_rng(config.seed).permutation(available)[:size]
    held_out = round(size * config.validation_share)
    train_part, val_part = chosen[: size - held_out], chosen[size - held_out :]
    return Split(
        dataset.x_train[train_part],
        dataset.y_train[train_part],
        dataset.x_train[val_part],
        dataset.y_train[val_part],
    )


def add_written_digits(split: Split, preset: Preset) -> Split:
    """Add the preset's share of digits written by rule to the training images."""
    count = round(len(split.x_train) * preset.written_share)
    if count == 0:
        return split
    x_written, y_written = written_digits(count)
    return replace(
        split,
        x_train=np.concatenate([split.x_train, x_written]),
        y_train=np.concatenate([split.y_train, y_written]),
    )


def written_digits(count: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the first `count` images (count, 28, 28) and labels (count,) of an endless series.

    All runs of a process share them. Writing takes 0.6 ms each; call this early to have them ready for a
    training.
    """
    blocks = [_written_block(number) for number in range(math.ceil(count / WRITTEN_BLOCK))]
    x_written, y_written = (np.concatenate(parts)[:count] for parts in zip(*blocks, strict=True))
    return x_written, y_written


@functools.cache
def _written_block(number: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    return synthesise(WRITTEN_BLOCK, WRITTEN_SEED + number)


def batches(
    x_train: NDArray[np.uint8], y_train: NDArray[np.uint8], config: TrainingConfig, preset: Preset
) -> tf.data.Dataset:
    """Return one epoch of batches, shuffled at each iteration: images in [0, 1], one-hot labels."""
    images = tf.constant(x_train)
    labels = tf.one_hot(y_train, CLASSES)

    def load(index: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return tf.cast(tf.gather(images, index), tf.float32) / 255.0, tf.gather(labels, index)

    order = tf.data.Dataset.range(len(x_train)).shuffle(len(x_train), seed=config.seed)
    loaded = order.batch(config.batch_size).map(load)
    if preset.augmented:
        seeds = tf.data.Dataset.random(seed=config.seed, rerandomize_each_iteration=True).batch(2)
        loaded = tf.data.Dataset.zip(loaded, seeds).map(lambda pair, seed: (augment(pair[0], seed), pair[1]))
    options = tf.data.Options()
    # The autotuner's thread follows the wall clock, and the end of a training waits for it: for an hour if
    # the clock was set back an hour. Tuning speeds up nothing here.
    options.autotune.enabled = False
    return loaded.prefetch(4).with_options(options)
