"""Outputs of a network's layers for a drawing, and the most active neurons."""

from dataclasses import dataclass
from typing import Literal

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

Floats = NDArray[np.float32]

MOST_NEURONS = 10
"""Most neurons of the dense layer that are described."""
_LAST = "inputs of the last layer"


@dataclass(frozen=True, eq=False)
class Filters:
    """Filters of a convolution that is applied to the drawing itself.

    A value of the map is the sum of window × weights, plus the bias, after ReLU.
    """

    weights: Floats
    """(side, side, k)"""
    biases: Floats
    """(k,)"""
    strides: int
    """Pixels of the drawing between two places of the filter."""
    margin: int
    """Rows of zeros above the drawing, and columns of zeros to its left."""

    def corner(self, row: int, column: int) -> tuple[int, int]:
        """Return row and column, possibly negative, of the upper left pixel below the filter at a place."""
        return row * self.strides - self.margin, column * self.strides - self.margin


@dataclass(frozen=True, eq=False)
class MapLayer:
    """A layer that makes maps, and its output for the drawing."""

    name: str
    """The layer's name in Keras."""
    kind: Literal["convolution", "pooling"]
    maps: Floats
    """(h, w, k), after ReLU: at least 0."""
    filters: Filters | None
    """None for a layer that reads the maps of another layer."""


@dataclass(frozen=True, eq=False)
class Neurons:
    """The most active neurons of the dense layer before the last, in falling order of activity."""

    count: int
    """Neurons of the layer."""
    active: int
    """Neurons whose activation is above 0."""
    numbers: NDArray[np.int32]
    """(n,): their indices, n at most `MOST_NEURONS`."""
    activations: Floats
    """(n,)"""
    gradients: Floats
    """(n, 28, 28): gradient of the neuron's sum by each pixel, at this drawing."""
    see_the_drawing: bool
    """True if each neuron is connected to the pixels themselves; then `gradients` are its weights."""
    votes: Floats
    """(n, 10): activation × weight, the contribution to each digit's logit."""


@dataclass(frozen=True, eq=False)
class LayerOutputs:
    """Outputs of the layers that are shown, in order, for one drawing."""

    map_layers: tuple[MapLayer, ...]
    """Empty for a network without a convolution."""
    neurons: Neurons | None
    """None for a network whose maps go straight to the ten outputs."""
    logits: Floats
    """(10,): the sums of the last layer, before softmax."""
    probabilities: Floats
    """(10,)"""


class LayerReader:
    """Reader of a model's `LayerOutputs` in one graph.

    The model's last layer is dense with softmax. Its batch normalisation is folded
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
        """Return the layers' outputs for an image (28, 28) in [0, 1]."""
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
        """Return all activations, the indices of the largest, and the gradients of their sums."""
        assert self._hidden is not None
        chosen = tf.math.top_k(activations, min(MOST_NEURONS, activations.shape[0])).indices
        copies = tf.repeat(image[tf.newaxis], chosen.shape[0], axis=0)
        with tf.GradientTape() as tape:
            tape.watch(copies)
            below = self._below(copies, training=False)
            sums = tf.matmul(below, self._hidden.kernel) + self._hidden.bias
            total = tf.linalg.trace(tf.gather(sums, chosen, axis=1))  # one neuron's sum from each copy
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
    """Return whether a layer's output is maps that are 0 where nothing was found."""
    if isinstance(layer, keras.layers.Conv2D):
        return layer.activation is keras.activations.relu
    return isinstance(layer, keras.layers.ReLU | keras.layers.MaxPooling2D)


def _kind(layer: keras.Layer) -> Literal["convolution", "pooling"]:
    return "pooling" if isinstance(layer, keras.layers.MaxPooling2D) else "convolution"


def _convolution_on_the_drawing(model: keras.Model, layer: keras.Layer) -> keras.layers.Conv2D | None:
    """Return the convolution that made a layer's maps from the drawing itself; None if there is none."""
    up_to_it = model.layers[: model.layers.index(layer) + 1]
    convolutions = [each for each in up_to_it if isinstance(each, keras.layers.Conv2D)]
    if _kind(layer) == "pooling" or not convolutions or convolutions[-1].kernel.shape[2] != 1:
        return None
    return convolutions[-1]


def _filters_of(convolution: keras.layers.Conv2D) -> Filters:
    """Return the filters with their present weights."""
    weights, biases = convolution.get_weights()
    return Filters(weights[:, :, 0], biases, convolution.strides[0], _margin(convolution))


def _margin(convolution: keras.layers.Conv2D) -> int:
    """Return the rows of zeros above the 28 of the drawing, by Keras's rule for padding."""
    if convolution.padding == "valid":
        return 0
    side, strides = int(convolution.kernel_size[0]), int(convolution.strides[0])
    places = -(-28 // strides)
    return max((places - 1) * strides + side - 28, 0) // 2
