"""Outputs of a network's last hidden layer: what the network has made of a picture before it answers."""

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from mnist_app.errors import ModelUnavailable
from mnist_app.learning.networks.designs import IMAGE_SHAPE

Floats = NDArray[np.float32]


class FeatureReader:
    """Reader of the numbers that a model's last layer gets, in one graph for any number of images."""

    def __init__(self, model: keras.Model) -> None:
        """Trace the graph, which takes a moment.

        Raises:
            ModelUnavailable: The model has no hidden layer.
        """
        if not any(layer.weights for layer in model.layers[:-1]):
            raise ModelUnavailable(
                "This network has no hidden layer: its answers come straight from the pixels, so there is "
                "nothing inside it to compare pictures by. Choose another model."
            )
        inner = keras.Model(model.inputs[0], model.layers[-1].input)
        self._graph = tf.function(
            lambda images: inner(images, training=False),
            input_signature=[tf.TensorSpec((None, *IMAGE_SHAPE), tf.float32)],
            autograph=False,
        ).get_concrete_function()

    def read(self, images: Floats) -> Floats:
        """Return the features (n, d) of images (n, 28, 28) in [0, 1]."""
        features: Floats = self._graph(tf.constant(images)).numpy()
        return features
