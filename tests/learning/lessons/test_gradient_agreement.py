"""Steps, and the gradients of batches against Keras's own."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from mnist_app.learning.lessons.gradient_agreement import agreement, count_steps, output_gradients
from mnist_app.learning.lessons.network_weights import name_arrays
from mnist_app.learning.training.presets import build_model


def test_the_published_programs_have_so_many_steps() -> None:
    assert count_steps(60_000, 32, 1) == 1875
    assert count_steps(60_000, 32, 10) == 18_750
    assert count_steps(55_000, 32, 10) == 17_190


@given(st.integers(1, 10_000), st.integers(1, 512))
def test_the_last_batch_may_be_smaller(images: int, batch_size: int) -> None:
    steps = count_steps(images, batch_size, 1)
    assert (steps - 1) * batch_size < images <= steps * batch_size


@pytest.mark.parametrize("preset", ["cnn", "dense"])
def test_the_mean_gradient_is_keras_s(preset: str) -> None:
    rng = np.random.default_rng(4)
    images, labels = rng.random((6, 28, 28), np.float32), rng.integers(0, 10, 6).astype(np.uint8)
    model = build_model(preset, seed=2)
    with tf.GradientTape() as tape:
        probabilities = model(images, training=False)
        truth = keras.utils.to_categorical(labels, 10)
        loss = tf.reduce_mean(keras.losses.categorical_crossentropy(truth, probabilities))
    last = model.layers[-1]
    by_weights, by_biases = tape.gradient(loss, [last.kernel.value, last.bias.value])
    expected = np.concatenate([by_weights.numpy().ravel(), by_biases.numpy()])
    found = output_gradients(name_arrays(preset, model.get_weights()), images, labels).mean(axis=0)
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-5)


def test_a_larger_batch_agrees_better_and_the_whole_agrees_with_itself() -> None:
    rng = np.random.default_rng(0)
    gradients = rng.normal(0.1, 1, (400, 50)).astype(np.float32)
    found = [agreement(gradients, size) for size in (1, 10, 100, 400)]
    assert found == sorted(found) and found[-1] == pytest.approx(1)
