"""Preparation of images and labels for a network, as the program does it, in NumPy."""

import numpy as np
from numpy.typing import NDArray

from mnist_app.learning.networks.designs import CLASSES, DESIGNS, input_shape


def reshape(images: NDArray[np.uint8], preset: str) -> NDArray[np.uint8]:
    """Return images (n, 28, 28) in the shape that the preset's program gives them."""
    return images.reshape((-1, *input_shape(DESIGNS[preset])))


def normalise(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Scale values from 0 to 255 to values from 0 to 1, in the same shape."""
    return images.astype(np.float32) / np.float32(255)


def divide(images: NDArray[np.uint8], preset: str) -> NDArray[np.floating]:
    """Scale values as the preset's program does, and return them in the type that this gives."""
    return normalise(images) if preset == "cnn" else images / 255.0


def one_hot(label: int) -> NDArray[np.float32]:
    """Encode a digit as ten numbers (10,): 1 at its place, 0 elsewhere."""
    encoded = np.zeros(CLASSES, np.float32)
    encoded[label] = 1
    return encoded


def count_digits(labels: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Return how many of the labels (n,) are each digit, (10,)."""
    return np.bincount(labels, minlength=CLASSES)
