"""A table of a network's layers: what each returns and where its number of parameters comes from."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class LayerSummary:
    """One row of the table of layers."""

    kind: str
    """Keras's name of the layer's class, such as `Dense` or `Conv2D`."""
    output_shape: tuple[int, ...]
    """For one image."""
    weight_shapes: tuple[tuple[int, ...], ...] = ()

    @property
    def parameters(self) -> int:
        """The number of parameters."""
        return sum(map(math.prod, self.weight_shapes))

    @property
    def arithmetic(self) -> str:
        """The origin of this number, such as "784 × 128 + 128"; empty for a layer without parameters."""
        products = [" × ".join(map(str, shape)) for shape in self.weight_shapes]
        if self.kind == "BatchNormalization":
            return f"{len(products)} × {products[0]}"
        return " + ".join(products)


def summarise(model: "keras.Model") -> list[LayerSummary]:
    """Return the rows for a model's layers in order, without its input."""
    return [
        LayerSummary(
            type(layer).__name__,
            tuple(layer.output.shape[1:]),
            tuple(tuple(weights.shape) for weights in layer.weights),
        )
        for layer in model.layers
        if type(layer).__name__ != "InputLayer"
    ]
