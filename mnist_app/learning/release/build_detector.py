"""Training and measuring of the network that tells digits from non-digits, a part of `make model`.

Digits of MNIST, of pen writers and by rule stand against drawings by rule of `ink.synthetic.non_digits`. The
results are `assets/digit_detector.keras` and `assets/digit_detector_card.json`.
"""

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from mnist_app.errors import AppError
from mnist_app.ink.synthetic.non_digits import PRINTED_TRAINED_ON, TRAINED_ON
from mnist_app.learning.data.datasets import Dataset, load_dataset
from mnist_app.learning.inference.classifier import Classifier
from mnist_app.learning.inference.digit_detector import DigitDetector
from mnist_app.learning.inference.model_card import Measurement, ModelCard, facts_of, origin_of, write_card
from mnist_app.learning.inference.shipped import CLASSIFIER, DETECTOR
from mnist_app.learning.networks.designs import IMAGE_SHAPE
from mnist_app.learning.networks.residual_network import convolution
from mnist_app.learning.release import pen_digit_images
from mnist_app.learning.release.measure_classifier import CALIBRATED_ON, CALIBRATED_WITH, listed, written_by
from mnist_app.learning.release.measure_classifier import HELD_OUT as HELD_OUT_WRITERS
from mnist_app.learning.release.measure_detector import measure
from mnist_app.learning.release.non_digit_images import images_of_others, images_of_print
from mnist_app.learning.release.pendigits import PenDigit, read_pendigits
from mnist_app.learning.training.augmentation import augment
from mnist_app.learning.training.input_pipeline import written_digits
from mnist_app.learning.training.training import save_model
from mnist_app.settings import ASSETS, Settings

OTHERS = 60_000
PRINTED = 4_000
WRITTEN = 6_000
COPIES = 3
"""Drawings of each pen digit."""
EPOCHS = 6
BATCH_SIZE = 128
LEARNING_RATE = 0.004
VALIDATION = 5_000
"""Number of MNIST's last training images, which are not trained on: the limit is set with them."""
FALSE_ALARMS = 0.008
"""Share of those digits, and of the pen digits that the limit is set with, that may be called non-digits."""
SEED = 10
"""Seed of the drawings by rule."""
CHOSEN_BY = (
    "The kinds of drawings were chosen, and parted into those trained on and those held out, before anything "
    "was measured. Network, length of training and what the classifier's sureness counts were chosen by "
    "looking at the kinds and the pen writers held out. "
    f"The limit was set so that {FALSE_ALARMS:.1%} of the digits are called none: 5,000 of MNIST's "
    f"training images and the pen digits of writers {listed(CALIBRATED_WITH)}, none trained on."
)
LIMITS = (
    "It never saw a drawing of a person that is no digit: what it was taught is drawn by rule. Letters that "
    "look like digits (O, I, l, S, Z, b, g, q …) are taken for digits."
)


@dataclass(frozen=True, eq=False)
class Material:
    """The detector's training images."""

    digits: NDArray[np.uint8]
    """(n, 28, 28)."""
    others: NDArray[np.uint8]
    """(m, 28, 28)."""


def build(
    dataset: Dataset, pen_digits: Sequence[PenDigit], classifier: Classifier, folder: Path, today: date
) -> ModelCard:
    """Train, set the limit for this classifier, measure, and write detector and card into the folder."""
    material = gather(dataset, [digit for digit in pen_digits if digit.writer not in HELD_OUT_WRITERS])
    model = detector_network()
    start = time.perf_counter()
    train(model, material, EPOCHS)
    seconds = time.perf_counter() - start
    limit = set_limit(model, classifier, dataset, written_by(CALIBRATED_WITH, pen_digits))
    measurements = measure(DigitDetector(model, classifier), dataset, pen_digits)
    bare = detector_network()  # not compiled, so it has no optimiser to save
    bare.set_weights(model.get_weights())
    save_model(bare, folder / DETECTOR.file.name)
    card = _card(model, dataset, material, limit, seconds, measurements, folder / DETECTOR.file.name, today)
    write_card(card, folder / DETECTOR.card_file.name)
    return card


def gather(dataset: Dataset, pen_digits: Sequence[PenDigit]) -> Material:
    """Gather digits (training images but the last, pen digits, digits by rule) and non-digits."""
    drawn, _ = pen_digit_images.images_to_learn_from(pen_digits, COPIES, SEED)
    by_rule, _ = written_digits(WRITTEN)
    others, _ = images_of_others(OTHERS, SEED, TRAINED_ON)
    printed = images_of_print(PRINTED, SEED, PRINTED_TRAINED_ON)
    return Material(
        np.concatenate([dataset.x_train[:-VALIDATION], drawn, by_rule]), np.concatenate([others, printed])
    )


def detector_network(seed: int = 0) -> keras.Model:
    """Build a small network of five convolutions from (n, 28, 28) to (n, 1), with weights from the seed."""
    from keras import layers

    keras.utils.set_random_seed(seed)
    image = keras.Input(IMAGE_SHAPE, name="image")
    x = layers.Reshape((*IMAGE_SHAPE, 1), name="reshape")(image)
    for number, (filters, size, strides) in enumerate(
        [(24, 5, 2), (32, 3, 1), (32, 3, 1), (64, 3, 2), (64, 3, 1)], start=1
    ):
        x = convolution(x, str(number), filters, size, strides)
    x = layers.MaxPooling2D(2, name="max_pooling2d")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dropout(0.3, name="dropout")(x)
    x = layers.Dense(1, activation="sigmoid", name="dense")(x)
    return keras.Model(image, x, name="digit_detector")


def train(model: keras.Model, material: Material, epochs: int) -> None:
    """Train in place: half of each batch are digits, distorted as hands do it, half are non-digits."""
    steps = max(1, 2 * len(material.others) // BATCH_SIZE)
    warmup = max(1, steps * epochs // 6)
    schedule = keras.optimizers.schedules.CosineDecay(
        LEARNING_RATE / 20,
        max(1, steps * epochs - warmup),
        alpha=0.002,
        warmup_target=LEARNING_RATE,
        warmup_steps=warmup,
    )
    model.compile(
        optimizer=keras.optimizers.AdamW(schedule, weight_decay=0.01),
        loss="binary_crossentropy",
        steps_per_execution=min(steps, 20),
        jit_compile=False,
    )
    model.fit(_batches(material), epochs=epochs, steps_per_epoch=steps, shuffle=False, verbose=0)


def set_limit(
    model: keras.Model, classifier: Classifier, dataset: Dataset, pen_digits: Sequence[PenDigit]
) -> float:
    """Shift the output so that `FALSE_ALARMS` of the digits lie below one half; return the old limit.

    MNIST's images and the pen digits, drawn in each of the ways that calibration uses, get a limit each. The
    lowest limit is taken. `pen_digits` may be empty.
    """
    detector = DigitDetector(model, classifier)
    groups = [dataset.x_train[-VALIDATION:].astype(np.float32) / np.float32(255)]
    if pen_digits:
        groups.append(np.concatenate([pen_digit_images.images_of(pen_digits, way) for way in CALIBRATED_ON]))
    limit = min(float(np.quantile(detector.likelihoods_of(images), FALSE_ALARMS)) for images in groups)
    limit = float(np.clip(limit, 1e-6, 1 - 1e-6))
    kernel, bias = model.layers[-1].get_weights()
    model.layers[-1].set_weights([kernel, bias - np.log(limit / (1 - limit))])
    return limit


def _batches(material: Material) -> tf.data.Dataset:
    """Yield batches without end, half digits (1), half non-digits (0), each image distorted anew."""
    half = BATCH_SIZE // 2
    digits, others = (
        tf.data.Dataset.from_tensor_slices(images).shuffle(len(images), seed=0).repeat().batch(half)
        for images in (material.digits, material.others)
    )
    seeds = tf.data.Dataset.random(seed=0).batch(2)
    truth = tf.constant([[1.0]] * half + [[0.0]] * half)

    def mixed(digit: tf.Tensor, other: tf.Tensor, seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        images = tf.cast(tf.concat([digit, other], axis=0), tf.float32) / 255.0
        return augment(images, seed), truth

    return tf.data.Dataset.zip(digits, others, seeds).map(mixed).prefetch(4)


def _card(  # noqa: PLR0913, PLR0917
    model: keras.Model,
    dataset: Dataset,
    material: Material,
    limit: float,
    seconds: float,
    measurements: tuple[Measurement, ...],
    path: Path,
    today: date,
) -> ModelCard:
    return ModelCard(
        name="digit detector",
        preset="",
        summary="Five convolutions that say whether a drawing is a digit at all.",
        data={
            **origin_of(dataset),
            "digits": f"{len(material.digits):,}: the data set's, pen digits, digits written by rule.",
            "others": f"{len(material.others):,} by rule: {', '.join(TRAINED_ON)}, printed letters.",
            "limit": f"The last layer's bias was shifted so that what was {limit:.4f} is one half, with the "
            "classifier's sureness counted in.",
        },
        configuration={
            "epochs": EPOCHS,
            "batch_size": BATCH_SIZE,
            "learning_rate": LEARNING_RATE,
            "optimizer": "adamw",
        },
        measurements=measurements,
        chosen_by=CHOSEN_BY,
        limits=LIMITS,
        **facts_of(model, path, seconds, today),
    )


def main() -> int:
    """Train with MNIST and the pen digits; return 0, or 1 after a line that says what failed."""
    settings = Settings.from_environment()
    try:
        pen_digits = read_pendigits(settings.pendigits) if settings.pendigits else []
        classifier = Classifier.load(CLASSIFIER.file)
        card = build(load_dataset("mnist", settings), pen_digits, classifier, ASSETS, date.today())
    except AppError as error:
        print(error, file=sys.stderr)
        return 1
    for entry in card.measurements:
        print(f"{entry.name}: {entry.accuracy:.1%} of {entry.images:,}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
