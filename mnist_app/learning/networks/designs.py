"""The published networks, each described once, and networks that differ from them in a choice or two.

A `Design` is the description. The Keras model, the program that the app writes, the table of layers and the
shapes of the weights all come from it.
"""

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mnist_app.learning.networks.layer_summary import LayerSummary

if TYPE_CHECKING:
    import keras

IMAGE_SHAPE = (28, 28)
CLASSES = 10
KERNEL_SIDE = 3
"""Side of each convolution filter, in pixels."""
KERAS_INITIALIZER = "glorot_uniform"
"""The rule by which Keras draws the first weights of a layer that names none (Glorot and Bengio, 2010)."""


@dataclass(frozen=True)
class Design:
    """A network of at most one convolution with pooling, and then dense layers."""

    filters: int
    """Filters of 3 × 3; 0 for a network without a convolution."""
    pool: int
    """Side of the squares that max pooling reduces to one number; 1 for no pooling."""
    units: tuple[int, ...]
    """Neurons of each hidden dense layer."""
    activation: str = "relu"
    """Keras's name of the activation of the convolution and the hidden layers; `linear` for none."""


DESIGNS = {
    "dense": Design(filters=0, pool=1, units=(128,)),
    "cnn": Design(filters=32, pool=2, units=(100,)),
}
"""The published networks by the names of their presets."""

SOURCES = {
    "dense": "a notebook adapted from example 2.1 of François Chollet, "
    '"Deep Learning with Python" (Manning, 2017)',
    "cnn": 'Sonia Milanoi, "MNIST: A Line-By-Line Code Review" (2023)',
}
"""The programs that the published networks come from."""


@dataclass(frozen=True)
class Layer:
    """One layer of a design: the Keras call that makes it, and its row in the table."""

    name: str
    summary: LayerSummary
    arguments: tuple[object, ...] = ()
    """Positional arguments of Keras's class, such as (32, (3, 3)) of `Conv2D`."""
    options: dict[str, str] = field(default_factory=dict)
    """Keyword arguments, such as {"activation": "relu"}."""


def layers_of(design: Design, initializer: str = KERAS_INITIALIZER) -> list[Layer]:
    """Return the layers of a design in order, without a layer that only reshapes the image.

    Args:
        design: The network.
        initializer: Keras's name of the rule that draws the first weights before an activation. The last
            layer keeps Keras's own.
    """
    options = {"activation": design.activation}
    if initializer != KERAS_INITIALIZER:
        options["kernel_initializer"] = initializer
    layers = _convolution(design, options) if design.filters else []
    inputs = math.prod(layers[-1].summary.output_shape if layers else IMAGE_SHAPE)
    layers.append(Layer("flatten", LayerSummary("Flatten", (inputs,))))
    for number, units in enumerate((*design.units, CLASSES)):
        is_last = number == len(design.units)
        layers.append(_dense(number, inputs, units, {"activation": "softmax"} if is_last else options))
        inputs = units
    return layers


def _convolution(design: Design, options: dict[str, str]) -> list[Layer]:
    """Return the convolution, and the pooling if there is any."""
    count, kernel = design.filters, (KERNEL_SIDE, KERNEL_SIDE)
    height, width = (side - KERNEL_SIDE + 1 for side in IMAGE_SHAPE)
    weights = ((*kernel, 1, count), (count,))
    convolution = LayerSummary("Conv2D", (height, width, count), weights)
    layers = [Layer("conv2d", convolution, (count, kernel), options)]
    if design.pool > 1:
        pooling = LayerSummary("MaxPooling2D", (height // design.pool, width // design.pool, count))
        layers.append(Layer("max_pooling2d", pooling, ((design.pool, design.pool),)))
    return layers


def _dense(number: int, inputs: int, units: int, options: dict[str, str]) -> Layer:
    name = f"dense_{number}" if number else "dense"
    return Layer(name, LayerSummary("Dense", (units,), ((inputs, units), (units,))), (units,), options)


def input_shape(design: Design) -> tuple[int, ...]:
    """Return the shape in which the program of a design gives the network an image."""
    return (*IMAGE_SHAPE, 1) if design.filters else (math.prod(IMAGE_SHAPE),)


def summarise_design(design: Design) -> list[LayerSummary]:
    """Return the rows of the table of layers without building the network."""
    return [layer.summary for layer in layers_of(design)]


def weight_shapes(design: Design) -> list[tuple[int, ...]]:
    """Return the shapes of all weights in the order of Keras's `get_weights`."""
    return [shape for layer in summarise_design(design) for shape in layer.weight_shapes]


def count_parameters(design: Design) -> int:
    """Return the number of all parameters of a design."""
    return sum(layer.parameters for layer in summarise_design(design))


def build_design(
    design: Design, name: str | None = None, initializer: str = KERAS_INITIALIZER
) -> "keras.Model":
    """Build the Keras model of a design, not compiled, from images (n, 28, 28) to probabilities (n, 10).

    Args:
        design: The network.
        name: The model's name.
        initializer: As in `layers_of`.
    """
    import keras

    # Each layer is named here, because Keras would number layers through the life of the process.
    stack = [keras.Input(IMAGE_SHAPE, name="image")]
    if design.filters:
        stack.append(keras.layers.Reshape(input_shape(design), name="reshape"))
    for layer in layers_of(design, initializer):
        make = getattr(keras.layers, layer.summary.kind)
        stack.append(make(*layer.arguments, **layer.options, name=layer.name))
    return keras.Sequential(stack, name=name)


def write_layer(layer: Layer) -> str:
    """Return the Python call that makes a layer, such as `layers.Dense(10, activation="softmax")`."""
    options = [f'{name}="{value}"' for name, value in layer.options.items()]
    return f"layers.{layer.summary.kind}({', '.join([*map(str, layer.arguments), *options])})"
