"""What explains a network, against Keras's own results and against numbers found in other ways."""

import keras
import numpy as np
import pytest

from mnist_app.errors import ModelUnavailable
from mnist_app.learning.explanation.explainer import Explainer
from mnist_app.learning.explanation.integrated_gradients import lead
from mnist_app.learning.explanation.layer_outputs import MOST_NEURONS, LayerOutputs
from mnist_app.learning.inference.classifier import Classifier
from mnist_app.learning.inference.inference import load_model
from mnist_app.learning.lessons.forward_pass import max_pool
from mnist_app.learning.training.presets import build_model
from mnist_app.settings import ASSETS

KINDS = ("dense", "cnn", "accurate", "shipped")
TOLERANCE = {"rtol": 1e-4, "atol": 1e-4}


def model_of(kind: str) -> keras.Model:
    """The shipped model, or a network whose every number is drawn by chance."""
    if kind == "shipped":
        return load_model(ASSETS / "model.keras")
    model, rng = build_model(kind, seed=5), np.random.default_rng(7)
    # Fresh biases and normalisations are 0 and 1, which would hide one that is left out.
    model.set_weights(
        [
            array + np.abs(rng.normal(0, 0.05, array.shape)) if array.ndim == 1 else array
            for array in model.get_weights()
        ]
    )
    return model


@pytest.fixture(scope="module")
def models() -> dict[str, keras.Model]:
    return {kind: model_of(kind) for kind in KINDS}


@pytest.fixture(scope="module")
def explainers(models: dict[str, keras.Model]) -> dict[str, Explainer]:
    return {kind: Explainer(model) for kind, model in models.items()}


@pytest.fixture(scope="module")
def image() -> np.ndarray:
    """A 7 by rule: a bar and a stroke down, with soft edges."""
    ink = np.zeros((28, 28), np.float32)
    ink[6:8, 7:20] = 1
    for row in range(8, 23):
        column = 19 - (row - 8) * 8 // 15
        ink[row, column - 1 : column + 2] = (0.5, 1, 0.5)
    return ink


@pytest.fixture(scope="module")
def outputs(explainers: dict[str, Explainer], image: np.ndarray) -> dict[str, LayerOutputs]:
    return {kind: explainer.layers.read(image) for kind, explainer in explainers.items()}


def keras_outputs(model: keras.Model, image: np.ndarray) -> dict[str, np.ndarray]:
    """What each layer makes of an image, by its name, as Keras computes it layer by layer."""
    layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    values = keras.Model(model.inputs[0], [layer.output for layer in layers])(
        image[np.newaxis], training=False
    )
    return {
        layer.name: keras.ops.convert_to_numpy(value)[0] for layer, value in zip(layers, values, strict=True)
    }


def keras_logits(model: keras.Model, images: np.ndarray) -> np.ndarray:
    """What goes into the softmax of the last layer, (n, 10)."""
    last = model.layers[-1]
    inputs = keras.Model(model.inputs[0], last.input)(images, training=False)
    kernel, bias = last.get_weights()
    return keras.ops.convert_to_numpy(inputs) @ kernel + bias


@pytest.mark.parametrize("kind", KINDS)
def test_maps_and_probabilities_are_keras_s(
    kind: str, models: dict[str, keras.Model], outputs: dict[str, LayerOutputs], image: np.ndarray
) -> None:
    expected, found = keras_outputs(models[kind], image), outputs[kind]
    for layer in found.map_layers:
        np.testing.assert_allclose(layer.maps, expected[layer.name], **TOLERANCE)
        assert layer.maps.min() >= 0
    np.testing.assert_allclose(found.probabilities, expected[models[kind].layers[-1].name], **TOLERANCE)
    np.testing.assert_allclose(np.exp(found.logits) / np.exp(found.logits).sum(), found.probabilities, 1e-4)
    np.testing.assert_allclose(Classifier(models[kind]).probabilities(image), found.probabilities, atol=1e-5)


def test_the_layers_worth_seeing_are_chosen(outputs: dict[str, LayerOutputs]) -> None:
    shapes = {kind: [layer.maps.shape for layer in found.map_layers] for kind, found in outputs.items()}
    assert shapes["dense"] == []
    assert shapes["cnn"] == [(26, 26, 32), (13, 13, 32)]
    assert [layer.kind for layer in outputs["accurate"].map_layers] == ["convolution"] * 9 + ["pooling"]


def test_pooling_takes_the_maps_before_it(outputs: dict[str, LayerOutputs]) -> None:
    convolution, pooling = outputs["cnn"].map_layers
    np.testing.assert_allclose(max_pool(convolution.maps), pooling.maps, **TOLERANCE)


@pytest.mark.parametrize("kind", ["cnn", "accurate", "shipped"])
def test_window_times_filter_plus_bias_is_what_stands_in_the_map(
    kind: str, outputs: dict[str, LayerOutputs], image: np.ndarray
) -> None:
    layer = outputs[kind].map_layers[0]
    filters = layer.filters
    assert filters is not None and all(other.filters is None for other in outputs[kind].map_layers[1:])
    side, padded = len(filters.weights), np.pad(image, 8)
    for row, column in [(0, 0), (5, 9), (layer.maps.shape[0] - 1, 3)]:
        top, left = (8 + start for start in filters.corner(row, column))
        window = padded[top : top + side, left : left + side]
        sums = np.einsum("ij,ijk->k", window, filters.weights) + filters.biases
        np.testing.assert_allclose(np.maximum(sums, 0), layer.maps[row, column], **TOLERANCE)


@pytest.mark.parametrize("kind", ["dense", "cnn"])
def test_the_most_active_neurons_come_first_and_their_votes_make_the_logits(
    kind: str, models: dict[str, keras.Model], outputs: dict[str, LayerOutputs], image: np.ndarray
) -> None:
    neurons = outputs[kind].neurons
    assert neurons is not None
    values = keras_outputs(models[kind], image)["dense"]
    order = np.argsort(-values)[:MOST_NEURONS]
    assert neurons.count == len(values) and neurons.active == np.count_nonzero(values)
    np.testing.assert_array_equal(neurons.numbers, order[values[order] > 0])
    np.testing.assert_allclose(neurons.activations, values[neurons.numbers], **TOLERANCE)
    kernel, bias = models[kind].layers[-1].get_weights()
    np.testing.assert_allclose(neurons.votes, values[neurons.numbers, None] * kernel[neurons.numbers], 1e-3)
    rest = np.delete(values, neurons.numbers) @ np.delete(kernel, neurons.numbers, axis=0) + bias
    np.testing.assert_allclose(neurons.votes.sum(axis=0) + rest, outputs[kind].logits, **TOLERANCE)


def test_what_a_dense_neuron_likes_are_its_784_weights(
    models: dict[str, keras.Model], outputs: dict[str, LayerOutputs]
) -> None:
    neurons = outputs["dense"].neurons
    assert neurons is not None and neurons.see_the_drawing
    weights = models["dense"].get_layer("dense").get_weights()[0][:, neurons.numbers]
    np.testing.assert_allclose(neurons.gradients, weights.T.reshape(-1, 28, 28), **TOLERANCE)


def test_behind_maps_it_is_how_the_sum_grows_with_each_pixel(
    models: dict[str, keras.Model], explainers: dict[str, Explainer]
) -> None:
    texture = np.random.default_rng(2).random((28, 28), np.float32)  # no ties for max pooling to break
    neurons = explainers["cnn"].layers.read(texture).neurons
    assert neurons is not None and not neurons.see_the_drawing
    first, step = int(neurons.numbers[0]), np.float32(1e-3)
    for row, column in [(7, 15), (12, 17), (20, 14)]:
        more, less = texture.copy(), texture.copy()
        more[row, column] += step
        less[row, column] -= step
        grown, shrunk = (keras_outputs(models["cnn"], each)["dense"][first] for each in (more, less))
        slope = (grown - shrunk) / (2 * step)
        assert slope == pytest.approx(neurons.gradients[0, row, column], rel=0.05, abs=0.005)


def test_a_network_without_a_hidden_dense_layer_has_no_neurons_to_show(
    outputs: dict[str, LayerOutputs],
) -> None:
    assert outputs["accurate"].neurons is None


@pytest.mark.parametrize(("kind", "tolerance"), [("dense", 0.01), ("cnn", 0.01), ("shipped", 0.06)])
@pytest.mark.parametrize("other", [None, 1, 9])
def test_attributions_add_up_to_the_difference_of_the_scores(
    kind: str,
    tolerance: float,
    other: int | None,
    models: dict[str, keras.Model],
    explainers: dict[str, Explainer],
    image: np.ndarray,
) -> None:
    """Completeness, the axiom that gives the method its meaning; the scores are Keras's own."""
    found = explainers[kind].gradients.attribute(image, 7, other)
    pair = np.stack([image, np.zeros_like(image)])
    score, score_of_black = keras_logits(models[kind], pair) @ lead(7, other)
    assert found.score == pytest.approx(score, abs=1e-3)
    assert found.score_of_black == pytest.approx(score_of_black, abs=1e-3)
    assert found.values.sum() == pytest.approx(score - score_of_black, rel=tolerance, abs=0.05)
    difference = found.score - found.score_of_black
    gap = abs(float(found.values.sum()) - difference) / abs(difference)
    assert gap <= max(tolerance, 0.05 / abs(score - score_of_black))


def test_no_ink_no_attribution(explainers: dict[str, Explainer], image: np.ndarray) -> None:
    found = explainers["shipped"].gradients.attribute(image, 7)
    assert np.all(found.values[image == 0] == 0) and np.any(found.values != 0)


def test_they_are_the_integral_of_slopes_found_without_any_gradient(
    models: dict[str, keras.Model], explainers: dict[str, Explainer], image: np.ndarray
) -> None:
    """An independent way: small steps of single pixels, at many strengths of the ink."""
    found = explainers["dense"].gradients.attribute(image, 7, 1).values
    hidden, biases, out, _ = models["dense"].get_weights()
    direction = out @ lead(7, 1)
    for row, column in [(6, 9), (7, 18), (15, 15)]:
        slopes = []
        for strength in (np.arange(400) + 0.5) / 400:
            pixels = np.stack([strength * image] * 2).astype(np.float64)
            pixels[0, row, column] += 1e-6
            pixels[1, row, column] -= 1e-6
            sums = np.maximum(pixels.reshape(2, -1) @ hidden + biases, 0) @ direction
            slopes.append((sums[0] - sums[1]) / 2e-6)
        assert found[row, column] == pytest.approx(image[row, column] * np.mean(slopes), rel=0.02, abs=0.002)


def test_what_raises_all_ten_alike_does_not_count() -> None:
    for other in (None, 3):
        weights = lead(8, other)
        assert weights.sum() == pytest.approx(0, abs=1e-6)
        assert weights[8] == 1 and weights.argmin() == (0 if other is None else other)


@pytest.mark.parametrize("kind", KINDS)
def test_features_times_the_last_weights_are_the_answer(
    models: dict[str, keras.Model], explainers: dict[str, Explainer], image: np.ndarray, kind: str
) -> None:
    images = np.stack([image, image[::-1], np.zeros_like(image)])
    features = explainers[kind].features.read(images)
    kernel, bias = models[kind].layers[-1].get_weights()
    powers = np.exp((features @ kernel + bias).astype(np.float64))
    answers = models[kind].predict(images, verbose=0)
    assert np.allclose(powers / powers.sum(axis=1, keepdims=True), answers, rtol=1e-3, atol=1e-4)


def test_features_follow_new_weights() -> None:
    model = build_model("dense", seed=5)
    explainer, images = Explainer(model), np.ones((1, 28, 28), np.float32)
    before = explainer.features.read(images)
    model.set_weights([2 * array for array in model.get_weights()])
    assert np.allclose(explainer.features.read(images), 2 * before, rtol=1e-4)


def test_a_network_without_a_hidden_layer_says_so() -> None:
    layers = [keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(10, activation="softmax")]
    with pytest.raises(ModelUnavailable, match="no hidden layer"):
        _ = Explainer(keras.Sequential(layers)).features
