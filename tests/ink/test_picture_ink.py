"""Ink on pictures of unknown colours is the ink that was drawn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pictures import SIDE, coloured, encoded, ink_of, likeness, photograph, rounded, seven
from PIL import Image

from mnist_app.errors import EmptyDrawing
from mnist_app.ink.drawing import Drawing
from mnist_app.ink.picture_ink import ink_of_picture, label_patches
from mnist_app.ink.preprocess import preprocess

INK = ink_of(seven())
CLEAN = preprocess(Drawing.from_ink(INK)).image
colours = st.tuples(*[st.integers(0, 255)] * 3)


def opaque(picture):
    if picture.ndim == 2:
        picture = np.dstack([picture] * 3)
    return np.dstack([picture, np.full(picture.shape[:2], 255)]).astype(np.uint8)


def image_of(data):
    return preprocess(Drawing.from_picture(data)).image


def negative(picture):
    return 255 - picture


# -- Even backgrounds


def assert_polarity_does_not_matter(picture):
    """The picture and its negative have the same ink, or none of them has any."""
    found = []
    for each in (picture, negative(picture)):
        try:
            found.append(ink_of_picture(opaque(each)))
        except EmptyDrawing:
            found.append(None)
    np.testing.assert_array_equal(*found)


@pytest.mark.parametrize("picture", [INK, negative(INK)], ids=["white on black", "black on white"])
def test_either_polarity_has_the_same_ink(picture):
    np.testing.assert_array_equal(ink_of_picture(opaque(picture)), INK)


@given(paper=colours, pen=colours)
def test_any_colours_that_differ_enough_have_the_same_ink(paper, pen):
    contrast = np.abs(np.subtract(paper, pen)).max()
    picture = opaque(rounded(coloured(INK, paper, pen)))
    if contrast < 24:
        with pytest.raises(EmptyDrawing):
            ink_of_picture(picture)
    elif contrast > 60:
        found = ink_of_picture(picture).astype(int)
        assert np.abs(found - INK).max() <= 255 * 1.5 / contrast + 1  # a level of the picture, stretched


@given(
    ink=arrays.arrays(np.uint8, (24, 20, 3), elements=st.integers(0, 255), fill=st.just(0)),
    paper=colours,
)
def test_inverting_a_picture_on_an_even_background_changes_nothing(ink, paper):
    picture = np.full((60, 60, 3), paper, np.uint8)
    picture[18:42, 20:40] += ink
    assert_polarity_does_not_matter(picture)


@pytest.mark.parametrize(
    "image",
    [
        pytest.param(Image.fromarray(INK).convert("1"), id="1 bit"),
        pytest.param(Image.fromarray(negative(INK)).convert("P"), id="palette"),
        pytest.param(Image.fromarray(negative(INK).astype(np.uint16) * 257), id="16 bit"),
        pytest.param(
            Image.merge("LA", [Image.new("L", INK.shape), Image.fromarray(INK)]), id="grey and alpha"
        ),
        pytest.param(
            Image.fromarray(np.dstack([np.zeros((*INK.shape, 3), np.uint8), INK])), id="black on nothing"
        ),
        pytest.param(
            Image.fromarray(np.dstack([np.full((*INK.shape, 3), 255, np.uint8), INK])), id="white on nothing"
        ),
    ],
)
def test_kinds_of_pictures(image):
    assert likeness(image_of(encoded(image)), CLEAN) > 0.98


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_jpegs_ripples_are_no_ink(mode):
    picture = Image.fromarray(rounded(coloured(INK, (255, 255, 255), (20, 20, 20)))).convert(mode)
    for quality in (95, 60, 30):
        assert likeness(image_of(encoded(picture, "JPEG", quality=quality)), CLEAN) > 0.98


def test_a_thick_digit_that_fills_its_picture_is_read():
    tight = INK[50:240, 65:205]
    np.testing.assert_array_equal(image_of(encoded(negative(tight))), image_of(encoded(tight)))
    assert likeness(image_of(encoded(tight)), CLEAN) > 0.99


def two_patches(first, second):
    """Grey paper with a larger patch of one level and a smaller patch of another."""
    picture = np.full((60, 60), 128, np.uint8)
    picture[20:40, 10:25] = first
    picture[25:35, 35:50] = second
    return picture


@pytest.mark.parametrize(("first", "second"), [(228, 28), (28, 228)])
def test_on_grey_paper_the_colour_with_more_pixels_is_ink(first, second):
    expected = two_patches(first, 128) != 128
    ink = ink_of_picture(opaque(two_patches(first, second)))
    np.testing.assert_array_equal(ink, expected * np.uint8(255))


def test_as_many_black_as_white_pixels_do_not_cancel_out():
    picture = np.full((60, 60), 128, np.uint8)
    picture[20:40, 10:25] = 28
    picture[20:40, 35:50] = 228
    ink = ink_of_picture(opaque(picture))
    np.testing.assert_array_equal(ink, (picture == 28) * np.uint8(255))
    np.testing.assert_array_equal(ink_of_picture(opaque(negative(picture))), ink)


# -- Photographs

SCENES = {
    "blue ink on yellowish paper": ((235, 225, 180), (40, 50, 150)),
    "pencil": ((245, 245, 245), (95, 95, 95)),
    "red ink": ((245, 245, 245), (200, 40, 40)),
    "charcoal on wood": ((200, 160, 120), (30, 20, 20)),
    "chalk on a board": ((40, 60, 50), (220, 220, 210)),
}


@pytest.mark.parametrize("side", [200, 280, 900])
@pytest.mark.parametrize("shadow", [0.1, 0.35, 0.5])
@pytest.mark.parametrize(("paper", "pen"), SCENES.values(), ids=SCENES.keys())
def test_a_photograph_with_a_shadow_across_it_is_read(paper, pen, shadow, side):
    picture = photograph(ink_of(seven(), side), paper, pen, shadow)
    assert likeness(image_of(encoded(picture, "JPEG", quality=70)), CLEAN) > 0.93


@pytest.mark.parametrize(("paper", "pen"), SCENES.values(), ids=SCENES.keys())
@pytest.mark.parametrize("side", [280, 900])
def test_inverting_a_photograph_changes_nothing(paper, pen, side):
    picture = photograph(ink_of(seven(), side), paper, pen)
    np.testing.assert_array_equal(ink_of_picture(opaque(picture)), ink_of_picture(opaque(negative(picture))))


@given(
    paper=colours,
    pen=colours,
    shadow=st.floats(0, 0.6),
    seed=st.integers(0, 100),
)
def test_inverting_any_photograph_changes_nothing(paper, pen, shadow, seed):
    picture = photograph(ink_of(seven(), 90), paper, pen, shadow, seed=seed)
    assert_polarity_does_not_matter(picture)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("paper", [(235, 225, 180), (245, 245, 245), (40, 60, 50), (128, 128, 128)])
def test_a_photograph_of_blank_paper_is_empty(paper, seed):
    blank = photograph(np.zeros((400, 400), np.uint8), paper, paper, 0.4, seed=seed)
    with pytest.raises(EmptyDrawing):
        image_of(encoded(blank, "JPEG"))


def on_table(thickness):
    picture = photograph(INK, *SCENES["blue ink on yellowish paper"])
    table = np.array([70, 45, 30]) + np.random.default_rng(1).normal(0, 4, picture.shape)
    table[thickness:-thickness, thickness:-thickness] = picture[thickness:-thickness, thickness:-thickness]
    return rounded(table)


@pytest.mark.parametrize("thickness", [4, 12, 18])
def test_a_dark_frame_around_the_paper_is_no_ink(thickness):
    assert likeness(image_of(encoded(on_table(thickness), "JPEG", quality=80)), CLEAN) > 0.93


def test_lines_that_run_off_the_paper_are_no_ink():
    picture = photograph(INK, *SCENES["pencil"])
    picture[:, 30:34] = 90
    picture[250:254] = 90
    assert likeness(image_of(encoded(picture)), CLEAN) > 0.93


def test_a_photograph_whose_ink_all_runs_off_it_is_refused():
    picture = photograph(np.zeros_like(INK), *SCENES["pencil"])
    picture[:, 130:150] = 90
    with pytest.raises(EmptyDrawing, match="empty paper all around"):
        image_of(encoded(picture))


@pytest.mark.parametrize("turns", range(4), ids=["bottom", "right", "top", "left"])
@pytest.mark.parametrize("rows", [225, 230, 234, 240])
@pytest.mark.parametrize(("paper", "pen"), SCENES.values(), ids=SCENES.keys())
def test_a_digit_that_touches_or_nearly_touches_an_edge_is_read(paper, pen, rows, turns):
    picture = photograph(INK, paper, pen, shadow=0.1)[:rows]  # the 7 ends in row 236
    picture = np.ascontiguousarray(np.rot90(picture, turns))
    clean = preprocess(Drawing.from_ink(np.rot90(INK, turns))).image
    assert likeness(image_of(encoded(picture, "JPEG", quality=80)), clean) > 0.9


TWO_EDGES = {  # the 7 has rows 51 to 235 and columns 69 to 200
    "upper left": np.s_[53:, 71:],
    "lower left": np.s_[:232, 71:],
    "top and bottom": np.s_[53:232, :],
    "left and right": np.s_[:, 71:198],
}


@pytest.mark.parametrize("cut", TWO_EDGES.values(), ids=TWO_EDGES.keys())
@pytest.mark.parametrize(("paper", "pen"), SCENES.values(), ids=SCENES.keys())
def test_a_digit_that_touches_two_edges_is_read(paper, pen, cut):
    picture = np.ascontiguousarray(photograph(INK, paper, pen, shadow=0.1)[cut])
    clean = preprocess(Drawing.from_ink(np.ascontiguousarray(INK[cut]))).image
    assert likeness(image_of(encoded(picture, "JPEG", quality=80)), clean) > 0.9


@pytest.mark.parametrize("is_slanted", [False, True])
@pytest.mark.parametrize("side", [60, 80, 100])
def test_ink_inside_is_the_digit_where_the_corner_of_a_table_is_seen(side, is_slanted):
    picture = photograph(INK, *SCENES["pencil"])
    rows, columns = np.indices(picture.shape[:2])
    picture[rows + columns > 559 - side if is_slanted else np.minimum(rows, columns) > 279 - side // 2] = 90
    assert likeness(image_of(encoded(picture)), CLEAN) > 0.93


def test_ink_inside_is_the_digit_where_something_reaches_in_from_the_edge():
    picture = photograph(INK, *SCENES["pencil"])
    picture[200:, 20:36] = 90  # the end of a pen
    assert likeness(image_of(encoded(picture)), CLEAN) > 0.93


def test_specks_are_no_ink():
    picture = photograph(INK, *SCENES["pencil"])
    for y, x in ((20, 20), (240, 250), (30, 240)):
        picture[y : y + 5, x : x + 5] = 60
    assert likeness(image_of(encoded(picture)), CLEAN) > 0.93


# -- Blank pictures


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (50, 50)])
@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_blank_picture_is_empty(level, size):
    with pytest.raises(EmptyDrawing):
        image_of(encoded(np.full(size, level, np.uint8)))


@pytest.mark.parametrize("level", [0, 255])
def test_a_transparent_picture_is_empty(level):
    rgba = np.full((SIDE, SIDE, 4), level, np.uint8)
    rgba[..., 3] = 0
    with pytest.raises(EmptyDrawing):
        image_of(encoded(rgba))


# -- Patches


def flooded(mask):
    """Patches found by flooding each from its first pixel."""
    labels = np.zeros(mask.shape, int)
    count = 0
    for start in zip(*np.nonzero(mask), strict=True):
        if labels[start]:
            continue
        count += 1
        todo = [start]
        while todo:
            y, x = todo.pop()
            if 0 <= y < mask.shape[0] and 0 <= x < mask.shape[1] and mask[y, x] and not labels[y, x]:
                labels[y, x] = count
                todo += [(y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
    return labels, count


@given(mask=arrays.arrays(bool, st.tuples(st.integers(1, 15), st.integers(1, 15))))
def test_patches_are_those_that_flooding_finds(mask):
    labels, count = label_patches(mask)
    expected, expected_count = flooded(mask)
    assert count == expected_count
    pairs = set(zip(labels.ravel().tolist(), expected.ravel().tolist(), strict=True))
    assert len(pairs) == len(np.unique(expected))  # the same patches, whatever their numbers
    assert (labels == 0).tolist() == (expected == 0).tolist()
