"""Walks of optimisers downhill on functions small enough to be drawn.

The rules are Keras's. The tests compare each step with Keras's own optimiser.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
DIVERGED_BEYOND = 1e6
"""Distance beyond which a walk has diverged and ends."""
RHO, EPSILON = 0.9, 1e-7
"""RMSprop's decay, and the number that keeps it from dividing by 0: Keras's values."""


@dataclass(frozen=True, eq=False)
class Landscape:
    """A function to walk down, and its gradient."""

    value: Callable[[Floats], Floats]
    """Heights (…) of points (…, d)."""
    gradient: Callable[[Floats], Floats]
    """Gradient (d,) at one point (d,)."""


BOWL = Landscape(
    value=lambda points: np.asarray(points[..., 0] ** 2 / 2),
    gradient=lambda point: 1.0 * point,
)
"""One hollow of the same curvature everywhere: a learning rate of 2 or more diverges."""
TWO_HOLLOWS = Landscape(
    value=lambda points: np.asarray(points[..., 0] ** 2 / 20 + 0.4 * np.cos(1.5 * points[..., 0])),
    gradient=lambda point: np.asarray(point / 10 - 0.6 * np.sin(1.5 * point)),
)
"""Hollows side by side, the inner ones deepest: without momentum a walk stays in the first."""
VALLEY_CURVATURE = np.array([0.1, 2.0])
VALLEY = Landscape(
    value=lambda points: np.asarray((VALLEY_CURVATURE * points**2).sum(axis=-1) / 2),
    gradient=lambda point: np.asarray(VALLEY_CURVATURE * point),
)
"""A long valley in two directions: steep across, nearly level along."""


def walk_sgd(
    landscape: Landscape, start: Floats, learning_rate: float, momentum: float, steps: int
) -> Floats:
    """Return the points (steps + 1, d) of gradient descent with momentum; fewer if it diverges."""
    points, velocity = [start], np.zeros_like(start)
    for _ in range(steps):
        velocity = momentum * velocity - learning_rate * landscape.gradient(points[-1])
        points.append(points[-1] + velocity)
        if np.abs(points[-1]).max() > DIVERGED_BEYOND:
            break
    return np.array(points)


def walk_rmsprop(landscape: Landscape, start: Floats, learning_rate: float, steps: int) -> Floats:
    """Return the points (steps + 1, d) of RMSprop (Hinton, 2012), which scales each direction."""
    points, mean_square = [start], np.zeros_like(start)
    for _ in range(steps):
        gradient = landscape.gradient(points[-1])
        mean_square = RHO * mean_square + (1 - RHO) * gradient**2
        points.append(points[-1] - learning_rate * gradient / np.sqrt(mean_square + EPSILON))
    return np.array(points)


def has_diverged(points: Floats) -> bool:
    """Return whether a walk ends farther from the bottom, at 0, than it began, and still moves away."""
    distances = np.abs(points).max(axis=-1)
    return bool(distances[-1] > distances[0] and distances[-1] >= distances.max())
