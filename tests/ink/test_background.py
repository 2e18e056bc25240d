"""Ink on pictures of unknown colours."""

import numpy as np
import pytest

from mnist_app.errors import EmptyDrawing
from mnist_app.ink.background import ink_of_picture, label_patches


def rgba(colours):
    return np.dstack([colours, np.full(colours.shape[:2], 255)]).astype(np.uint8)


def test_black_on_white_and_white_on_black_have_the_same_ink():
    ink = np.zeros((40, 30), np.uint8)
    ink[10:30, 12:18] = 255
    picture = np.dstack([ink, ink, ink])
    np.testing.assert_array_equal(ink_of_picture(rgba(picture)), ink)
    np.testing.assert_array_equal(ink_of_picture(rgba(255 - picture)), ink)


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_blank_picture_is_empty(level):
    with pytest.raises(EmptyDrawing):
        ink_of_picture(rgba(np.full((50, 50, 3), level)))


def test_patches_are_numbered():
    mask = np.array([[1, 0, 1], [0, 1, 0], [0, 0, 0], [1, 1, 0]], bool)
    labels, count = label_patches(mask)
    assert count == 2
    assert labels[0, 0] == labels[0, 2] == labels[1, 1] != labels[3, 0] == labels[3, 1] != 0
