"""The table of a network's layers."""

import re

import pytest

from mnist_app.learning.networks.layer_summary import summarise
from mnist_app.learning.training.presets import PRESETS, build_model


@pytest.mark.parametrize("preset", list(PRESETS))
def test_the_arithmetic_gives_the_number_of_parameters(preset: str) -> None:
    model = build_model(preset)
    layers = summarise(model)
    for layer in layers:
        assert re.fullmatch(r"[\d ×+]*", layer.arithmetic)
        assert eval(layer.arithmetic.replace("×", "*") or "0") == layer.parameters
    assert sum(layer.parameters for layer in layers) == model.count_params()


def test_the_dense_network_as_it_is_taught() -> None:
    flatten, hidden, output = summarise(build_model("dense"))
    assert (flatten.output_shape, flatten.parameters) == ((784,), 0)
    assert (hidden.arithmetic, hidden.parameters) == ("784 × 128 + 128", 100_480)
    assert (output.arithmetic, output.parameters) == ("128 × 10 + 10", 1_290)
