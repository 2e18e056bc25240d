"""From an image to ten probabilities, with every number on the way: what the two explained networks compute.

In NumPy, so that each step can be shown by itself; the tests compare each with Keras's own result.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_app.learning.lessons.network_weights import Floats, NetworkWeights
from mnist_app.learning.metrics import evaluation

PIECE = 100
"""Images that are answered at once where there are many: a convolution of more needs much memory."""


@dataclass(frozen=True, eq=False)
class ForwardPass:
    """What each layer makes of one image."""

    image: Floats
    """(28, 28)"""
    filtered: Floats | None
    """(26, 26, 32): each filter's sums, before ReLU; None without convolution."""
    maps: Floats | None
    """(26, 26, 32): the same after ReLU."""
    pooled: Floats | None
    """(13, 13, 32)"""
    flat: Floats
    """(5408,) or (784,): what the hidden neurons get."""
    hidden_sums: Floats
    """(100,) or (128,): their sums, before ReLU."""
    hidden: Floats
    """The same after ReLU."""
    logits: Floats
    """(10,): the sums of the last layer."""
    probabilities: Floats
    """(10,): their softmax."""


def run(weights: NetworkWeights, image: Floats) -> ForwardPass:
    """Send an image (28, 28) through the network; its values are taken as they are."""
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
    """The probabilities (n, 10) of many images (n, 28, 28), which are answered some at a time."""
    answers = [
        softmax_rows(hidden_of(weights, piece) @ weights.output + weights.output_biases)
        for piece in np.array_split(images, max(1, len(images) // PIECE))
    ]
    return np.concatenate(answers)


def hidden_of(weights: NetworkWeights, images: Floats) -> Floats:
    """What the hidden neurons make of images (n, 28, 28): (n, 100) or (n, 128)."""
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
    """Lay filters (3, 3, k) on every place of an image (h, w): sums (h - 2, w - 2, k), biases (k,) added.

    What deep learning calls convolution: the filter is not mirrored.
    """
    windows = np.lib.stride_tricks.sliding_window_view(image, (3, 3))
    sums: Floats = np.einsum("rcij,ijk->rck", windows, filters, dtype=np.float32) + biases
    return sums


def window_at(image: Floats, row: int, column: int) -> Floats:
    """The 3 × 3 values below a filter whose upper left corner lies there."""
    return image[row : row + 3, column : column + 3]


def relu(values: Floats) -> Floats:
    """Negative values become 0, the others stay."""
    return np.maximum(values, np.float32(0))


def max_pool(maps: Floats) -> Floats:
    """The largest of each square of 2 × 2: maps (h, w, k) with even sides become (h / 2, w / 2, k)."""
    height, width, count = maps.shape
    pooled: Floats = maps.reshape(height // 2, 2, width // 2, 2, count).max(axis=(1, 3))
    return pooled


def softmax(logits: Floats) -> Floats:
    """Numbers (n,) as shares of 1: e to the power of each, divided by the sum of them all."""
    shares: Floats = softmax_rows(logits[np.newaxis])[0]
    return shares


def softmax_rows(logits: Floats) -> Floats:
    """The softmax of each row of (n, k)."""
    # The largest is taken away first: the shares stay the same, and no power is too large for a float.
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=1, keepdims=True)
    return shares


def cross_entropy(probabilities: NDArray[np.floating], label: int) -> float:
    """The loss of a guess (10,) in nats: minus the logarithm of what is given to the right digit."""
    return evaluation.cross_entropy(probabilities[np.newaxis], np.array([label]))
