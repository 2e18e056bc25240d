"""What is done to a 28 × 28 image, and what that must leave as it is."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mnist_app.ink.alterations import Alterations, add_noise, alter, change_pen, move
from mnist_app.ink.preprocess import place_by_centre_of_mass
from mnist_app.ink.synthetic.synthesis import synthesise

inks = arrays.arrays(np.uint8, (28, 28), elements=st.integers(0, 255))
widths = st.integers(-6, 12).map(lambda half: half / 2)
shifts = st.integers(-30, 30)
alterations = st.builds(
    Alterations,
    right=st.floats(-28, 28),
    down=st.floats(-28, 28),
    turn=st.floats(-360, 360),
    size=st.floats(10, 300),
    thicker=widths,
    noise=st.floats(0, 100),
)


def a_digit() -> np.ndarray:
    """A written 4, in the middle of the image."""
    images, labels = synthesise(40, seed=1)
    return images[list(labels).index(4)]


@given(ink=inks, alterations=alterations)
def test_whatever_is_altered_stays_an_image(ink, alterations):
    before = ink.copy()
    altered = alter(ink, alterations)
    assert altered.shape == (28, 28) and altered.dtype == np.uint8
    np.testing.assert_array_equal(ink, before)
    np.testing.assert_array_equal(alter(ink, alterations), altered)


@given(ink=inks)
def test_an_alteration_of_nothing_changes_nothing(ink):
    np.testing.assert_array_equal(alter(ink, Alterations()), ink)


@given(ink=inks, right=shifts, down=shifts)
def test_a_shift_by_whole_pixels_moves_them_as_they_are(ink, right, down):
    padded = np.pad(ink, 30)
    expected = padded[30 - down : 58 - down, 30 - right : 58 - right]
    np.testing.assert_array_equal(alter(ink, Alterations(right=right, down=down)), expected)


@given(ink=inks, quarters=st.integers(-4, 4))
def test_quarter_turns_to_the_right_are_exact(ink, quarters):
    turned = alter(ink, Alterations(turn=90 * quarters))
    np.testing.assert_array_equal(turned, np.rot90(ink, -quarters))


@given(ink=inks, half_pixels=st.integers(0, 4))
def test_a_shift_by_half_a_pixel_shares_each_pixel_between_two(ink, half_pixels):
    shifted = move(ink, Alterations(right=half_pixels + 0.5)).astype(float)
    padded = np.pad(ink.astype(float), 6)[6:34]
    mean = (padded[:, 6 - half_pixels : 34 - half_pixels] + padded[:, 5 - half_pixels : 33 - half_pixels]) / 2
    assert np.abs(shifted - mean).max() <= 0.5


@pytest.mark.parametrize("turn", [-170, -45, 7, 30, 121])
def test_a_turn_keeps_the_ink_about_the_middle(turn):
    square = np.zeros((28, 28), np.uint8)
    square[9:19, 10:18] = 200
    turned = move(square, Alterations(turn=turn))
    assert turned.sum(dtype=int) == pytest.approx(int(square.sum()), rel=0.02)


@pytest.mark.parametrize("size", [50, 85, 120, 150])
def test_the_area_grows_as_the_square_of_the_size(size):
    square = np.zeros((28, 28), np.uint8)
    square[9:19, 10:18] = 200
    scaled = move(square, Alterations(size=size)).sum(dtype=int)
    assert scaled == pytest.approx(int(square.sum()) * (size / 100) ** 2, rel=0.06)


@given(ink=inks, thicker=widths, more=widths)
def test_a_thicker_pen_only_adds_ink(ink, thicker, more):
    low, high = sorted((thicker, more))
    assert np.all(change_pen(ink, low) <= change_pen(ink, high))


@given(ink=inks, thicker=st.integers(1, 8).map(lambda half: half / 2))
def test_thin_strokes_are_the_thick_paper_between_them(ink, thicker):
    inner = np.pad(ink, 4)  # beyond the edge is paper in both
    thinner, paper = change_pen(inner, -thicker), change_pen(255 - inner, thicker)
    middle = (slice(4, -4), slice(4, -4))
    assert np.abs(thinner[middle].astype(int) - (255 - paper[middle].astype(int))).max() <= 1


@pytest.mark.parametrize(("thicker", "rows"), [(-2.0, 2), (-1.0, 3), (1.0, 5), (2.0, 6), (4.0, 8)])
def test_a_line_grows_wider_by_so_many_pixels(thicker, rows):
    line = np.zeros((28, 28), np.uint8)
    line[12:16] = 255
    assert change_pen(line, thicker)[:, 14].sum(dtype=int) / 255 == pytest.approx(rows, abs=0.01)


def test_a_pen_thinner_than_the_stroke_leaves_nothing():
    line = np.zeros((28, 28), np.uint8)
    line[12:14] = 255
    assert not change_pen(line, -2).any()


@given(ink=inks, noise=st.floats(0, 100))
def test_noise_changes_no_pixel_by_more_than_its_share(ink, noise):
    difference = np.abs(add_noise(ink, noise).astype(int) - ink.astype(int))
    assert difference.max() <= np.ceil(255 * noise / 100)


def test_all_noise_is_the_same_greys_whatever_was_drawn():
    greys = add_noise(a_digit(), 100)
    np.testing.assert_array_equal(greys, add_noise(np.zeros((28, 28), np.uint8), 100))
    assert 100 < greys.mean() < 155 and greys.std() > 60


@given(name=st.sampled_from(["right", "down", "turn", "size", "thicker", "noise"]))
def test_every_alteration_does_something(name):
    altered = alter(a_digit(), replace(Alterations(), **{name: 3.0}))
    assert not np.array_equal(altered, a_digit())


def test_the_ladder_would_undo_a_shift():
    """Why alterations are done to what the network is given, and not to the drawing."""
    moved = alter(a_digit(), Alterations(right=3, down=-2))
    rows, columns = np.flatnonzero(moved.any(axis=1)), np.flatnonzero(moved.any(axis=0))
    cropped = moved[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    np.testing.assert_array_equal(place_by_centre_of_mass(cropped), a_digit())
