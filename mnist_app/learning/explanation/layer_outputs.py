"""What each layer of one of our networks makes of a drawing, and the neurons that answer most to it."""

from dataclasses import dataclass
from typing import Literal

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

Floats = NDArray[np.float32]

MOST_NEURONS = 10
"""How many neurons of the dense layer are told about, the most active."""
_LAST = "inputs of the last layer"


@dataclass(frozen=True, eq=False)
class Filters:
    """The filters of a convolution that looks at the drawing itself.

    The sum of window × weights + bias, after ReLU, is the value in the map.
    """

    weights: Floats
    """(side, side, k)"""
    biases: Floats
    """(k,)"""
    strides: int
    """How many pixels of the drawing lie between two places."""
    margin: int
    """Rows of 0 that are put above the drawing, and columns to the left of it."""

    def corner(self, row: int, column: int) -> tuple[int, int]:
        """Row and column of the upper left pixel below the filter at a place of its map; it may be < 0."""
        return row * self.strides - self.margin, column * self.strides - self.margin


@dataclass(frozen=True, eq=False)
class MapLayer:
    """A layer that makes maps, and what it made of the drawing."""

    name: str
    """Keras's name of it."""
    kind: Literal["convolution", "pooling"]
    maps: Floats
    """(h, w, k), after ReLU: none is below 0."""
    filters: Filters | None
    """None where it looks at the maps of another layer."""


@dataclass(frozen=True, eq=False)
class Neurons:
    """The most active neurons of the dense layer before the last, the most active first."""

    count: int
    """How many neurons the layer has."""
    active: int
    """How many of them are above 0."""
    numbers: NDArray[np.int32]
    """(n,): which they are, n at most `MOST_NEURONS`."""
    activations: Floats
    """(n,)"""
    gradients: Floats
    """(n, 28, 28): how the neuron's sum grows with each pixel, at this drawing."""
    see_the_drawing: bool
    """Whether each is connected to the pixels themselves: then `gradients` are its weights."""
    votes: Floats
    """(n, 10): activation × weight, what it adds to each digit's logit."""


@dataclass(frozen=True, eq=False)
class LayerOutputs:
    """What the layers worth seeing made of one drawing, in their order."""

    map_layers: tuple[MapLayer, ...]
    """Empty for a network without convolution."""
    neurons: Neurons | None
    """None for a network whose maps go straight to the ten outputs."""
    logits: Floats
    """(10,): the sums of the last layer, before softmax."""
    probabilities: Floats
    """(10,)"""


class LayerReader:
    """Reads `LayerOutputs` of a model in one graph.

    The model's last layer is dense with softmax. Its batch normalisation is folded away
    (`batch_norm_folding.fold`).
    """

    def __init__(self, model: keras.Model) -> None:
        """Choose the layers and trace the graph, which takes about half a second."""
        self._last = model.layers[-1]
        before = model.layers[-2]
        self._hidden = before if isinstance(before, keras.layers.Dense) else None
        self._layers = [layer for layer in model.layers if _makes_maps(layer)]
        self._convolutions = [_convolution_on_the_drawing(model, layer) for layer in self._layers]
        outputs = {layer.name: layer.output for layer in self._layers}
        self._inner = keras.Model(model.inputs[0], outputs | {_LAST: self._last.input})
        if self._hidden is not None:
            self._below = keras.Model(model.inputs[0], self._hidden.input)
        signature = [tf.TensorSpec((28, 28), tf.float32)]
        self._graph = tf.function(
            self._outputs, input_signature=signature, autograph=False
        ).get_concrete_function()

    def read(self, image: Floats) -> LayerOutputs:
        """What the layers make of an image (28, 28) in [0, 1]."""
        maps, logits, neurons = self._graph(tf.constant(image))
        layers = tuple(
            MapLayer(layer.name, _kind(layer), values.numpy(), convolution and _filters_of(convolution))
            for layer, values, convolution in zip(self._layers, maps, self._convolutions, strict=True)
        )
        return LayerOutputs(
            layers, self._name_neurons(*neurons), logits.numpy(), tf.nn.softmax(logits).numpy()
        )

    def _outputs(self, image: tf.Tensor) -> tuple[list[tf.Tensor], tf.Tensor, list[tf.Tensor]]:
        outputs = self._inner(image[tf.newaxis], training=False)
        inputs = outputs[_LAST]
        logits = tf.matmul(inputs, self._last.kernel) + self._last.bias
        neurons = [] if self._hidden is None else self._most_active(image, inputs[0])
        return [outputs[layer.name][0] for layer in self._layers], logits[0], neurons

    def _most_active(self, image: tf.Tensor, activations: tf.Tensor) -> list[tf.Tensor]:
        """All activations, the numbers of the largest, and the gradients of their sums: one copy for each."""
        assert self._hidden is not None
        chosen = tf.math.top_k(activations, min(MOST_NEURONS, activations.shape[0])).indices
        copies = tf.repeat(image[tf.newaxis], chosen.shape[0], axis=0)
        with tf.GradientTape() as tape:
            tape.watch(copies)
            below = self._below(copies, training=False)
            sums = tf.matmul(below, self._hidden.kernel) + self._hidden.bias
            total = tf.linalg.trace(tf.gather(sums, chosen, axis=1))  # of each copy one neuron's sum
        return [activations, chosen, tape.gradient(total, copies)]

    def _name_neurons(
        self,
        activations: tf.Tensor | None = None,
        chosen: tf.Tensor | None = None,
        gradients: tf.Tensor | None = None,
    ) -> Neurons | None:
        if activations is None or chosen is None or gradients is None:
            return None
        values, numbers = activations.numpy(), chosen.numpy()
        numbers = numbers[values[numbers] > 0]
        return Neurons(
            count=len(values),
            active=int(np.count_nonzero(values > 0)),
            numbers=numbers,
            activations=values[numbers],
            gradients=gradients.numpy()[: len(numbers)],
            see_the_drawing=not self._layers,
            votes=values[numbers, np.newaxis] * self._last.kernel.numpy()[numbers],
        )


def _makes_maps(layer: keras.Layer) -> bool:
    """Whether a layer's output is maps that are 0 where nothing was found."""
    if isinstance(layer, keras.layers.Conv2D):
        return layer.activation is keras.activations.relu
    return isinstance(layer, keras.layers.ReLU | keras.layers.MaxPooling2D)


def _kind(layer: keras.Layer) -> Literal["convolution", "pooling"]:
    return "pooling" if isinstance(layer, keras.layers.MaxPooling2D) else "convolution"


def _convolution_on_the_drawing(model: keras.Model, layer: keras.Layer) -> keras.layers.Conv2D | None:
    """The convolution that made a layer's maps, where its filters were laid on the drawing itself."""
    up_to_it = model.layers[: model.layers.index(layer) + 1]
    convolutions = [each for each in up_to_it if isinstance(each, keras.layers.Conv2D)]
    if _kind(layer) == "pooling" or not convolutions or convolutions[-1].kernel.shape[2] != 1:
        return None
    return convolutions[-1]


def _filters_of(convolution: keras.layers.Conv2D) -> Filters:
    """The filters, as they are now."""
    weights, biases = convolution.get_weights()
    return Filters(weights[:, :, 0], biases, convolution.strides[0], _margin(convolution))


def _margin(convolution: keras.layers.Conv2D) -> int:
    """Rows of 0 above the 28 of the drawing, by Keras's rule for padding."""
    if convolution.padding == "valid":
        return 0
    side, strides = int(convolution.kernel_size[0]), int(convolution.strides[0])
    places = -(-28 // strides)
    return max((places - 1) * strides + side - 28, 0) // 2
