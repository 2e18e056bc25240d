"""A network's layers as a table: what each gives and where its number of weights comes from."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class LayerSummary:
    """One row of the table."""

    kind: str
    """Keras's name of the layer: `Dense`, `Conv2D` …"""
    output_shape: tuple[int, ...]
    """For one image."""
    parameters: int
    arithmetic: str
    """How the number of parameters comes about, such as "784 × 128 + 128"; empty where there are none."""


def summarise(model: "keras.Model") -> list[LayerSummary]:
    """The rows of a network, in the order in which its layers work; the input is no row."""
    return [
        LayerSummary(
            type(layer).__name__,
            tuple(layer.output.shape[1:]),
            layer.count_params(),
            _arithmetic(layer),
        )
        for layer in model.layers
        if type(layer).__name__ != "InputLayer"
    ]


def _arithmetic(layer: Any) -> str:
    """Each of the layer's arrays of weights as the product of its sides, added up."""
    products = [" × ".join(str(side) for side in weights.shape) for weights in layer.weights]
    if type(layer).__name__ == "BatchNormalization":
        return f"{len(products)} × {products[0]}"
    return " + ".join(products)
