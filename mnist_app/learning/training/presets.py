"""The architectures with their hyperparameters, by name.

Every network takes images (n, 28, 28) of float32 in [0, 1], white ink on black, and gives
probabilities (n, 10).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from mnist_app.errors import UnknownName
from mnist_app.learning.training.configuration import TrainingConfig

if TYPE_CHECKING:
    import keras

IMAGE_SHAPE = (28, 28)
WEIGHT_DECAY = 0.01
"""AdamW's, where it is chosen."""


@dataclass(frozen=True)
class Preset:
    """An architecture and how it is trained unless something else is asked for."""

    name: str
    title: str
    summary: str
    """The network in one line of words."""
    defaults: TrainingConfig
    network: Callable[[], "keras.Model"]
    """Makes the network, with fresh weights."""
    augmented: bool = False
    """Whether every image is distorted anew each time it is shown (`augmentation.augment`)."""
    written_share: float = 0.0
    """Digits written by rule (`ink.synthetic.synthesis`) that are added to the images trained on, as a share
    of those: ways of writing that a data set has few of, such as a 1 with a long upstroke or a 7 with
    a bar."""
    schedule: Literal["constant", "one-cycle"] = "constant"
    """`one-cycle`: the learning rate rises to its value over the first sixth of the steps and falls to
    nearly nothing on a cosine (Smith and Topin, 2018)."""
    most_steps_per_report: int = 50
    """Steps that Keras runs between two reports; the slower a step, the fewer, so that a stop acts soon."""


def get_preset(name: str) -> Preset:
    """The preset of that name; raises `UnknownName`, listing those there are."""
    try:
        return PRESETS[name]
    except KeyError:
        raise UnknownName(f"There is no preset {name!r}; there are {', '.join(PRESETS)}.") from None


def build_model(name: str, seed: int = 0) -> "keras.Model":
    """The preset's network with fresh weights drawn from the seed, not compiled (`training.train` does that).

    Sets the seed of Python, NumPy and TensorFlow for the whole process. Raises `UnknownName`.
    """
    preset = get_preset(name)

    import keras

    keras.utils.set_random_seed(seed)
    return preset.network()


def make_optimizer(config: TrainingConfig, steps: int) -> "keras.optimizers.Optimizer":
    """The optimiser that the configuration names, on its preset's schedule over so many steps in all.

    `momentum` is gradient descent with the configuration's momentum; `sgd` is without any.
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


# Every layer has its name written out: Keras would number them through the life of the process.


def _dense_network() -> "keras.Model":
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input(IMAGE_SHAPE, name="image"),
            layers.Flatten(name="flatten"),
            layers.Dense(128, activation="relu", name="dense"),
            layers.Dense(10, activation="softmax", name="dense_1"),
        ],
        name="dense",
    )


def _cnn_network() -> "keras.Model":
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input(IMAGE_SHAPE, name="image"),
            layers.Reshape((*IMAGE_SHAPE, 1), name="reshape"),
            layers.Conv2D(32, 3, activation="relu", kernel_initializer="he_uniform", name="conv2d"),
            layers.MaxPooling2D(2, name="max_pooling2d"),
            layers.Flatten(name="flatten"),
            layers.Dense(100, activation="relu", kernel_initializer="he_uniform", name="dense"),
            layers.Dense(10, activation="softmax", name="dense_1"),
        ],
        name="cnn",
    )


def _accurate_network() -> "keras.Model":
    """Nine convolutions, six of them in pairs that are stepped over (He et al., 2016)."""
    import keras
    from keras import layers

    image = keras.Input(IMAGE_SHAPE, name="image")
    x = layers.Reshape((*IMAGE_SHAPE, 1), name="reshape")(image)
    x = convolution(x, "1", 32, size=5, strides=2)
    x = _residual_pair(x, "2", "3", 32)
    x = _residual_pair(x, "4", "5", 32)
    x = convolution(x, "6", 96, strides=2)
    x = _residual_pair(x, "7", "8", 96)
    x = convolution(x, "9", 96)
    x = layers.MaxPooling2D(2, name="max_pooling2d")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dropout(0.3, name="dropout")(x)
    return keras.Model(image, layers.Dense(10, activation="softmax", name="dense")(x), name="accurate")


def _residual_pair(x: "keras.KerasTensor", first: str, second: str, filters: int) -> "keras.KerasTensor":
    """Two convolutions whose result is added to what they were given."""
    from keras import layers

    y = convolution(x, first, filters)
    y = _normalised_convolution(y, second, filters, size=3, strides=1)
    added = layers.Add(name=f"add_{second}")([x, y])
    return layers.ReLU(name=f"relu_{second}")(added)


def convolution(
    x: "keras.KerasTensor", number: str, filters: int, size: int = 3, strides: int = 1
) -> "keras.KerasTensor":
    """A convolution, batch normalisation and ReLU, their names ending in the number: (n, h, w, filters)."""
    from keras import layers

    return layers.ReLU(name=f"relu_{number}")(_normalised_convolution(x, number, filters, size, strides))


def _normalised_convolution(
    x: "keras.KerasTensor", number: str, filters: int, size: int, strides: int
) -> "keras.KerasTensor":
    """A convolution with its edges padded, then batch normalisation (Ioffe and Szegedy, 2015)."""
    from keras import layers

    convolution = layers.Conv2D(
        filters,
        size,
        strides,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=f"conv2d_{number}",
    )
    # The moving averages follow within a few hundred steps, so that an early validation is fair.
    normalisation = layers.BatchNormalization(momentum=0.98, name=f"batch_normalization_{number}")
    return normalisation(convolution(x))


PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset(
            name="dense",
            title="Dense",
            summary="784 pixels → 128 ReLU units → 10 probabilities; trained with RMSprop in seconds.",
            defaults=TrainingConfig(
                preset="dense",
                epochs=5,
                batch_size=128,
                optimizer="rmsprop",
                learning_rate=0.001,
            ),
            network=_dense_network,
        ),
        Preset(
            name="cnn",
            title="Convolutional",
            summary="32 filters of 3 × 3 → max pooling → 100 ReLU units → 10 probabilities; "
            "trained with SGD and momentum.",
            defaults=TrainingConfig(
                preset="cnn",
                epochs=10,
                batch_size=32,
                optimizer="momentum",
                learning_rate=0.01,
            ),
            network=_cnn_network,
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
            network=_accurate_network,
            augmented=True,
            written_share=0.15,
            schedule="one-cycle",
            most_steps_per_report=3,
        ),
    )
}
