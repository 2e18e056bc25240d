"""Which pixels of a drawing made a network answer as it did: integrated gradients.

After Sundararajan, Taly and Yan, "Axiomatic Attribution for Deep Networks" (2017).
"""

from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

Floats = NDArray[np.float32]

STEPS = 64
"""Images between black paper and the drawing whose gradients are added up."""


@dataclass(frozen=True, eq=False)
class Attribution:
    """What each pixel adds to a score, on the way from black paper to the drawing."""

    values: Floats
    """(28, 28): positive where the ink raised the score, negative where it lowered it, 0 without ink."""
    score: float
    """Of the drawing, in logits."""
    score_of_black: float
    """Of black paper."""

    @property
    def is_complete_to(self) -> float:
        """How far the pixels' sum is from the difference of the two scores, as a share of that."""
        difference = self.score - self.score_of_black
        return abs(float(self.values.sum()) - difference) / max(abs(difference), 1e-6)


def lead(digit: int, other: int | None = None) -> Floats:
    """The weights (10,) of the logits in the score: how far a digit is ahead of another one.

    Without another one, ahead of the mean of the nine others. What raises all ten alike does not count,
    as softmax takes no notice of it.
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
        # A network that normalises changes most while the ink is faint: the steps are small there.
        ends = np.linspace(0, 1, STEPS + 1) ** 3
        self._strengths = ((ends[1:] + ends[:-1]) / 2).astype(np.float32)
        self._widths = np.diff(ends).astype(np.float32)
        signature = [tf.TensorSpec((28, 28), tf.float32), tf.TensorSpec((10,), tf.float32)]
        self._graph = tf.function(
            self._integrate, input_signature=signature, autograph=False
        ).get_concrete_function()

    def why(self, image: Floats, digit: int, other: int | None = None) -> Attribution:
        """What each pixel of an image (28, 28) adds to the digit's lead over another, or over all others."""
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
