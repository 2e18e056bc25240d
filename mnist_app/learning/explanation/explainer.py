"""Explanations of a model's answer: the outputs of its layers, its features, and the pixels that mattered."""

from functools import cached_property

import keras

from mnist_app.learning.explanation.feature_reader import FeatureReader
from mnist_app.learning.explanation.integrated_gradients import IntegratedGradients
from mnist_app.learning.explanation.layer_outputs import LayerReader
from mnist_app.learning.networks.batch_norm_folding import fold


class Explainer:
    """A model with its explanations, each traced at first use. Not safe for several threads at once."""

    def __init__(self, model: keras.Model) -> None:
        """Take a model whose last layer is dense with softmax. Nothing is traced yet."""
        self._model = fold(model)

    @cached_property
    def layers(self) -> LayerReader:
        """The reader of the layers' outputs."""
        return LayerReader(self._model)

    @cached_property
    def features(self) -> FeatureReader:
        """The reader of the last hidden layer; raise `ModelUnavailable` if there is none."""
        return FeatureReader(self._model)

    @cached_property
    def gradients(self) -> IntegratedGradients:
        """The attributions to pixels."""
        return IntegratedGradients(self._model)
