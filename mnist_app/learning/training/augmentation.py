"""Distortion of digits as hands and pens distort them, on batches, inside TensorFlow's graph.

Each image gets another pen (thinner or thicker strokes), slant, turn and proportion. It is then fitted and
placed by MNIST's recipe (`ink.preprocess`), so training images look like the app's input. All randomness
comes from a stateless seed.
"""

import math

import numpy as np
import tensorflow as tf

SIDE = 28
BOX = 20.0
"""Side in pixels of the box into which MNIST's recipe fits the ink."""
LARGEST_TURN = math.radians(12)
LARGEST_SHEAR = 0.3
LARGEST_STRETCH = 0.35
"""Largest natural logarithm of width to height."""
LARGEST_PERSPECTIVE = 0.004
LARGEST_SHIFT = 1.0
"""Largest distance from the centre of mass, in pixels, in each direction."""
SIZES = (0.92, 1.06)
"""Smallest and largest factor of the fitted size."""
SHARE_UNCHANGED = 0.4
SHARE_THICKER = 0.3
"""Share of the changed images that get a thicker pen; the others get a thinner one."""

_BELL = np.exp(-0.5 * np.arange(-3, 4) ** 2)
_BELL /= _BELL.sum()
_CENTRES = np.arange(SIDE) + 0.5


def augment(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Distort each image on its own.

    Args:
        images: (n, 28, 28) of float32 in [0, 1].
        seed: Two whole numbers; the same seed and images give the same result.

    Returns:
        Images of the same shape and range.
    """
    seeds = tf.random.split(seed, 3)
    drawn = change_pen(images[..., tf.newaxis], seeds[0])
    placed = change_shape(drawn, seeds[1])
    gain = 1.0 + _uniform(placed, seeds[2], 0.0, 1.5)[:, tf.newaxis, tf.newaxis, tf.newaxis]
    return tf.clip_by_value((placed - 0.4) * gain + 0.4, 0.0, 1.0)[..., 0]


def change_pen(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Make the strokes of some images (n, 28, 28, 1) thicker and of some thinner.

    Thick strokes are a blurred image cut at a low level. For thin ones the level is a share of the highest
    value within two pixels, so that the middle of a thin stroke stays.
    """
    seeds = tf.random.split(seed, 2)
    level = _uniform(images, seeds[0], 0.0, 1.0)[:, tf.newaxis, tf.newaxis, tf.newaxis]
    choice = _uniform(images, seeds[1], 0.0, 1.0)[:, tf.newaxis, tf.newaxis, tf.newaxis]
    blurred = _blur(images)
    thicker = tf.clip_by_value((blurred - (0.10 + 0.30 * level)) * 5.0 + 0.5, 0.0, 1.0)
    ridge = blurred / (tf.nn.max_pool2d(blurred, 5, 1, "SAME") + 1e-3)
    ridge = tf.where(blurred > 0.08, ridge, 0.0)
    thinner = tf.clip_by_value((ridge - (0.55 + 0.37 * level)) * 4.0 + 0.5, 0.0, 1.0)
    changed = tf.where(choice < SHARE_UNCHANGED + SHARE_THICKER, thicker, thinner)
    return tf.where(choice < SHARE_UNCHANGED, images, changed)


def change_shape(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Turn, slant, stretch, tilt, fit and place each image (n, 28, 28, 1)."""
    seeds = tf.random.split(seed, 6)
    ink = tf.reshape(images, (-1, SIDE * SIDE))
    matrix = random_matrix(images, seeds[0])
    centre = _centre_of_mass(ink)
    size = BOX / tf.clip_by_value(_extent(ink, matrix, centre), 8.0, 40.0)
    size *= _uniform(images, seeds[1], *SIZES)
    matrix *= size[:, tf.newaxis, tf.newaxis]
    shift = tf.stack([_symmetric(images, seeds[i], LARGEST_SHIFT) for i in (2, 3)], axis=1)
    perspective = tf.stack([_symmetric(images, seeds[i], LARGEST_PERSPECTIVE) for i in (4, 5)], axis=1)
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=_transforms(tf.linalg.inv(matrix), centre, shift, perspective),
        output_shape=[SIDE, SIDE],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="CONSTANT",
    )


def random_matrix(images: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Return random matrices (n, 2, 2): a stretch that keeps the area, then a shear, then a turn."""
    seeds = tf.random.split(seed, 3)
    turn = _symmetric(images, seeds[0], LARGEST_TURN)
    shear = _symmetric(images, seeds[1], LARGEST_SHEAR)
    stretch = tf.exp(_symmetric(images, seeds[2], LARGEST_STRETCH) / 2)
    cos, sin = tf.cos(turn), tf.sin(turn)
    top = tf.stack([cos * stretch, (cos * shear - sin) / stretch], axis=1)
    bottom = tf.stack([sin * stretch, (sin * shear + cos) / stretch], axis=1)
    return tf.stack([top, bottom], axis=1)


def _centre_of_mass(ink: tf.Tensor) -> tf.Tensor:
    """Return the centre of mass, x and y (n, 2), of images (n, 784) from the upper left corner."""
    weight = tf.where(ink > 0.1, ink, 0.0)
    return tf.matmul(weight, _positions()) / (tf.reduce_sum(weight, axis=1, keepdims=True) + 1e-3)


def _extent(ink: tf.Tensor, matrix: tf.Tensor, centre: tf.Tensor) -> tf.Tensor:
    """Return the larger side (n,) of the ink's box after the matrix is applied."""
    offsets = _positions()[tf.newaxis] - centre[:, tf.newaxis]
    moved = tf.matmul(offsets, matrix, transpose_b=True)
    there = (ink > 0.25)[..., tf.newaxis]
    high = tf.reduce_max(tf.where(there, moved, -1e3), axis=1)
    low = tf.reduce_min(tf.where(there, moved, 1e3), axis=1)
    return tf.reduce_max(high - low, axis=1) + 1.0


def _transforms(inverse: tf.Tensor, centre: tf.Tensor, shift: tf.Tensor, perspective: tf.Tensor) -> tf.Tensor:
    """Return the projective transforms (n, 8) from output to input pixels, in TensorFlow's order.

    The offset of an output pixel from the image's middle is divided by 1 + its product with `perspective`,
    shifted, and turned by `inverse` into an offset from the ink's centre.
    """
    middle = (SIDE - 1) / 2
    one, zero = tf.ones_like(shift[:, 0]), tf.zeros_like(shift[:, 0])
    from_corner = tf.stack(
        [
            tf.stack([one, zero, -middle * one], axis=1),
            tf.stack([zero, one, -middle * one], axis=1),
            tf.stack([perspective[:, 0], perspective[:, 1], 1 - middle * tf.reduce_sum(perspective, 1)], 1),
        ],
        axis=1,
    )
    origin = centre - 0.5 - tf.linalg.matvec(inverse, shift)
    into_input = tf.concat([inverse, origin[:, :, tf.newaxis]], axis=2)
    last_row = tf.stack([zero, zero, one], axis=1)[:, tf.newaxis]
    whole = tf.matmul(tf.concat([into_input, last_row], axis=1), from_corner)
    return tf.reshape(whole / whole[:, 2:, 2:], (-1, 9))[:, :8]


def _blur(images: tf.Tensor) -> tf.Tensor:
    """Blur images (n, 28, 28, 1) with a Gaussian of one pixel."""
    down = tf.constant(_BELL.reshape(7, 1, 1, 1), tf.float32)
    across = tf.constant(_BELL.reshape(1, 7, 1, 1), tf.float32)
    return tf.nn.conv2d(tf.nn.conv2d(images, down, 1, "SAME"), across, 1, "SAME")


def _positions() -> tf.Tensor:
    """Return x and y (784, 2) of each pixel's middle, row by row."""
    y, x = np.meshgrid(_CENTRES, _CENTRES, indexing="ij")
    return tf.constant(np.stack([x.ravel(), y.ravel()], axis=1), tf.float32)


def _uniform(images: tf.Tensor, seed: tf.Tensor, low: float, high: float) -> tf.Tensor:
    """Return a random number from low to high for each image, (n,)."""
    return tf.random.stateless_uniform((tf.shape(images)[0],), seed, low, high)


def _symmetric(images: tf.Tensor, seed: tf.Tensor, largest: float) -> tf.Tensor:
    return _uniform(images, seed, -largest, largest)
