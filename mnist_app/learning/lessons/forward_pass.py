"""The forward pass of the two explained networks: every number from an image to ten probabilities.

It is written in NumPy, so that each step can be shown by itself. The tests compare each step with Keras.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_app.learning.lessons.network_weights import Floats, NetworkWeights
from mnist_app.learning.metrics import evaluation

PIECE = 100
"""Images that are computed at once; a convolution of more needs much memory."""


@dataclass(frozen=True, eq=False)
class ForwardPass:
    """Outputs of each layer for one image."""

    image: Floats
    """(28, 28)"""
    filtered: Floats | None
    """(26, 26, 32): the filters' sums before ReLU; None without a convolution."""
    maps: Floats | None
    """(26, 26, 32): the same after ReLU."""
    pooled: Floats | None
    """(13, 13, 32)"""
    flat: Floats
    """(5408,) or (784,): input of the hidden neurons."""
    hidden_sums: Floats
    """(100,) or (128,): the hidden neurons' sums before ReLU."""
    hidden: Floats
    """The same after ReLU."""
    logits: Floats
    """(10,): the sums of the last layer."""
    probabilities: Floats
    """(10,): the softmax of the logits."""


def run(weights: NetworkWeights, image: Floats) -> ForwardPass:
    """Compute every layer for an image (28, 28), whose values are not scaled."""
    filtered = maps = pooled = None
    flat = image.reshape(-1)
    if weights.filters is not None and weights.filter_biases is not None:
        filtered = convolve(image, weights.filters, weights.filter_biases)
        maps = relu(filtered)
        pooled = max_pool(maps)
        flat = pooled.reshape(-1)
    hidden_sums = flat @ weights.hidden + weights.hidden_biases
    hidden = relu(hidden_sums)
    logits = hidden @ weights.output + weights.output_biases
    return ForwardPass(image, filtered, maps, pooled, flat, hidden_sums, hidden, logits, softmax(logits))


def answer(weights: NetworkWeights, images: Floats) -> Floats:
    """Return the probabilities (n, 10) of images (n, 28, 28), computed in pieces."""
    answers = [
        softmax_rows(hidden_of(weights, piece) @ weights.output + weights.output_biases)
        for piece in np.array_split(images, max(1, len(images) // PIECE))
    ]
    return np.concatenate(answers)


def hidden_of(weights: NetworkWeights, images: Floats) -> Floats:
    """Return the hidden neurons' activations, (n, 100) or (n, 128), for images (n, 28, 28)."""
    flat = images.reshape(len(images), -1)
    if weights.filters is not None and weights.filter_biases is not None:
        windows = np.lib.stride_tricks.sliding_window_view(images, (3, 3), axis=(1, 2))
        filters = weights.filters.reshape(9, -1)
        maps = relu(windows.reshape(*windows.shape[:3], 9) @ filters + weights.filter_biases)
        count, height, width, depth = maps.shape
        pooled = maps.reshape(count, height // 2, 2, width // 2, 2, depth).max(axis=(2, 4))
        flat = pooled.reshape(count, -1)
    return relu(flat @ weights.hidden + weights.hidden_biases)


def convolve(image: Floats, filters: Floats, biases: Floats) -> Floats:
    """Apply filters at every place of an image, as deep learning does: without mirroring them.

    Args:
        image: (h, w).
        filters: (3, 3, k).
        biases: (k,).

    Returns:
        Sums (h - 2, w - 2, k).
    """
    windows = np.lib.stride_tricks.sliding_window_view(image, (3, 3))
    sums: Floats = np.einsum("rcij,ijk->rck", windows, filters, dtype=np.float32) + biases
    return sums


def window_at(image: Floats, row: int, column: int) -> Floats:
    """Return the 3 × 3 values below a filter with its upper left corner at this place."""
    return image[row : row + 3, column : column + 3]


def relu(values: Floats) -> Floats:
    """Set negative values to 0."""
    return np.maximum(values, np.float32(0))


def max_pool(maps: Floats) -> Floats:
    """Keep the largest of each square of 2 × 2: (h, w, k) with even sides becomes (h / 2, w / 2, k)."""
    height, width, count = maps.shape
    pooled: Floats = maps.reshape(height // 2, 2, width // 2, 2, count).max(axis=(1, 3))
    return pooled


def softmax(logits: Floats) -> Floats:
    """Turn numbers (n,) into shares of 1: e to the power of each, divided by the sum of all."""
    shares: Floats = softmax_rows(logits[np.newaxis])[0]
    return shares


def softmax_rows(logits: Floats) -> Floats:
    """Return the softmax of each row of (n, k)."""
    # Subtracting the largest first keeps the shares and avoids overflow.
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=1, keepdims=True)
    return shares


def cross_entropy(probabilities: NDArray[np.floating], label: int) -> float:
    """Return the loss of an answer (10,) in nats: minus the logarithm of the true digit's probability."""
    return evaluation.cross_entropy(probabilities[np.newaxis], np.array([label]))
