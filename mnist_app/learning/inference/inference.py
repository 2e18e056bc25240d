"""Inference in under a millisecond: fixed graphs, warmed up, one caller at a time."""

import sys
import threading
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from mnist_app.errors import ModelUnavailable
from mnist_app.learning.inference.verdict import check_answers
from mnist_app.learning.networks.designs import IMAGE_SHAPE

CHUNK = 250
"""Images of one call when there are many."""


_TRIED = np.concatenate(
    [
        np.zeros((1, *IMAGE_SHAPE), np.float32),
        np.ones((1, *IMAGE_SHAPE), np.float32),
        np.random.default_rng(0).random((14, *IMAGE_SHAPE), np.float32),
    ]
)


class Inference:
    """A model's outputs for images (28, 28) of float32 in [0, 1], white ink on black.

    Two `tf.function`s of fixed shape, for one image and for `CHUNK`, are traced and warmed up at the start,
    so that no call pays for that later. Calls from several threads wait for each other. A server may want to
    call `gc.freeze()` afterwards, because TensorFlow leaves many objects for the garbage collector to look
    through.
    """

    def __init__(self, model: keras.Model, outputs: int) -> None:
        """Prepare the model; raise `ModelUnavailable` unless it maps (n, 28, 28) to (n, outputs)."""
        if tuple(model.input_shape) != (None, *IMAGE_SHAPE) or tuple(model.output_shape) != (None, outputs):
            raise ModelUnavailable(
                f"The model maps {model.input_shape} to {model.output_shape}; expected was "
                f"{(None, *IMAGE_SHAPE)} to {(None, outputs)}."
            )
        self.model = model
        self._outputs = outputs
        self._lock = threading.Lock()
        self._one = _fixed_graph(model, 1)
        self._many = _fixed_graph(model, CHUNK)
        self.one(np.zeros(IMAGE_SHAPE, np.float32))
        self.many(np.zeros((CHUNK, *IMAGE_SHAPE), np.float32))

    def one(self, image: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (outputs,) for one image (28, 28); raise ValueError for another shape, type or range."""
        _check(image, IMAGE_SHAPE)
        with self._lock:
            answer: NDArray[np.float32] = self._one(tf.constant(image[np.newaxis])).numpy()[0]
        return answer

    def many(self, images: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (n, outputs) for images (n, 28, 28), n >= 0; raise ValueError as `one` does."""
        _check(images, (len(images), *IMAGE_SHAPE))
        answers = np.empty((len(images), self._outputs), np.float32)
        for start in range(0, len(images), CHUNK):
            part = images[start : start + CHUNK]
            padded = np.zeros((CHUNK, *IMAGE_SHAPE), np.float32)
            padded[: len(part)] = part
            with self._lock:
                answers[start : start + CHUNK] = self._many(tf.constant(padded)).numpy()[: len(part)]
        return answers


def check_network(model: keras.Model) -> None:
    """Check a model's answers to a black image, a white one and noise.

    Finite weights can be so large that their sums are not finite.

    Raises:
        ModelUnavailable: An answer is not a finite number.
    """
    check_answers(np.asarray(model(_TRIED, training=False)))


def load_model(path: Path) -> keras.Model:
    """Load a `.keras` file that this app wrote. A file from a stranger can run code.

    Raises:
        ModelUnavailable: The file is missing or damaged.
    """
    if not path.is_file():
        raise ModelUnavailable(f"There is no model at {path}.")
    try:
        return keras.models.load_model(path, compile=False)
    except Exception as error:  # Keras raises nearly anything on a damaged file
        raise ModelUnavailable(f"The model {path} cannot be read; it is damaged or of another kind.") from (
            error
        )


def _fixed_graph(model: keras.Model, count: int) -> tf.types.experimental.ConcreteFunction:
    """Return the model in inference mode as a graph for exactly `count` images."""
    signature = tf.TensorSpec((count, *IMAGE_SHAPE), tf.float32)
    function = tf.function(
        lambda images: model(images, training=False),
        input_signature=[signature],
        # Compiled, one image takes a third less time; many take no less. On Windows TensorFlow's compiler
        # (XLA) cannot convolve.
        jit_compile=count == 1 and sys.platform == "linux" or None,
    )
    return function.get_concrete_function()


def _check(images: NDArray[np.float32], shape: tuple[int, ...]) -> None:
    if images.shape != shape or images.dtype != np.float32:
        raise ValueError(f"Images of {images.dtype} {images.shape} came; expected float32 {shape}.")
    # NaN fails both comparisons.
    if images.size and not (images.min() >= 0.0 and images.max() <= 1.0):
        raise ValueError(f"The pixels go from {images.min()} to {images.max()}; expected 0 to 1.")
