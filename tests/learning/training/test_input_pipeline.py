"""The images of a training: each is taken once, the seed decides, and what joins them is held out nowhere."""

from dataclasses import replace

import numpy as np
import pytest
from patches import patches

from mnist_app.learning.training.input_pipeline import (
    add_written_digits,
    batches,
    split_training_images,
    written_digits,
)
from mnist_app.learning.training.presets import get_preset

SMALL = patches(600)
CONFIG = replace(get_preset("dense").defaults, epochs=3, batch_size=16, validation_share=0.2)


@pytest.mark.parametrize("train_size", [None, 100, 600])
@pytest.mark.parametrize("share", [0.0, 1 / 12, 0.5])
def test_the_split_takes_each_image_once(train_size: int | None, share: float) -> None:
    split = split_training_images(SMALL, replace(CONFIG, train_size=train_size, validation_share=share))
    size = train_size or 600
    assert len(split.x_val) == round(size * share)
    assert len(split.x_train) + len(split.x_val) == size
    together = np.concatenate([split.x_train, split.x_val])
    assert len(np.unique(together.reshape(size, -1), axis=0)) == size
    labels = dict(zip((image.tobytes() for image in SMALL.x_train), SMALL.y_train, strict=True))
    for image, label in zip(together, np.concatenate([split.y_train, split.y_val]), strict=True):
        assert labels[image.tobytes()] == label
    if size == 600:
        np.testing.assert_array_equal(together, SMALL.x_train)


def test_fewer_images_are_drawn_by_the_seed() -> None:
    first, again, other = (
        split_training_images(SMALL, replace(CONFIG, train_size=100, seed=seed)).x_train for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_written_digits_join_the_images_trained_on_alone() -> None:
    preset = get_preset("accurate")
    assert preset.written_share > 0
    split = split_training_images(SMALL, CONFIG)
    more = add_written_digits(split, preset)
    count = round(480 * preset.written_share)
    assert len(more.x_train) == len(more.y_train) == 480 + count
    np.testing.assert_array_equal(more.x_train[:480], split.x_train)
    np.testing.assert_array_equal(more.y_train[:480], split.y_train)
    x, y = written_digits(count)
    np.testing.assert_array_equal(more.x_train[480:], x)
    np.testing.assert_array_equal(more.y_train[480:], y)
    np.testing.assert_array_equal(more.x_val, split.x_val)


@pytest.mark.slow
def test_fewer_written_digits_are_the_first_of_more() -> None:
    x, y = written_digits(1100)
    assert x.shape == (1100, 28, 28) and set(y.tolist()) == set(range(10))
    assert len(np.unique(x, axis=0)) > 1000
    for count in (1, 500, 501):
        fewer_x, fewer_y = written_digits(count)
        np.testing.assert_array_equal(fewer_x, x[:count])
        np.testing.assert_array_equal(fewer_y, y[:count])


def test_the_published_presets_train_on_the_data_set_alone() -> None:
    split = split_training_images(SMALL, CONFIG)
    for name in ("dense", "cnn"):
        assert add_written_digits(split, get_preset(name)) is split


def test_the_batches_are_the_images_once_each_in_another_order_each_epoch() -> None:
    x, y = SMALL.x_train, SMALL.y_train
    epochs = batches(x, y, replace(CONFIG, batch_size=32), get_preset("dense"))
    orders = []
    for _ in range(2):
        images = np.concatenate([batch[0].numpy() for batch in epochs])
        assert images.dtype == np.float32
        as_bytes = [np.round(image * 255).astype(np.uint8).tobytes() for image in images]
        assert sorted(as_bytes) == sorted(image.tobytes() for image in x)
        orders.append(as_bytes)
    assert orders[0] != orders[1]
    assert orders[0] != [image.tobytes() for image in x]


@pytest.mark.slow
def test_augmented_batches_differ_each_epoch_and_keep_their_labels() -> None:
    config = replace(CONFIG, preset="accurate", batch_size=600)
    epochs = batches(SMALL.x_train, SMALL.y_train, config, get_preset("accurate"))
    (first,), (second,) = list(epochs), list(epochs)
    assert not np.array_equal(np.sort(first[0].numpy().ravel()), np.sort(second[0].numpy().ravel()))
    assert first[1].numpy().sum(axis=0).tolist() == np.bincount(SMALL.y_train, minlength=10).tolist()


def test_no_thread_goes_by_the_clock_of_the_day_while_batches_are_made() -> None:
    # tests/test_machine_clock.py sets the clock back in a training: at times its end waited for that thread.
    epochs = batches(SMALL.x_train, SMALL.y_train, CONFIG, get_preset("dense"))
    assert epochs.options().autotune.enabled is False
