"""Training and measuring of the classifier that ships.

Run it with `make model`, or as `python -m mnist_app.learning.release.build_classifier`.

It learns from MNIST and, if `MNIST_APP_PENDIGITS` names them, from the pen digits of most writers. Each pen
digit is drawn many times on a canvas and brought to 28 × 28 as the app does it. The results are
`assets/model.keras`, without optimiser state, and `assets/model_card.json`.
"""

import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import keras
import numpy as np

from mnist_app.errors import AppError
from mnist_app.learning.data.datasets import Dataset, load_dataset
from mnist_app.learning.inference.classifier import Classifier
from mnist_app.learning.inference.model_card import Measurement, ModelCard, facts_of, origin_of, write_card
from mnist_app.learning.inference.shipped import CLASSIFIER, SHIPPED
from mnist_app.learning.metrics.calibration import best_temperature
from mnist_app.learning.release import pen_digit_images
from mnist_app.learning.release.measure_classifier import (
    CALIBRATED_ON,
    CALIBRATED_WITH,
    HELD_OUT,
    listed,
    measure,
    written_by,
)
from mnist_app.learning.release.pendigits import PenDigit, read_pendigits
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.learning.training.input_pipeline import WRITTEN_SEED
from mnist_app.learning.training.presets import Preset, build_model, get_preset
from mnist_app.learning.training.training import Observer, save_model, train
from mnist_app.settings import ASSETS, Settings

LARGEST_FILE = 3_000_000
EPOCHS = 18
SETTLING_EPOCHS = 2
"""Epochs without distortion, after those in which every image is distorted."""
SETTLING_RATE = 2e-4
COPIES = 8
"""Drawings of each pen digit in the training images."""
DRAWING_SEED = 0
CHOSEN_BY = (
    f"Augmentation and the shares of the data were compared on the pen digits of writers {listed(HELD_OUT)}, "
    "who were not learned from, and on 5,000 of MNIST's training images. Three architectures were compared "
    "after a short training each, on the same pen digits; their accuracy on MNIST's test set was seen, too, "
    "and spoke for the same one. So it was with the last epochs, which were tried at one learning rate. "
    f"The temperature was set with writers {listed(CALIBRATED_WITH)}. The rules "
    "of the digits written by rule were widened after looking at misread digits of MNIST's training images "
    "and of all pen writers."
)
LIMITS = (
    "It knows the ten digits alone and takes anything for one of them. It was trained on American digits of "
    "the 1990s and on those of 23 people in Turkey: other ways of writing a digit may be misread."
)


def build(
    dataset: Dataset,
    config: TrainingConfig,
    pen_digits: Sequence[PenDigit],
    folder: Path,
    today: date,
    copies: int = COPIES,
) -> ModelCard:
    """Train as configured, calibrate, measure, and write model and card into the folder.

    Raises:
        RuntimeError: The training did not finish, or the file became too large.
    """
    taught = [digit for digit in pen_digits if digit.writer not in HELD_OUT]
    model = build_model(config.preset, config.seed)
    learned_from = with_pen_digits(dataset, taught, copies)
    seconds = _train(model, learned_from, config, get_preset(config.preset))
    model = _without_optimizer(model, config)
    seconds += train_undistorted(model, learned_from, config)
    bare = _without_optimizer(model, config)
    temperature = calibrate(bare, written_by(CALIBRATED_WITH, pen_digits))
    measurements = measure(Classifier(bare), dataset, pen_digits)
    path = folder / CLASSIFIER.file.name
    save_model(bare, path)
    about_data = _data(dataset, config, len(taught), copies, temperature)
    card = _card(bare, about_data, config, seconds, measurements, path, today)
    if card.size > LARGEST_FILE:
        raise RuntimeError(f"The model takes {card.size:,} bytes; at most {LARGEST_FILE:,} may ship.")
    write_card(card, folder / CLASSIFIER.card_file.name)
    return card


def train_undistorted(model: keras.Model, learned_from: Dataset, config: TrainingConfig) -> float:
    """Train a little longer on images without distortion, and return the seconds.

    Distortion fits the network to a wider range of digits than there is. The last epochs without it bring
    back some accuracy (He et al., "Data augmentation revisited", 2019).
    """
    last = replace(
        config, epochs=SETTLING_EPOCHS, learning_rate=SETTLING_RATE, seed=config.seed + 1, name="settling"
    )
    return _train(model, learned_from, last, replace(get_preset(config.preset), augmented=False))


def _train(model: keras.Model, learned_from: Dataset, config: TrainingConfig, preset: Preset) -> float:
    """Train the model in place and return the seconds; raise `RuntimeError` if it did not finish."""
    result = train(model, learned_from, config, _Progress(), preset=preset)
    if result.status != "finished":
        raise RuntimeError(f"The training {result.status}. {result.reason}")
    return result.seconds


def with_pen_digits(dataset: Dataset, pen_digits: Sequence[PenDigit], copies: int) -> Dataset:
    """Return the data set with `copies` drawings of each pen digit among its training images."""
    if not pen_digits:
        return dataset
    x, y = pen_digit_images.images_to_learn_from(pen_digits, copies, DRAWING_SEED, _say_drawn)
    return replace(
        dataset,
        x_train=np.concatenate([dataset.x_train, x]),
        y_train=np.concatenate([dataset.y_train, y]),
    )


def calibrate(model: keras.Model, pen_digits: Sequence[PenDigit]) -> float:
    """Divide the model's last logits by the temperature that suits these digits best, and return it.

    The last layer is dense with softmax, so its weights are divided. Without digits nothing changes.
    """
    if not pen_digits:
        return 1.0
    classifier = Classifier(model)
    images = np.concatenate([pen_digit_images.images_of(pen_digits, way) for way in CALIBRATED_ON])
    truth = np.tile(pen_digit_images.labels_of(pen_digits), len(CALIBRATED_ON))
    temperature = best_temperature(classifier.probabilities_of(images), truth)
    last = model.layers[-1]
    last.set_weights([weights / temperature for weights in last.get_weights()])
    return temperature


def main() -> int:
    """Train with MNIST and the pen digits; return 0, or 1 after a line that says what failed."""
    settings = Settings.from_environment()
    try:
        pen_digits = read_pendigits(settings.pendigits) if settings.pendigits else []
        if not pen_digits:
            _say("MNIST_APP_PENDIGITS is not set: the model is neither taught nor measured with pen strokes.")
        dataset = load_dataset("mnist", settings)
        defaults = get_preset("accurate").defaults
        config = replace(defaults, name=SHIPPED, epochs=EPOCHS, validation_share=0.0)
        card = build(dataset, config, pen_digits, ASSETS, date.today())
    except (AppError, RuntimeError) as error:
        _say(str(error))
        return 1
    for entry in card.measurements:
        _say(f"{entry.name}: {entry.accuracy:.2%} of {entry.images:,}")
    return 0


class _Progress(Observer):
    """Progress of the training on standard error."""

    def on_train_begin(self, steps_per_epoch: int, epochs: int) -> None:
        self._start = time.monotonic()

    def on_epoch_end(
        self, epoch: int, loss: float, accuracy: float, val_loss: float | None, val_accuracy: float | None
    ) -> None:
        minutes = (time.monotonic() - self._start) / 60
        _say(f"epoch {epoch}, minute {minutes:.1f}: loss {loss:.4f}, accuracy {accuracy:.2%}")


def _without_optimizer(model: keras.Model, config: TrainingConfig) -> keras.Model:
    """Return the same network with the same weights, not compiled."""
    bare = build_model(config.preset, config.seed)
    bare.set_weights(model.get_weights())
    return bare


def _data(
    dataset: Dataset, config: TrainingConfig, taught: int, copies: int, temperature: float
) -> dict[str, str]:
    """Describe the training data in words."""
    written_share = get_preset(config.preset).written_share
    return {
        **origin_of(dataset),
        "pen digits": f'{taught:,} of UCI\'s "Pen-Based Recognition of Handwritten Digits" (Alpaydin and '
        f"Alimoglu, 1998; CC BY 4.0), each drawn {copies} times with seed {DRAWING_SEED} by "
        f"`learning.release.pen_digit_images`; none of writers {listed(HELD_OUT)}.",
        "written by rule": f"{written_share:.0%} of all these images were added to them, written by "
        f"`ink.synthetic.synthesis` with seeds from {WRITTEN_SEED} on.",
        "last epochs": f"After the epochs of the configuration {SETTLING_EPOCHS} more, at a learning rate of "
        f"at most {SETTLING_RATE:g}, in which the images were not distorted.",
        "calibration": f"The last layer's weights were divided by the temperature {temperature:.3f}, best "
        f"for the digits of writers {listed(CALIBRATED_WITH)} (Guo et al., 2017).",
    }


def _card(
    model: keras.Model,
    about_data: dict[str, str],
    config: TrainingConfig,
    seconds: float,
    measurements: tuple[Measurement, ...],
    path: Path,
    today: date,
) -> ModelCard:
    return ModelCard(
        name=config.name,
        preset=config.preset,
        summary=get_preset(config.preset).summary,
        data=about_data,
        configuration=config.to_dict(),
        measurements=measurements,
        chosen_by=CHOSEN_BY,
        limits=LIMITS,
        **facts_of(model, path, seconds, today),
    )


def _say_drawn(done: int, total: int) -> None:
    _say(f"drawn: {done:,} of {total:,}")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
