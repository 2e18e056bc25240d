"""A training configuration as a plain program that needs Keras and NumPy, and Matplotlib for `cnn`.

For `dense` and `cnn` it is the published program, line by line. What the app adds stands apart, below a
comment that says so.
"""

from textwrap import fill

from mnist_app.errors import InvalidSetting, UnknownName
from mnist_app.learning.data.datasets import DATASETS, TRAINING_IMAGES
from mnist_app.learning.data.synthetic_digits import SYNTHETIC_SEEDS, SYNTHETIC_SIZES
from mnist_app.learning.networks.designs import (
    DESIGNS,
    KERAS_INITIALIZER,
    SOURCES,
    layers_of,
    write_layer,
)
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.learning.training.presets import WEIGHT_DECAY, get_preset

ADDED = "# Added by the app: "
"""The beginning of the comment above what a published program does not have."""
_TITLES = {
    "dense": "Train a dense network",
    "cnn": "Train a convolutional network",
    "accurate": "Train a residual network",
}
_SHOWS_AN_IMAGE = """\
It shows an image in a window; close the window to go on. Install Matplotlib first:
pip install matplotlib"""
_LEFT_OUT = """\
It leaves out a part of what the app does. The app also slants, stretches and tilts
the digits, draws them thinner and thicker, makes their edges sharper, fits each
anew into its frame, and adds digits written by rule. So the accuracy will not be
quite the same."""
_DIGITS = {"mnist": "the handwritten digits of MNIST", "synthetic": "digits written by rule"}
_MNIST = "(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()"
_SYNTHETIC = f"""\
# These digits are no published data set. What writes them is part of the app, so this
# script has to be run in the app's folder.
x_train, y_train = synthesise({SYNTHETIC_SIZES[0]}, seed={SYNTHETIC_SEEDS[0]})
x_test, y_test = synthesise({SYNTHETIC_SIZES[1]}, seed={SYNTHETIC_SEEDS[1]})"""
_RESHAPE = {
    "dense": "x_{part} = x_{part}.reshape((-1, 784)) / 255.0",
    "cnn": 'x_{part} = x_{part}.reshape((-1, 28, 28, 1)).astype("float32") / 255',
    "accurate": 'x_{part} = x_{part}.reshape((-1, 28, 28, 1)).astype("float32") / 255',
}
_ONE_HOT = "y_{part} = keras.utils.to_categorical(y_{part}, 10)"
_EARLIER_WEIGHTS = """\
# This run is from an earlier version of the app, which named a rule for the first
# weights. The published program names none, so that Keras's own holds.
"""
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
# Each image is distorted anew each time it is trained on.
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
_PREDICT = """\
image = x_test[np.random.randint(len(x_test))]
plt.imshow(image, cmap="gray")
plt.show()
image = image.reshape((1, 28, 28, 1)).astype("float32") / 255
prediction = model.predict(image)
print("Prediction:", np.argmax(prediction))"""
_EVALUATE = """\
loss, accuracy = model.evaluate(x_test, y_test)
print("Test Accuracy:", round(accuracy, 4))"""


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
    is_chosen = size < TRAINING_IMAGES[config.dataset]
    parts = ("train",) if config.preset == "cnn" else ("train", "test")
    blocks = [
        _docstring(config),
        _imports(config, is_chosen),
        *([_RESIDUAL_BLOCKS] if config.preset == "accurate" else []),
        f"{_added(config, 'a seed to repeat chance.')}keras.utils.set_random_seed({config.seed})",
        _MNIST if config.dataset == "mnist" else _SYNTHETIC,
        *([_choice(config, size)] if is_chosen else []),
        _preparation(config.preset, *parts),
        *([_held_out(config, held_out)] if held_out else []),
        _model(config),
        _compile(config),
        _fit(config, held_out),
        *_ending(config),
    ]
    return "\n\n".join(blocks) + "\n"


def _docstring(config: TrainingConfig) -> str:
    source = SOURCES.get(config.preset)
    paragraphs = [
        f"{_TITLES[config.preset]} on {_DIGITS[config.dataset]}.",
        fill(f"After {source}. What the app adds is marked as added.", 84) if source else _LEFT_OUT,
        *([_SHOWS_AN_IMAGE] if config.preset == "cnn" else []),
    ]
    return '"""' + "\n\n".join(paragraphs) + '\n"""'


def _added(config: TrainingConfig, what: str) -> str:
    """Return the comment above an addition to a published program; "" for a program of the app's own."""
    return f"{ADDED}{what}\n" if config.preset in DESIGNS else ""


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


def _imports(config: TrainingConfig, is_chosen: bool) -> str:
    shows_an_image = config.preset == "cnn"
    lines = [
        *(["import math", ""] if config.preset == "accurate" else []),
        "import keras",
        *(["import matplotlib.pyplot as plt"] if shows_an_image else []),
        *(["import numpy as np"] if shows_an_image or is_chosen else []),
        "from keras import layers",
    ]
    if config.dataset == "synthetic":
        lines += ["", "from mnist_app.ink.synthetic.synthesis import synthesise"]
    return "\n".join(lines)


def _choice(config: TrainingConfig, size: int) -> str:
    return (
        f"{_added(config, f'{size} of the training images, drawn by chance.')}"
        f"chosen = np.random.default_rng({config.seed}).permutation(len(x_train))[:{size}]\n"
        "x_train, y_train = x_train[chosen], y_train[chosen]"
    )


def _preparation(preset: str, *parts: str) -> str:
    """Return the lines that prepare the images and labels of these parts of the data set."""
    lines = (_RESHAPE[preset], _ONE_HOT)
    return "\n".join(line.format(part=part) for line in lines for part in parts)


def _held_out(config: TrainingConfig, held_out: int) -> str:
    return (
        f"{_added(config, f'{held_out} images are held out, to check on after each epoch.')}"
        f"x_val, y_val = x_train[-{held_out}:], y_train[-{held_out}:]\n"
        f"x_train, y_train = x_train[:-{held_out}], y_train[:-{held_out}]"
    )


def _model(config: TrainingConfig) -> str:
    if config.preset == "accurate":
        return _RESIDUAL_NETWORK
    design = DESIGNS[config.preset]
    shape = "28, 28, 1" if design.filters else "784,"
    # Images that come as a line of pixels need no `Flatten`.
    layers = [
        f"        {write_layer(layer)},\n"
        for layer in layers_of(design, config.initializer)
        if design.filters or layer.name != "flatten"
    ]
    return (
        f"{_EARLIER_WEIGHTS if config.initializer != KERAS_INITIALIZER else ''}"
        f"model = keras.Sequential(\n    [\n        keras.Input(({shape})),\n{''.join(layers)}    ]\n)"
    )


def _compile(config: TrainingConfig) -> str:
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
    lines = [
        *schedule,
        "model.compile(",
        f"    optimizer=keras.optimizers.{_optimizer(config, rate)},",
        '    loss="categorical_crossentropy",',
        '    metrics=["accuracy"],',
        ")",
        *(["model.summary()"] if config.preset != "cnn" else []),
    ]
    return "\n".join(lines)


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


def _fit(config: TrainingConfig, held_out: int) -> str:
    if not held_out:
        return f"model.fit(x_train, y_train, batch_size={config.batch_size}, epochs={config.epochs})"
    comment = "  # added by the app" if config.preset in DESIGNS else ""
    return f"""\
model.fit(
    x_train,
    y_train,
    batch_size={config.batch_size},
    epochs={config.epochs},
    validation_data=(x_val, y_val),{comment}
)"""


def _ending(config: TrainingConfig) -> list[str]:
    """Return the blocks after the training: a prediction, an evaluation, or both."""
    if config.preset != "cnn":
        return [_EVALUATE]
    comment = _added(config, "an evaluation on all test images.")
    return [_PREDICT, f"{comment}{_preparation('cnn', 'test')}\n{_EVALUATE}"]
