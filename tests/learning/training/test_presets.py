"""The published networks are the published ones; every preset takes and gives the same shapes."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from mnist_app.errors import UnknownName
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.learning.training.presets import PRESETS, build_model, get_preset, make_optimizer


@pytest.mark.parametrize(("name", "parameters"), [("dense", 101_770), ("cnn", 542_230)])
def test_published_parameter_counts(name: str, parameters: int) -> None:
    assert build_model(name).count_params() == parameters


def test_accurate_is_compact() -> None:
    assert 100_000 <= build_model("accurate").count_params() <= 400_000


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_gives_probabilities_of_images(name: str) -> None:
    images = np.random.default_rng(0).random((3, 28, 28)).astype(np.float32)
    model = build_model(name)
    assert model.input_shape == (None, 28, 28)
    probabilities = model(images, training=False).numpy()
    assert probabilities.shape == (3, 10)
    assert probabilities.dtype == np.float32
    assert probabilities.min() >= 0
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)


def test_the_published_dense_network() -> None:
    defaults = get_preset("dense").defaults
    assert (defaults.epochs, defaults.batch_size) == (5, 128)
    optimizer = make_optimizer(defaults, steps=100)
    assert isinstance(optimizer, keras.optimizers.RMSprop)
    assert float(optimizer.learning_rate) == pytest.approx(0.001)
    assert [type(layer).__name__ for layer in build_model("dense").layers] == ["Flatten", "Dense", "Dense"]


def test_the_published_convolutional_network() -> None:
    defaults = get_preset("cnn").defaults
    assert (defaults.epochs, defaults.batch_size) == (10, 32)
    optimizer = make_optimizer(defaults, steps=100)
    assert isinstance(optimizer, keras.optimizers.SGD)
    assert float(optimizer.learning_rate) == pytest.approx(0.01)
    assert optimizer.momentum == pytest.approx(0.9)
    layers = [layer for layer in build_model("cnn").layers if not isinstance(layer, keras.layers.Reshape)]
    assert [type(layer).__name__ for layer in layers] == [
        "Conv2D",
        "MaxPooling2D",
        "Flatten",
        "Dense",
        "Dense",
    ]
    for index in (0, 3):
        assert isinstance(layers[index].kernel_initializer, keras.initializers.GlorotUniform)
        assert layers[index].activation is keras.activations.relu


def test_a_run_from_before_begins_with_he_s_weights_in_all_layers_but_the_last() -> None:
    model = build_model("cnn", 0, TrainingConfig.from_dict({"preset": "cnn"}).initializer)
    rules = [layer.kernel_initializer for layer in model.layers if layer.weights]
    assert [type(rule).__name__ for rule in rules] == ["HeUniform", "HeUniform", "GlorotUniform"]


@pytest.mark.parametrize(
    ("name", "kind", "momentum"),
    [
        ("sgd", keras.optimizers.SGD, 0.0),
        ("momentum", keras.optimizers.SGD, 0.7),
        ("rmsprop", keras.optimizers.RMSprop, None),
        ("adam", keras.optimizers.Adam, None),
        ("adamw", keras.optimizers.AdamW, None),
    ],
)
def test_each_optimizer(name: str, kind: type, momentum: float | None) -> None:
    config = replace(get_preset("cnn").defaults, optimizer=name, momentum=0.7, learning_rate=0.02)
    optimizer = make_optimizer(config, steps=100)
    assert type(optimizer) is kind
    assert float(optimizer.learning_rate) == pytest.approx(0.02)
    if momentum is not None:
        assert optimizer.momentum == pytest.approx(momentum)


def test_the_one_cycle_schedule_rises_and_falls() -> None:
    config = get_preset("accurate").defaults
    rate = make_optimizer(config, steps=600)._learning_rate
    rates = [float(rate(step)) for step in range(0, 601, 10)]
    highest = rates.index(max(rates))
    assert highest == 10
    assert rates[highest] == pytest.approx(config.learning_rate)
    assert rates[:11] == sorted(rates[:11])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] < config.learning_rate / 100


def test_one_step_is_enough_for_the_schedule() -> None:
    assert make_optimizer(get_preset("accurate").defaults, steps=1) is not None


@pytest.mark.parametrize("name", PRESETS)
def test_the_seed_decides_the_weights(name: str) -> None:
    first, again, other = (build_model(name, seed).get_weights() for seed in (1, 1, 2))
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a, b)
    assert any((a != b).any() for a, b in zip(first, other, strict=True))


@pytest.mark.parametrize("name", PRESETS)
def test_the_layers_names_do_not_depend_on_what_was_built_before(name: str) -> None:
    first, again = ([layer.name for layer in build_model(name).layers] for _ in range(2))
    assert first == again


@pytest.mark.parametrize("name", ["", "CNN", "resnet"])
def test_an_unknown_preset_is_named_with_those_there_are(name: str) -> None:
    for ask in (get_preset, build_model):
        with pytest.raises(UnknownName, match="dense, cnn, accurate"):
            ask(name)


def test_defaults_name_their_preset() -> None:
    for name, preset in PRESETS.items():
        assert preset.name == preset.defaults.preset == name
        assert "\n" not in preset.summary
