"""A training configuration as a plain program that needs Keras and NumPy only."""

from collections.abc import Sequence

from mnist_app.errors import InvalidSetting, UnknownName
from mnist_app.learning.data.datasets import DATASETS, TRAINING_IMAGES
from mnist_app.learning.data.synthetic_digits import SYNTHETIC_SEEDS, SYNTHETIC_SIZES
from mnist_app.learning.networks.designs import DESIGNS, Design, layers_of, write_layer
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.learning.training.presets import WEIGHT_DECAY, get_preset

_TITLES = {
    "dense": "Train a dense network",
    "cnn": "Train a convolutional network",
    "accurate": "Train a residual network",
}
_DIGITS = {"mnist": "the handwritten digits of MNIST", "synthetic": "digits written by rule"}
_MNIST = "(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()"
_SYNTHETIC = f"""\
# These digits are no published data set. What writes them is part of the app, so this
# script has to be run in the app's folder.
x_train, y_train = synthesise({SYNTHETIC_SIZES[0]}, seed={SYNTHETIC_SEEDS[0]})
x_test, y_test = synthesise({SYNTHETIC_SIZES[1]}, seed={SYNTHETIC_SEEDS[1]})"""
_RESIDUAL_BLOCKS = '''
def convolution(x, filters, size=3, strides=1):
    """A convolution with its edges padded, and batch normalisation."""
    x = layers.Conv2D(
        filters,
        size,
        strides,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
    )(x)
    return layers.BatchNormalization(momentum=0.98)(x)


def residual_pair(x, filters):
    """Two convolutions whose result is added to what they were given."""
    y = layers.ReLU()(convolution(x, filters))
    return layers.ReLU()(layers.Add()([x, convolution(y, filters)]))
'''
_RESIDUAL_NETWORK = """\
image = keras.Input((28, 28, 1))
# Each image is distorted anew each time it is trained on. The app goes further:
# it also slants the digits, draws them thinner and thicker, and adds digits
# written by rule. So the accuracy will not be quite the same.
x = layers.RandomRotation(12 / 360, fill_mode="constant")(image)
x = layers.RandomZoom((-0.15, 0.15), (-0.15, 0.15), fill_mode="constant")(x)
x = layers.RandomTranslation(1 / 28, 1 / 28, fill_mode="constant")(x)
x = layers.ReLU()(convolution(x, 32, 5, strides=2))
x = residual_pair(x, 32)
x = residual_pair(x, 32)
x = layers.ReLU()(convolution(x, 96, strides=2))
x = residual_pair(x, 96)
x = layers.ReLU()(convolution(x, 96))
x = layers.MaxPooling2D((2, 2))(x)
x = layers.Flatten()(x)
x = layers.Dropout(0.3)(x)
model = keras.Model(image, layers.Dense(10, activation="softmax")(x))"""
_EVALUATE = """\
loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
print(f"Test accuracy {accuracy:.2%}, loss {loss:.4f}")"""


def write_script(config: TrainingConfig) -> str:
    """Write the program for a configuration.

    It trains the same network on the same images with the same settings. Only the order of the images differs
    from `training.train`. Comments in the program say what the app does that a plain program cannot.

    Raises:
        UnknownName: There is no such preset or data set.
        InvalidSetting: The data set has fewer images, or this is a fine-tuning, whose images only the app
            has.
    """
    if config.fine_tuned_from:
        raise InvalidSetting(
            "No script amounts to this run: it was trained on from another network with the class's drawings."
        )
    get_preset(config.preset)
    size = training_images(config)
    held_out = round(size * config.validation_share)
    blocks = [
        f'"""{_TITLES[config.preset]} on {_DIGITS[config.dataset]}."""',
        "\n".join(_imports(config, size)),
        *([_RESIDUAL_BLOCKS] if config.preset == "accurate" else []),
        f"keras.utils.set_random_seed({config.seed})",
        "\n".join(_data(config, size, held_out)),
        _model(config),
        "\n".join(_compile(config)),
        "\n".join(_fit(config, held_out)),
        _EVALUATE,
    ]
    return "\n\n".join(blocks) + "\n"


def training_images(config: TrainingConfig) -> int:
    """Return the number of training images, including those held out; raise as `write_script` does."""
    if config.dataset not in DATASETS:
        raise UnknownName(f"There is no data set {config.dataset!r}; there are {', '.join(DATASETS)}.")
    available = TRAINING_IMAGES[config.dataset]
    if config.train_size is not None and config.train_size > available:
        raise InvalidSetting(
            f"The train size is {config.train_size:,}; the data set {config.dataset} has "
            f"{available:,} training images."
        )
    return config.train_size or available


def _imports(config: TrainingConfig, size: int) -> Sequence[str]:
    needs_numpy = size < TRAINING_IMAGES[config.dataset]
    return [
        *(["import math", ""] if config.preset == "accurate" else []),
        "import keras",
        *(["import numpy as np"] if needs_numpy else []),
        "from keras import layers",
        *(
            ["", "from mnist_app.ink.synthetic.synthesis import synthesise"]
            if config.dataset == "synthetic"
            else []
        ),
    ]


def _data(config: TrainingConfig, size: int, held_out: int) -> Sequence[str]:
    shape = _input_shape(config.preset).rstrip(",")
    lines = [_MNIST if config.dataset == "mnist" else _SYNTHETIC]
    if size < TRAINING_IMAGES[config.dataset]:
        lines += [
            f"chosen = np.random.default_rng({config.seed}).permutation(len(x_train))[:{size}]",
            "x_train, y_train = x_train[chosen], y_train[chosen]",
        ]
    lines += [
        f'x_{part} = x_{part}.reshape((-1, {shape})).astype("float32") / 255' for part in ("train", "test")
    ]
    lines += [f"y_{part} = keras.utils.to_categorical(y_{part}, 10)" for part in ("train", "test")]
    if held_out:
        lines += [
            f"x_val, y_val = x_train[-{held_out}:], y_train[-{held_out}:]",
            f"x_train, y_train = x_train[:-{held_out}], y_train[:-{held_out}]",
        ]
    return lines


def _model(config: TrainingConfig) -> str:
    if config.preset == "accurate":
        return _RESIDUAL_NETWORK
    return f"""\
model = keras.Sequential(
    [
        keras.Input(({_input_shape(config.preset)})),
{_layer_lines(DESIGNS[config.preset])}
    ]
)"""


def _input_shape(preset: str) -> str:
    """Return the shape that the network takes for an image, as the inside of a tuple."""
    takes_pixels_in_a_line = preset in DESIGNS and not DESIGNS[preset].filters
    return "28 * 28," if takes_pixels_in_a_line else "28, 28, 1"


def _layer_lines(design: Design) -> str:
    """Return a line for each layer; images that come as a line of pixels need no `Flatten`."""
    layers = [layer for layer in layers_of(design) if design.filters or layer.name != "flatten"]
    return "\n".join(f"        {write_layer(layer)}," for layer in layers)


def _compile(config: TrainingConfig) -> Sequence[str]:
    schedule: list[str] = []
    rate = repr(config.learning_rate)
    if get_preset(config.preset).schedule == "one-cycle":
        rate = "learning_rate"
        schedule = [
            "# The learning rate rises over the first sixth of the steps, then falls on a cosine.",
            f"steps = {config.epochs} * math.ceil(len(x_train) / {config.batch_size})",
            "warmup_steps = max(1, steps // 6)",
            "learning_rate = keras.optimizers.schedules.CosineDecay(",
            f"    initial_learning_rate={config.learning_rate!r} / 20,",
            f"    warmup_target={config.learning_rate!r},",
            "    warmup_steps=warmup_steps,",
            "    decay_steps=max(1, steps - warmup_steps),",
            "    alpha=0.002,",
            ")",
        ]
    return [
        *schedule,
        "model.compile(",
        f"    optimizer=keras.optimizers.{_optimizer(config, rate)},",
        '    loss="categorical_crossentropy",',
        '    metrics=["accuracy"],',
        ")",
        "model.summary()",
    ]


def _optimizer(config: TrainingConfig, rate: str) -> str:
    """Return the Keras call that `presets.make_optimizer` makes."""
    match config.optimizer:
        case "sgd":
            return f"SGD(learning_rate={rate})"
        case "momentum":
            return f"SGD(learning_rate={rate}, momentum={config.momentum!r})"
        case "rmsprop":
            return f"RMSprop(learning_rate={rate})"
        case "adam":
            return f"Adam(learning_rate={rate})"
        case _:
            return f"AdamW(learning_rate={rate}, weight_decay={WEIGHT_DECAY})"


def _fit(config: TrainingConfig, held_out: int) -> Sequence[str]:
    if not held_out:
        return [f"model.fit(x_train, y_train, batch_size={config.batch_size}, epochs={config.epochs})"]
    return [
        "model.fit(",
        "    x_train,",
        "    y_train,",
        f"    batch_size={config.batch_size},",
        f"    epochs={config.epochs},",
        "    validation_data=(x_val, y_val),",
        ")",
    ]
