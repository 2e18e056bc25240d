"""Presets: networks with their hyperparameters, by name.

Every network takes images (n, 28, 28) of float32 in [0, 1], white ink on black, and returns probabilities (n,
10).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from mnist_app.errors import UnknownName
from mnist_app.learning.networks.designs import DESIGNS, KERAS_INITIALIZER, build_design
from mnist_app.learning.networks.residual_network import build_residual_network
from mnist_app.learning.training.configuration import TrainingConfig

if TYPE_CHECKING:
    import keras

DENSE, CNN = DESIGNS["dense"], DESIGNS["cnn"]
WEIGHT_DECAY = 0.01
"""Weight decay of AdamW."""


@dataclass(frozen=True)
class Preset:
    """A network and its default training."""

    name: str
    title: str
    summary: str
    """One line about the network."""
    defaults: TrainingConfig
    network: Callable[..., "keras.Model"]
    """Builds the network with fresh weights. Those of `DESIGNS` take an `initializer`."""
    augmented: bool = False
    """True if each image is distorted anew each time it is shown (`augmentation.augment`)."""
    written_share: float = 0.0
    """Digits written by rule (`ink.synthetic.synthesis`) that are added, as a share of the training
    images. They show forms that a data set has few of, such as a 1 with a long upstroke or a 7 with a
    bar."""
    schedule: Literal["constant", "one-cycle"] = "constant"
    """With `one-cycle` the learning rate rises to its value over the first sixth of the steps and falls to
    nearly nothing on a cosine (Smith and Topin, 2018)."""
    most_steps_per_report: int = 50
    """Most steps that Keras runs between two reports; few for slow steps, so that a stop acts soon."""


def get_preset(name: str) -> Preset:
    """Return the preset of this name; raise `UnknownName`, with a list, for an unknown one."""
    try:
        return PRESETS[name]
    except KeyError:
        raise UnknownName(f"There is no preset {name!r}; there are {', '.join(PRESETS)}.") from None


def build_model(name: str, seed: int = 0, initializer: str = KERAS_INITIALIZER) -> "keras.Model":
    """Build the preset's network with weights from the seed; `training.train` compiles it.

    Sets the seed of Python, NumPy and TensorFlow for the whole process.

    Args:
        name: The preset.
        seed: The seed.
        initializer: As in `TrainingConfig`.

    Raises:
        UnknownName: There is no such preset.
    """
    preset = get_preset(name)

    import keras

    keras.utils.set_random_seed(seed)
    return preset.network(initializer=initializer) if name in DESIGNS else preset.network()


def make_optimizer(config: TrainingConfig, steps: int) -> "keras.optimizers.Optimizer":
    """Return the configuration's optimiser with its preset's schedule over `steps` steps.

    `momentum` is gradient descent with the configuration's momentum; `sgd` has none.
    """
    from keras import optimizers

    rate = _learning_rate(config, steps)
    match config.optimizer:
        case "sgd":
            return optimizers.SGD(rate)
        case "momentum":
            return optimizers.SGD(rate, momentum=config.momentum)
        case "rmsprop":
            return optimizers.RMSprop(rate)
        case "adam":
            return optimizers.Adam(rate)
        case _:
            return optimizers.AdamW(rate, weight_decay=WEIGHT_DECAY)


def _learning_rate(
    config: TrainingConfig, steps: int
) -> "float | keras.optimizers.schedules.LearningRateSchedule":
    if get_preset(config.preset).schedule == "constant":
        return config.learning_rate
    from keras.optimizers.schedules import CosineDecay

    warmup = max(1, steps // 6)
    return CosineDecay(
        initial_learning_rate=config.learning_rate / 20,
        warmup_target=config.learning_rate,
        warmup_steps=warmup,
        decay_steps=max(1, steps - warmup),
        alpha=0.002,
    )


PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset(
            name="dense",
            title="Dense",
            summary=f"784 pixels → {DENSE.units[0]} ReLU units → 10 probabilities; "
            "trained with RMSprop in seconds.",
            defaults=TrainingConfig(
                preset="dense",
                epochs=5,
                batch_size=128,
                optimizer="rmsprop",
                learning_rate=0.001,
            ),
            network=partial(build_design, DENSE, "dense"),
        ),
        Preset(
            name="cnn",
            title="Convolutional",
            summary=f"{CNN.filters} filters of 3 × 3 → max pooling → {CNN.units[0]} ReLU units → "
            "10 probabilities; trained with SGD and momentum.",
            defaults=TrainingConfig(),  # its own defaults are this network's published settings
            network=partial(build_design, CNN, "cnn"),
        ),
        Preset(
            name="accurate",
            title="Accurate",
            summary="Nine convolutions with batch normalisation, trained on digits turned, slanted and drawn "
            "thinner and thicker, some of them written by rule; the kind of model that ships.",
            defaults=TrainingConfig(
                preset="accurate",
                epochs=12,
                batch_size=128,
                optimizer="adamw",
                learning_rate=0.004,
            ),
            network=build_residual_network,
            augmented=True,
            written_share=0.15,
            schedule="one-cycle",
            most_steps_per_report=3,
        ),
    )
}
