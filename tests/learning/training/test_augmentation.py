"""What augmentation keeps, what it changes, and that the geometry is the one described."""

import numpy as np
import pytest
import tensorflow as tf
from numpy.typing import NDArray

from mnist_app.learning.training import augmentation
from mnist_app.learning.training.augmentation import augment, change_pen, change_shape

SEED = tf.constant([3, 4], tf.int64)


def bars(n: int, width: int = 3, left: int = 12) -> NDArray[np.float32]:
    """Upright bars 20 pixels high."""
    images = np.zeros((n, 28, 28), np.float32)
    images[:, 4:24, left : left + width] = 1
    return images


def centres(images: NDArray[np.float32]) -> NDArray[np.float64]:
    """(n, 2): y and x of the centres of mass."""
    at = np.arange(28) + 0.5
    mass = images.sum(axis=(1, 2))
    return np.stack([(images.sum(axis=2) @ at) / mass, (images.sum(axis=1) @ at) / mass], axis=1)


def test_shape_range_and_type_stay() -> None:
    images = np.random.default_rng(0).random((17, 28, 28)).astype(np.float32)
    result = augment(images, SEED).numpy()
    assert result.shape == images.shape
    assert result.dtype == np.float32
    assert result.min() >= 0
    assert result.max() <= 1


def test_the_seed_decides() -> None:
    images = bars(20)
    first, again, other = (augment(images, seed).numpy() for seed in (SEED, SEED, SEED + 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_each_image_is_changed_in_its_own_way() -> None:
    result = augment(bars(50), SEED).numpy()
    assert len(np.unique(result.reshape(50, -1), axis=0)) == 50


def test_an_empty_image_stays_empty() -> None:
    assert augment(np.zeros((4, 28, 28), np.float32), SEED).numpy().max() == 0


def test_pens_become_thinner_and_thicker_or_stay() -> None:
    images = bars(400)
    ink = change_pen(images[..., np.newaxis], SEED).numpy().sum(axis=(1, 2, 3)) / images[0].sum()
    unchanged = np.isclose(ink, 1)
    assert np.mean(unchanged) == pytest.approx(augmentation.SHARE_UNCHANGED, abs=0.1)
    assert ink.max() > 1.4
    assert ink.min() < 0.6


def test_thin_strokes_are_not_broken() -> None:
    """However thin the pen becomes, every row of the bar keeps ink."""
    result = change_pen(bars(400, width=1)[..., np.newaxis], SEED).numpy()[..., 0]
    assert result[:, 5:23].max(axis=2).min() > 0.1


def test_digits_are_placed_by_their_centre_of_mass_and_fitted() -> None:
    """Wherever and however large the ink was: the centre within the shift, the larger side as MNIST's."""
    small = np.zeros((300, 28, 28), np.float32)
    small[:, 2:14, 3:9] = 1
    result = change_shape(small[..., np.newaxis], SEED).numpy()[..., 0]
    assert np.abs(centres(result) - 14).max() < augmentation.LARGEST_SHIFT + 0.6
    there = result > 0.5
    height = there.any(axis=2).sum(axis=1)
    width = there.any(axis=1).sum(axis=1)
    side = np.maximum(height, width)
    low, high = augmentation.SIZES
    assert side.min() >= augmentation.BOX * low - 2
    assert side.max() <= augmentation.BOX * high + 2


def test_without_distortion_a_fitted_digit_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TURN", "SHEAR", "STRETCH", "PERSPECTIVE", "SHIFT"):
        monkeypatch.setattr(augmentation, f"LARGEST_{name}", 0.0)
    monkeypatch.setattr(augmentation, "SIZES", (1.0, 1.0))
    image = np.zeros((1, 28, 28, 1), np.float32)
    image[0, 4:24, 9:19] = 1
    np.testing.assert_allclose(change_shape(image, SEED).numpy(), image, atol=1e-3)


def test_a_quarter_turn_is_a_quarter_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SHEAR", "STRETCH", "PERSPECTIVE", "SHIFT"):
        monkeypatch.setattr(augmentation, f"LARGEST_{name}", 0.0)
    monkeypatch.setattr(augmentation, "SIZES", (1.0, 1.0))
    monkeypatch.setattr(
        augmentation,
        "random_matrix",
        lambda images, seed: tf.constant([[[0.0, -1.0], [1.0, 0.0]]] * len(images)),
    )
    image = np.zeros((1, 28, 28, 1), np.float32)
    image[0, 4:24, 9:19] = 1
    image[0, 4:9, 9:12] = 0
    result = change_shape(image, SEED).numpy()
    # x to the right and y down: (x, y) -> (-y, x) turns clockwise. The centre of mass stays, which is
    # not quite the middle, so half a pixel is left to interpolation.
    expected = np.rot90(image, -1, axes=(1, 2))
    assert np.abs(result - expected).mean() < 0.03
    assert np.abs(result - np.rot90(image, 1, axes=(1, 2))).mean() > np.abs(result - expected).mean() * 1.5
