"""Folding of batch normalisation into the convolutions before it: the same answers from fewer layers.

After training, batch normalisation is a scale and a shift for each filter. The filter's weights and a bias
can do the same (Jacob et al., 2018, section 3.2).
"""

from typing import Any

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray


def fold(model: keras.Model) -> keras.Model:
    """Return an inference-only copy of a model without batch normalisation.

    Each batch normalisation that is the only reader of a convolution's output is left out, and the
    convolution gets other weights and a bias. A model without any comes back as it is.
    """
    folded = _find_foldable(model)
    if not folded:
        return model

    def clone(layer: keras.Layer) -> keras.Layer:
        extra = {"use_bias": True} if layer.name in folded else {}
        return layer.from_config(layer.get_config() | extra)

    left_out = {normalisation.name for normalisation in folded.values()}

    def call(layer: keras.Layer, *arguments: Any, **options: Any) -> Any:
        options.pop("mask", None)  # masks are for text
        return arguments[0] if layer.name in left_out else layer(*arguments, **options)

    answering = keras.models.clone_model(model, clone_function=clone, call_function=call)
    for layer in model.layers:
        if layer.name in folded:
            answering.get_layer(layer.name).set_weights(_fold_weights(layer, folded[layer.name]))
        elif layer.weights and layer.name not in left_out:
            answering.get_layer(layer.name).set_weights(layer.get_weights())
    return answering


def _find_foldable(model: keras.Model) -> dict[str, layers.BatchNormalization]:
    """Return the batch normalisations that can be folded, by the name of the convolution before each."""
    getters: dict[int, list[keras.Layer]] = {}
    for layer in model.layers:
        for tensor in layer.input if isinstance(layer.input, list) else [layer.input]:
            getters.setdefault(id(tensor), []).append(layer)
    folded = {}
    for layer in model.layers:
        if isinstance(layer, layers.Conv2D) and layer.activation is keras.activations.linear:
            match getters.get(id(layer.output)):
                case [layers.BatchNormalization() as normalisation]:
                    folded[layer.name] = normalisation
    return folded


def _fold_weights(
    convolution: layers.Conv2D, normalisation: layers.BatchNormalization
) -> list[NDArray[np.float32]]:
    """Return kernel and bias of the convolution that does the work of both layers."""
    kernel, *bias = convolution.get_weights()
    gamma, beta, mean, variance = normalisation.get_weights()
    scale = gamma / np.sqrt(variance + normalisation.epsilon)
    return [kernel * scale, beta + (sum(bias) - mean) * scale]
