"""The walks downhill against Keras's own optimisers."""

import keras
import numpy as np
import pytest

from mnist_app.learning.lessons.optimiser_walks import (
    BOWL,
    TWO_HOLLOWS,
    VALLEY,
    Landscape,
    has_diverged,
    walk_rmsprop,
    walk_sgd,
)

STEPS = 12
START = {"bowl": (BOWL, [3.0]), "hollows": (TWO_HOLLOWS, [-8.0]), "valley": (VALLEY, [-9.0, 2.0])}


def walk_keras(optimizer: keras.optimizers.Optimizer, landscape: Landscape, start: np.ndarray) -> np.ndarray:
    variable = keras.Variable(start, dtype="float64")
    optimizer.build([variable])
    points = [start]
    for _ in range(STEPS):
        optimizer.apply_gradients([(keras.ops.convert_to_tensor(landscape.gradient(points[-1])), variable)])
        points.append(keras.ops.convert_to_numpy(variable.value).copy())
    return np.array(points)


@pytest.mark.parametrize("name", START)
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_sgd_walks_as_keras_s(name: str, momentum: float) -> None:
    landscape, start = START[name]
    expected = walk_keras(keras.optimizers.SGD(0.05, momentum=momentum), landscape, np.array(start))
    found = walk_sgd(landscape, np.array(start), 0.05, momentum, STEPS)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", START)
def test_rmsprop_walks_as_keras_s(name: str) -> None:
    landscape, start = START[name]
    expected = walk_keras(keras.optimizers.RMSprop(0.1), landscape, np.array(start))
    found = walk_rmsprop(landscape, np.array(start), 0.1, STEPS)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("landscape", [BOWL, TWO_HOLLOWS, VALLEY])
def test_each_gradient_is_the_slope_of_its_landscape(landscape: Landscape) -> None:
    point = np.array([1.3, -0.7]) if landscape is VALLEY else np.array([1.3])
    for axis in range(len(point)):
        step = np.zeros_like(point)
        step[axis] = 1e-6
        slope = (landscape.value(point + step) - landscape.value(point - step)) / 2e-6
        assert landscape.gradient(point)[axis] == pytest.approx(float(slope), abs=1e-4)


def test_a_learning_rate_that_is_too_large_runs_away_and_ends() -> None:
    walk = walk_sgd(BOWL, np.array([3.0]), 2.5, 0.0, 1000)
    assert has_diverged(walk) and len(walk) < 100 and np.isfinite(walk).all()
    assert not has_diverged(walk_sgd(BOWL, np.array([3.0]), 0.5, 0.0, 30))
    assert not has_diverged(walk_sgd(BOWL, np.array([3.0]), 0.1, 0.9, 4))


def test_momentum_leaves_the_first_hollow() -> None:
    without = walk_sgd(TWO_HOLLOWS, np.array([-8.0]), 0.05, 0.0, 300)
    with_it = walk_sgd(TWO_HOLLOWS, np.array([-8.0]), 0.05, 0.9, 300)
    assert TWO_HOLLOWS.value(with_it[-1]) < TWO_HOLLOWS.value(without[-1]) - 0.5
