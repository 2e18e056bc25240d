"""The network of the preset `accurate`: convolutions with shortcuts and batch normalisation.

Each layer is named here, because Keras would number layers through the life of the process.
"""

from typing import TYPE_CHECKING

from mnist_app.learning.networks.designs import CLASSES, IMAGE_SHAPE

if TYPE_CHECKING:
    import keras


def build_residual_network() -> "keras.Model":
    """Build nine convolutions, six of them in pairs with a shortcut around each pair (He et al., 2016)."""
    import keras
    from keras import layers

    image = keras.Input(IMAGE_SHAPE, name="image")
    x = layers.Reshape((*IMAGE_SHAPE, 1), name="reshape")(image)
    x = convolution(x, "1", 32, size=5, strides=2)
    x = _residual_pair(x, "2", "3", 32)
    x = _residual_pair(x, "4", "5", 32)
    x = convolution(x, "6", 96, strides=2)
    x = _residual_pair(x, "7", "8", 96)
    x = convolution(x, "9", 96)
    x = layers.MaxPooling2D(2, name="max_pooling2d")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dropout(0.3, name="dropout")(x)
    return keras.Model(image, layers.Dense(CLASSES, activation="softmax", name="dense")(x), name="accurate")


def _residual_pair(x: "keras.KerasTensor", first: str, second: str, filters: int) -> "keras.KerasTensor":
    """Apply two convolutions and add their input to the result."""
    from keras import layers

    y = convolution(x, first, filters)
    y = _normalised_convolution(y, second, filters, size=3, strides=1)
    added = layers.Add(name=f"add_{second}")([x, y])
    return layers.ReLU(name=f"relu_{second}")(added)


def convolution(
    x: "keras.KerasTensor", number: str, filters: int, size: int = 3, strides: int = 1
) -> "keras.KerasTensor":
    """Apply a convolution, batch normalisation and ReLU.

    Args:
        x: Images or feature maps, (n, height, width, depth).
        number: Ending of the three layers' names.
        filters: Number of filters.
        size: Side of the filters, in pixels.
        strides: Pixels from one place of the filter to the next.

    Returns:
        Feature maps, (n, height / strides, width / strides, filters).
    """
    from keras import layers

    return layers.ReLU(name=f"relu_{number}")(_normalised_convolution(x, number, filters, size, strides))


def _normalised_convolution(
    x: "keras.KerasTensor", number: str, filters: int, size: int, strides: int
) -> "keras.KerasTensor":
    """Apply a padded convolution and batch normalisation (Ioffe and Szegedy, 2015)."""
    from keras import layers

    convolution = layers.Conv2D(
        filters,
        size,
        strides,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=f"conv2d_{number}",
    )
    # The moving averages settle within a few hundred steps, so an early validation is fair.
    normalisation = layers.BatchNormalization(momentum=0.98, name=f"batch_normalization_{number}")
    return normalisation(convolution(x))
