"""Batches and steps: how many there are, and how reliable the direction of one batch is."""

import math

import numpy as np
from numpy.typing import NDArray

from mnist_app.learning.lessons.forward_pass import hidden_of, softmax_rows
from mnist_app.learning.lessons.network_weights import Floats, NetworkWeights
from mnist_app.learning.lessons.preparation import one_hot


def count_steps(images: int, batch_size: int, epochs: int) -> int:
    """Steps of a whole training; the last batch of an epoch may be smaller."""
    return math.ceil(images / batch_size) * epochs


def output_gradients(weights: NetworkWeights, images: Floats, labels: NDArray[np.uint8]) -> Floats:
    """Each image's gradient of the loss by the last layer's weights and biases, (n, units × 10 + 10).

    For softmax with categorical cross-entropy that is the probabilities minus the one-hot labels, times
    what comes in. `images` is (n, 28, 28) in [0, 1], `labels` (n,).
    """
    hidden = hidden_of(weights, images)
    probabilities = softmax_rows(hidden @ weights.output + weights.output_biases)
    errors = probabilities - np.array([one_hot(int(label)) for label in labels])
    by_weights = (hidden[:, :, np.newaxis] * errors[:, np.newaxis]).reshape(len(images), -1)
    gradients: Floats = np.concatenate([by_weights, errors], axis=1)
    return gradients


def agreement(gradients: Floats, batch_size: int, seed: int = 0, draws: int = 20) -> float:
    """How well a random batch's mean gradient points the way of all of them: the cosine, 1 for the same way.

    The mean of several draws; `gradients` is (n, d), and a batch at most as large as n.
    """
    rng = np.random.default_rng(seed)
    whole = gradients.mean(axis=0)
    cosines = []
    for _ in range(draws):
        chosen = rng.choice(len(gradients), batch_size, replace=False)
        mean = gradients[chosen].mean(axis=0)
        cosines.append(mean @ whole / (np.linalg.norm(mean) * np.linalg.norm(whole)))
    return float(np.mean(cosines))
