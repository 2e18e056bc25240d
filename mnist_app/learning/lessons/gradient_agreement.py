"""Batches and steps: their number, and how reliable the direction of one batch is."""

import math

import numpy as np
from numpy.typing import NDArray

from mnist_app.learning.lessons.forward_pass import hidden_of, softmax_rows
from mnist_app.learning.lessons.network_weights import Floats, NetworkWeights
from mnist_app.learning.lessons.preparation import one_hot


def count_steps(images: int, batch_size: int, epochs: int) -> int:
    """Return the steps of a whole training; the last batch of an epoch may be smaller."""
    return math.ceil(images / batch_size) * epochs


def output_gradients(weights: NetworkWeights, images: Floats, labels: NDArray[np.uint8]) -> Floats:
    """Return each image's gradient of the loss by the last layer's weights and biases.

    For softmax with categorical cross-entropy it is the probabilities minus the one-hot labels, times the
    layer's input.

    Args:
        weights: The network.
        images: (n, 28, 28) in [0, 1].
        labels: (n,).

    Returns:
        Gradients (n, units × 10 + 10).
    """
    hidden = hidden_of(weights, images)
    probabilities = softmax_rows(hidden @ weights.output + weights.output_biases)
    errors = probabilities - np.array([one_hot(int(label)) for label in labels])
    by_weights = (hidden[:, :, np.newaxis] * errors[:, np.newaxis]).reshape(len(images), -1)
    gradients: Floats = np.concatenate([by_weights, errors], axis=1)
    return gradients


def agreement(gradients: Floats, batch_size: int, seed: int = 0, draws: int = 20) -> float:
    """Return how well a random batch's mean gradient agrees with the mean of all, averaged over draws.

    It is the cosine of the two: 1 for the same direction. `gradients` is (n, d), and a batch has at most n
    images.
    """
    rng = np.random.default_rng(seed)
    whole = gradients.mean(axis=0)
    cosines = []
    for _ in range(draws):
        chosen = rng.choice(len(gradients), batch_size, replace=False)
        mean = gradients[chosen].mean(axis=0)
        cosines.append(mean @ whole / (np.linalg.norm(mean) * np.linalg.norm(whole)))
    return float(np.mean(cosines))
