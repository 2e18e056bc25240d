"""Integrated gradients: the pixels of a drawing that made a network answer as it did.

After Sundararajan, Taly and Yan, "Axiomatic Attribution for Deep Networks" (2017).
"""

from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

Floats = NDArray[np.float32]

STEPS = 64
"""Images between black paper and the drawing over which the gradients are summed."""


@dataclass(frozen=True, eq=False)
class Attribution:
    """Each pixel's contribution to a score, on the way from black paper to the drawing."""

    values: Floats
    """(28, 28): positive where ink raised the score, negative where it lowered it, 0 without ink."""
    score: float
    """Score of the drawing, in logits."""
    score_of_black: float
    """Score of black paper, in logits."""


def lead(digit: int, other: int | None = None) -> Floats:
    """Return the weights (10,) of the logits in a score: how far a digit is ahead of another.

    The score ignores what raises all ten logits alike, as softmax does.

    Args:
        digit: The digit, 0 to 9.
        other: Another digit; None for the mean of the nine others.
    """
    weights = np.zeros(10, np.float32)
    if other is None:
        weights[:] = -1 / 9
    else:
        weights[other] = -1
    weights[digit] = 1
    return weights


class IntegratedGradients:
    """Attributions for a model whose last layer is dense with softmax, in one graph."""

    def __init__(self, model: keras.Model) -> None:
        """Trace the graph, which takes about half a second."""
        self._last = model.layers[-1]
        self._below = keras.Model(model.inputs[0], self._last.input)
        # A network that normalises changes most while the ink is faint, so the steps are small there.
        ends = np.linspace(0, 1, STEPS + 1) ** 3
        self._strengths = ((ends[1:] + ends[:-1]) / 2).astype(np.float32)
        self._widths = np.diff(ends).astype(np.float32)
        signature = [tf.TensorSpec((28, 28), tf.float32), tf.TensorSpec((10,), tf.float32)]
        self._graph = tf.function(
            self._integrate, input_signature=signature, autograph=False
        ).get_concrete_function()

    def attribute(self, image: Floats, digit: int, other: int | None = None) -> Attribution:
        """Return what each pixel of an image (28, 28) adds to the digit's lead over another, or over all."""
        values, scores = self._graph(tf.constant(image), tf.constant(lead(digit, other)))
        score, score_of_black = scores.numpy()
        return Attribution(values.numpy(), float(score), float(score_of_black))

    def _integrate(self, image: tf.Tensor, weights: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        on_the_way = self._strengths[:, np.newaxis, np.newaxis] * image
        with tf.GradientTape() as tape:
            tape.watch(on_the_way)
            total = tf.reduce_sum(self._scores(on_the_way, weights))
        gradients = tape.gradient(total, on_the_way)
        mean = tf.reduce_sum(self._widths[:, np.newaxis, np.newaxis] * gradients, axis=0)
        return image * mean, self._scores(tf.stack([image, tf.zeros_like(image)]), weights)

    def _scores(self, images: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
        logits = tf.matmul(self._below(images, training=False), self._last.kernel) + self._last.bias
        return tf.linalg.matvec(logits, weights)
