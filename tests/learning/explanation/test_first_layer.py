"""The first layer as pictures: each weight in its place, in 8 bits, and nothing for what is not finite."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mnist_app.learning.explanation.first_layer import read_first_layer
from mnist_app.learning.inference.inference import load_model
from mnist_app.learning.inference.shipped import CLASSIFIER
from mnist_app.learning.networks.designs import Design, build_design
from mnist_app.learning.training.presets import build_model

KERAS_WARNING = "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
pytestmark = pytest.mark.filterwarnings(KERAS_WARNING)


def kernel_of(model: Any) -> Any:
    """The variable of the first layer that has weights."""
    return next(layer for layer in model.layers if layer.weights).weights[0]


@pytest.mark.parametrize(
    ("preset", "shape", "units"),
    [("cnn", (32, 3, 3), 32), ("dense", (24, 28, 28), 128), ("accurate", (32, 5, 5), 32)],
)
def test_every_preset_has_pictures_close_to_its_weights(
    preset: str, shape: tuple[int, ...], units: int
) -> None:
    model = build_model(preset, seed=3)
    pictures = read_first_layer(model)
    assert pictures is not None
    assert (pictures.levels.shape, pictures.units) == (shape, units)
    assert pictures.are_neurons == (preset == "dense")
    kernel = kernel_of(model).numpy()
    found = pictures.weights
    if preset == "dense":
        # The first, the last, and one in between: number 11 of 24 is neuron 61 of 128.
        expected = np.stack([kernel[:, neuron].reshape(28, 28) for neuron in (0, 61, 127)])
        found = found[[0, 11, 23]]
    else:
        expected = np.stack([kernel[:, :, 0, each] for each in range(units)])
    np.testing.assert_allclose(found, expected, atol=1.01 * pictures.largest / 254)


def test_the_built_in_network_has_pictures_too() -> None:
    pictures = read_first_layer(load_model(CLASSIFIER.file))
    assert pictures is not None and pictures.levels.shape[0] == pictures.units > 10


@given(arrays(np.float32, (784, 3), elements=st.floats(-1e6, 1e6, width=32)))
def test_each_weight_is_kept_to_half_a_level(kernel: Any) -> None:
    model = build_design(Design(filters=0, pool=1, units=(3,)))
    kernel_of(model).assign(kernel)
    pictures = read_first_layer(model)
    assert pictures is not None
    assert pictures.largest == np.abs(kernel).max()
    step = pictures.largest / 127
    expected = kernel.T.reshape(3, 28, 28)
    np.testing.assert_allclose(pictures.weights, expected, atol=0.501 * step, rtol=1e-6)
    assert (np.sign(pictures.levels) * np.sign(expected) >= 0).all()
    np.testing.assert_array_equal(-pictures.levels, _pictures_of(model, -kernel).levels)


def _pictures_of(model: Any, kernel: Any) -> Any:
    kernel_of(model).assign(kernel)
    return read_first_layer(model)


@pytest.mark.parametrize("weight", [np.nan, np.inf, -np.inf])
def test_a_network_that_has_diverged_has_no_pictures(weight: float) -> None:
    model = build_model("cnn")
    kernel = kernel_of(model).numpy()
    kernel[1, 1, 0, 5] = weight
    kernel_of(model).assign(kernel)
    assert read_first_layer(model) is None
