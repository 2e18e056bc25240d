"""Each step of the forward pass against Keras's own result."""

import keras
import numpy as np
import pytest

from mnist_app.learning.lessons import forward_pass
from mnist_app.learning.lessons.network_weights import draw_fresh, name_arrays, shapes_of
from mnist_app.learning.training.presets import build_model

PRESETS = ("cnn", "dense")
TOLERANCE = {"rtol": 1e-4, "atol": 1e-5}


@pytest.fixture(scope="module")
def image() -> np.ndarray:
    return np.random.default_rng(3).random((28, 28), np.float32)


def outputs(model: keras.Model, image: np.ndarray) -> dict[str, np.ndarray]:
    """What each layer of Keras's network makes of an image, by the layer's name."""
    inner = keras.Model(model.inputs[0], [layer.output for layer in model.layers])
    values = inner(image[np.newaxis], training=False)
    return {
        layer.name: keras.ops.convert_to_numpy(value)[0]
        for layer, value in zip(model.layers, values, strict=True)
    }


def with_random_biases(preset: str) -> keras.Model:
    """The preset's network; fresh biases are 0, which would hide a bias that is left out."""
    model, rng = build_model(preset, seed=5), np.random.default_rng(7)
    model.set_weights([array + rng.normal(0, 0.05, array.shape) for array in model.get_weights()])
    return model


@pytest.mark.parametrize("preset", PRESETS)
def test_every_layer_gives_what_keras_s_gives(preset: str, image: np.ndarray) -> None:
    model = with_random_biases(preset)
    expected = outputs(model, image)
    found = forward_pass.run(name_arrays(preset, model.get_weights()), image)
    if preset == "cnn":
        np.testing.assert_allclose(found.maps, expected["conv2d"], **TOLERANCE)
        np.testing.assert_allclose(found.pooled, expected["max_pooling2d"], **TOLERANCE)
        assert found.filtered is not None and found.filtered.min() < 0
    np.testing.assert_allclose(found.flat, expected["flatten"], **TOLERANCE)
    np.testing.assert_allclose(found.hidden, expected["dense"], **TOLERANCE)
    np.testing.assert_allclose(found.probabilities, expected["dense_1"], **TOLERANCE)


@pytest.mark.parametrize("preset", PRESETS)
def test_many_images_are_answered_as_keras_answers_them(preset: str) -> None:
    images = np.random.default_rng(8).random((2 * forward_pass.PIECE + 7, 28, 28), np.float32)
    model = with_random_biases(preset)
    expected = keras.ops.convert_to_numpy(model(images, training=False))
    found = forward_pass.answer(name_arrays(preset, model.get_weights()), images)
    np.testing.assert_allclose(found, expected, **TOLERANCE)


def test_a_filter_s_sum_is_that_of_its_window(image: np.ndarray) -> None:
    weights = draw_fresh("cnn")
    assert weights.filters is not None and weights.filter_biases is not None
    found = forward_pass.run(weights, image).filtered
    assert found is not None
    window = forward_pass.window_at(image, 5, 9)
    by_hand = sum(
        float(window[row, column] * weights.filters[row, column, 4])
        for row in range(3)
        for column in range(3)
    )
    assert found[5, 9, 4] == pytest.approx(by_hand + weights.filter_biases[4], abs=1e-5)


@pytest.mark.parametrize("scale", [1, 300])
def test_softmax_is_keras_s(scale: float) -> None:
    logits = np.random.default_rng(1).normal(0, scale, 10).astype(np.float32)
    expected = keras.ops.convert_to_numpy(keras.ops.softmax(logits))
    np.testing.assert_allclose(forward_pass.softmax(logits), expected, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("label", [0, 7])
def test_cross_entropy_is_keras_s(label: int) -> None:
    probabilities = forward_pass.softmax(np.random.default_rng(2).normal(0, 2, 10).astype(np.float32))
    truth = np.eye(10, dtype=np.float32)[label]
    expected = float(keras.losses.categorical_crossentropy(truth, probabilities))
    assert forward_pass.cross_entropy(probabilities, label) == pytest.approx(expected, rel=1e-5)


def test_cross_entropy_of_an_impossible_digit_is_keras_s() -> None:
    certain = np.eye(10, dtype=np.float32)[3]
    expected = float(keras.losses.categorical_crossentropy(np.eye(10, dtype=np.float32)[4], certain))
    assert forward_pass.cross_entropy(certain, 4) == pytest.approx(expected, rel=1e-4)


def test_one_hot_is_keras_s() -> None:
    from mnist_app.learning.lessons.preparation import one_hot

    for digit in range(10):
        np.testing.assert_array_equal(one_hot(digit), keras.utils.to_categorical(digit, 10))


@pytest.mark.parametrize("preset", PRESETS)
def test_fresh_weights_are_drawn_as_keras_draws_them(preset: str) -> None:
    ours = draw_fresh(preset)
    keras_s = name_arrays(preset, build_model(preset).get_weights())
    names = ["hidden", "output", *(["filters"] if preset == "cnn" else [])]
    for name in names:
        mine, theirs = getattr(ours, name), getattr(keras_s, name)
        assert mine.shape == theirs.shape
        # Both fill the same range evenly; the small arrays have fewer numbers to reach its ends with.
        assert np.abs(mine).max() == pytest.approx(np.abs(theirs).max(), rel=0.05)
        assert mine.std() == pytest.approx(theirs.std(), rel=0.1)
    assert not ours.hidden_biases.any() and not ours.output_biases.any()


@pytest.mark.parametrize("preset", PRESETS)
def test_the_shapes_are_the_network_s(preset: str) -> None:
    assert shapes_of(preset) == [weights.shape for weights in build_model(preset).get_weights()]
    assert name_arrays(preset, build_model(preset).get_weights()).preset == preset


def test_weights_of_another_network_are_refused() -> None:
    with pytest.raises(ValueError, match="was expected"):
        name_arrays("cnn", build_model("dense").get_weights())
