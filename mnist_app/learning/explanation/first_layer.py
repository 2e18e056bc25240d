"""The first layer of a network as pictures: one for each filter or neuron."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mnist_app.learning.networks.designs import IMAGE_SHAPE

if TYPE_CHECKING:
    import keras

MOST_NEURONS = 24
"""Number of neurons of a dense first layer that have a picture, evenly spread over the layer."""
LEVELS = 127
"""The level of the largest absolute weight."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class WeightPictures:
    """The weights of a first layer as pictures in 8 bits.

    A filter's picture is its weights. A neuron's picture has the weight of each pixel of the image at that
    pixel's place. A positive weight raises what the filter or neuron finds where there is ink, and a negative
    one lowers it. So the picture is, up to its brightness, the image that excites the filter or neuron most.
    """

    levels: NDArray[np.int8]
    """Shape (n, side, side), -127 to 127."""
    largest: float
    """The absolute weight that the level 127 stands for: one scale for all pictures."""
    units: int
    """Number of filters or neurons in the layer; larger than n if only some have a picture."""

    @property
    def weights(self) -> Floats:
        """The weights, shape (n, side, side), each at most `largest` / 254 from its true value."""
        return self.levels.astype(np.float32) * np.float32(self.largest / LEVELS)

    @property
    def are_neurons(self) -> bool:
        """Whether the pictures are of neurons, which see the whole image, and not of filters."""
        return self.levels.shape[1:] == IMAGE_SHAPE


def read_first_layer(model: "keras.Model") -> WeightPictures | None:
    """Return a network's first layer as pictures: all filters, or `MOST_NEURONS` of the neurons.

    Args:
        model: A network of images (n, 28, 28).

    Returns:
        The pictures; None if a weight is not finite.
    """
    kernel = next(layer for layer in model.layers if layer.weights).weights[0].numpy()
    pictures = _neurons(kernel) if kernel.ndim == 2 else _filters(kernel)
    return _in_8_bits(pictures, kernel.shape[-1])


def _neurons(kernel: Floats) -> Floats:
    """Return pictures (n, 28, 28) of some neurons of a dense layer's weights (784, units)."""
    units = kernel.shape[1]
    chosen = np.linspace(0, units - 1, min(MOST_NEURONS, units)).round().astype(int)
    return kernel[:, chosen].T.reshape(-1, *IMAGE_SHAPE)


def _filters(kernel: Floats) -> Floats:
    """Return pictures (filters, side, side) of a convolution's weights (side, side, 1, filters)."""
    return kernel[:, :, 0].transpose(2, 0, 1)


def _in_8_bits(pictures: Floats, units: int) -> WeightPictures | None:
    largest = float(np.abs(pictures).max())
    if not np.isfinite(largest):
        return None
    shares = pictures / np.float32(largest or 1.0)
    return WeightPictures(np.round(LEVELS * shares).astype(np.int8), largest, units)
