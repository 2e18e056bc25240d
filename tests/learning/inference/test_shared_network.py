"""Networks that share one in memory answer as each would alone."""

from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest
from quick import only_first_is_quick

from mnist_app.errors import ModelUnavailable
from mnist_app.learning.inference.classifier import Classifier
from mnist_app.learning.inference.shared_network import SharedNetwork
from mnist_app.learning.networks.batch_norm_folding import fold
from mnist_app.learning.training.presets import build_model

IMAGES = np.random.default_rng(0).random((6, 28, 28), dtype=np.float32)


def network(preset: str, seed: int) -> keras.Model:
    """An untrained network, for answering alone."""
    return fold(build_model(preset, seed))


@pytest.mark.parametrize("preset", only_first_is_quick("dense", ("cnn", "accurate")))
def test_each_answers_as_it_would_alone(preset: str) -> None:
    models = [network(preset, seed) for seed in (1, 2, 3)]
    shared = SharedNetwork(network(preset, 0))
    alone = [Classifier(model) for model in models]
    together = [shared.with_weights(model.get_weights()) for model in models]
    for image in IMAGES:
        for one, other in zip(together, alone, strict=True):
            assert np.array_equal(one.probabilities(image), other.probabilities(image))
    for one, other in zip(together, alone, strict=True):
        assert np.array_equal(one.probabilities_of(IMAGES), other.probabilities_of(IMAGES))


def test_nobody_is_answered_with_the_weights_of_another() -> None:
    models = [network("dense", seed) for seed in range(4)]
    shared = SharedNetwork(network("dense", 9))
    together = [shared.with_weights(model.get_weights()) for model in models]
    expected = [one.probabilities(IMAGES[0]) for one in together]
    with ThreadPoolExecutor(8) as threads:
        asked = [index % 4 for index in range(200)]
        answers = threads.map(lambda index: together[index].probabilities(IMAGES[0]), asked)
        for index, answer in zip(asked, answers, strict=True):
            assert np.array_equal(answer, expected[index])


@pytest.mark.slow
def test_each_is_explained_by_its_own_filters_and_pixels() -> None:
    models = [network("cnn", seed) for seed in (1, 2)]
    shared = SharedNetwork(network("cnn", 0))
    for model in models:
        one, alone = shared.with_weights(model.get_weights()), Classifier(model)
        mine = one.explain(lambda explainer: explainer.layers.read(IMAGES[0]))
        expected = alone.explain(lambda explainer: explainer.layers.read(IMAGES[0]))
        filters, of_alone = mine.map_layers[0].filters, expected.map_layers[0].filters
        assert filters is not None and of_alone is not None
        assert np.array_equal(filters.weights, of_alone.weights)
        assert np.array_equal(filters.weights, model.get_layer("conv2d").get_weights()[0][:, :, 0])
        assert mine.logits == pytest.approx(expected.logits, abs=1e-5)
        why = one.explain(lambda explainer: explainer.gradients.attribute(IMAGES[0], 3))
        expected_why = alone.explain(lambda explainer: explainer.gradients.attribute(IMAGES[0], 3))
        assert why.values == pytest.approx(expected_why.values, abs=1e-5)


def test_weights_of_another_design_are_refused() -> None:
    shared = SharedNetwork(network("dense", 0))
    with pytest.raises(ModelUnavailable, match="design dense"):
        shared.with_weights(network("cnn", 0).get_weights())
