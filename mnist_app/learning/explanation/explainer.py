"""Explains a model's answer to a drawing: what its layers make of it, and which pixels mattered."""

from functools import cached_property

import keras

from mnist_app.learning.explanation.integrated_gradients import IntegratedGradients
from mnist_app.learning.explanation.layer_outputs import LayerReader
from mnist_app.learning.networks.batch_norm_folding import fold


class Explainer:
    """A model with what explains it, each traced when it is first asked; not for several threads at once."""

    def __init__(self, model: keras.Model) -> None:
        """Nothing is traced yet; the model's last layer is dense with softmax."""
        self._model = fold(model)

    @cached_property
    def layers(self) -> LayerReader:
        """What the layers make of a drawing."""
        return LayerReader(self._model)

    @cached_property
    def gradients(self) -> IntegratedGradients:
        """Which pixels mattered."""
        return IntegratedGradients(self._model)
