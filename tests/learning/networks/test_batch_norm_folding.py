"""Folded networks against the networks themselves, with normalisations that do something."""

import keras
import numpy as np
import pytest
from keras import layers

from mnist_app.learning.networks.batch_norm_folding import fold
from mnist_app.learning.networks.residual_network import convolution
from mnist_app.learning.training.presets import build_model


def seen_much(model: keras.Model) -> keras.Model:
    """The model as if it had been trained: every normalisation scales and shifts."""
    rng = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            low = [0.5, -1.0, -1.0, 0.2]
            weights = [rng.uniform(each, 2.0, layer.gamma.shape).astype(np.float32) for each in low]
            layer.set_weights(weights)
    return model


def images() -> np.ndarray:
    return np.random.default_rng(1).random((5, 28, 28), dtype=np.float32)


def kinds(model: keras.Model) -> list[type]:
    return [type(layer) for layer in model.layers]


def test_the_accurate_network_answers_alike_without_any_normalisation() -> None:
    model = seen_much(build_model("accurate", seed=1))
    folded = fold(model)
    assert layers.BatchNormalization in kinds(model)
    assert layers.BatchNormalization not in kinds(folded)
    # Logits are compared, since a softmax can hide a difference.
    before, after = (
        keras.Model(each.input, each.layers[-1].input)(images(), training=False).numpy()
        for each in (model, folded)
    )
    assert np.abs(before).max() > 1
    np.testing.assert_allclose(after, before, rtol=1e-4, atol=1e-4 * np.abs(before).max())


def test_the_model_itself_stays_as_it_was() -> None:
    model = seen_much(build_model("accurate", seed=2))
    before = [weights.copy() for weights in model.get_weights()]
    fold(model)
    for was, is_now in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(is_now, was)


@pytest.mark.parametrize("preset", ["dense", "cnn"])
def test_a_network_without_normalisation_comes_back_as_it_is(preset: str) -> None:
    model = build_model(preset)
    assert fold(model) is model


def test_a_convolution_with_a_bias_of_its_own_keeps_its_share() -> None:
    image = keras.Input((8, 8, 1))
    x = layers.Conv2D(3, 3, bias_initializer="ones", name="biased")(image)
    model = seen_much(keras.Model(image, layers.BatchNormalization(name="after")(x)))
    some = images()[:, :8, :8, np.newaxis]
    np.testing.assert_allclose(fold(model)(some).numpy(), model(some, training=False).numpy(), atol=1e-5)


def test_what_something_else_gets_too_is_not_folded() -> None:
    image = keras.Input((8, 8, 1))
    x = layers.Conv2D(3, 3, name="twice_heard")(image)
    model = keras.Model(image, layers.Add()([layers.BatchNormalization()(x), x]))
    assert fold(model) is model


def test_a_convolution_with_an_activation_is_not_folded() -> None:
    image = keras.Input((8, 8, 1))
    x = layers.Conv2D(3, 3, activation="relu", name="active")(image)
    model = keras.Model(image, layers.BatchNormalization()(x))
    assert fold(model) is model


def test_only_some_are_folded_where_some_can_be() -> None:
    image = keras.Input((8, 8, 1))
    x = layers.BatchNormalization(name="first")(convolution(image, "1", 4))
    model = seen_much(keras.Model(image, x))
    folded = fold(model)
    assert kinds(folded).count(layers.BatchNormalization) == 1
    some = images()[:, :8, :8, np.newaxis]
    np.testing.assert_allclose(folded(some).numpy(), model(some, training=False).numpy(), atol=1e-5)
