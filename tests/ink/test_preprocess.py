"""The ladder's properties, and that MNIST's own images climb it unchanged."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pictures import encoded, ink_of, likeness, seven

from mnist_app.errors import EmptyDrawing
from mnist_app.ink.drawing import Drawing
from mnist_app.ink.preprocess import crop, fit, place_by_centre_of_mass, preprocess, preprocess_strokes
from mnist_app.ink.strokes import Stroke, render
from mnist_app.ink.synthetic.synthesis import write_digit
from mnist_app.settings import ASSETS

shapes = st.tuples(st.integers(1, 90), st.integers(1, 90))
inks = arrays.arrays(np.uint8, shapes, elements=st.integers(0, 255))
faint_inks = arrays.arrays(np.uint8, shapes, elements=st.integers(0, 1), fill=st.just(0))


def digit_strokes(digit, seed, width):
    """A synthetic digit on a canvas of 280."""
    written = write_digit(digit, np.random.default_rng(seed))
    return [Stroke(points * 140 + 70, width) for points in written]


digits = st.builds(digit_strokes, st.integers(0, 9), st.integers(0, 2**32), st.floats(8, 30))


def is_an_image(image):
    return image.shape == (28, 28) and image.dtype == np.float32 and image.min() >= 0 and image.max() <= 1


@given(ink=inks | faint_inks)
@example(ink=np.eye(90, dtype=np.uint8))
@example(ink=np.zeros((1, 1), np.uint8))
def test_any_ink_becomes_an_image_or_is_empty(ink):
    drawing = Drawing.from_ink(ink)
    if not ink.any():
        with pytest.raises(EmptyDrawing):
            preprocess(drawing)
        return
    ladder = preprocess(drawing)
    assert is_an_image(ladder.image) and ladder.image.any()
    np.testing.assert_array_equal(ladder.ink, ink)
    assert max(ladder.fitted.shape) == 20
    assert (
        np.abs(np.subtract(ladder.fitted.shape, np.multiply(ink_box(ink), 20 / max(ink_box(ink))))).max() <= 1
    )
    np.testing.assert_array_equal(ladder.image, ladder.centred / np.float32(255))
    assert ladder.centred.sum(dtype=int) == ladder.fitted.sum(dtype=int)  # nothing fell over the edge


def ink_box(ink):
    """Height and width of the box that holds the ink."""
    return np.ptp(np.argwhere(ink), axis=0) + 1


@given(rgba=arrays.arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40), st.just(4))))
def test_any_picture_becomes_an_image_or_is_empty(rgba):
    try:
        image = preprocess(Drawing(rgba, "picture")).image
    except EmptyDrawing:
        return
    assert is_an_image(image) and image.any()


few_levels = st.sampled_from([0, 64, 128, 160, 192, 255])


@given(
    rgba=arrays.arrays(
        np.uint8,
        st.tuples(st.integers(1, 3), st.integers(1, 4), st.just(4)),
        elements=few_levels | st.integers(0, 255),
    )
)
@example(rgba=np.array([[[0, 160, 160, 160], [160, 160, 160, 160]]], np.uint8))
def test_any_tiny_picture_becomes_an_image_or_is_empty(rgba):
    """In a few pixels of a few colours, departures from the background often cancel out."""
    try:
        image = preprocess(Drawing(rgba, "picture")).image
    except EmptyDrawing:
        return
    assert np.isfinite(image).all() and is_an_image(image) and image.any()


@given(ink=inks, places=st.tuples(*[st.integers(0, 100)] * 4))
def test_moving_a_drawing_changes_nothing(ink, places):
    ink[0, 0] = 255
    y1, x1, y2, x2 = places
    images = []
    for y, x in ((y1, x1), (y2, x2)):
        canvas = np.zeros((190, 190), np.uint8)
        canvas[y : y + ink.shape[0], x : x + ink.shape[1]] = ink
        images.append(preprocess(Drawing.from_ink(canvas)).image)
    np.testing.assert_array_equal(*images)


@given(drawn=digits, dx=st.integers(-50, 50), dy=st.integers(-50, 50))
def test_moving_strokes_by_whole_pixels_changes_nothing(drawn, dx, dy):
    moved = [stroke.moved(dx, dy) for stroke in drawn]
    np.testing.assert_array_equal(
        preprocess(Drawing.from_strokes(drawn, 280)).image, preprocess(Drawing.from_strokes(moved, 280)).image
    )


@given(drawn=digits, factor=st.floats(0.5, 2))
def test_scaling_a_drawing_changes_little(drawn, factor):
    scaled = [stroke.scaled(factor) for stroke in drawn]
    images = [preprocess(Drawing.from_ink(render(each, (560, 560)))).image for each in (drawn, scaled)]
    # 0.81 at the least of 500: a pen that is a pixel wide at 20 × 20 falls on other pixels; half have 0.995.
    assert likeness(*images) > 0.75


@given(drawn=digits)
def test_a_canvas_and_its_strokes_alone_give_the_same(drawn):
    on_canvas = preprocess(Drawing.from_strokes(drawn, 280)).image
    alone = preprocess(Drawing.from_strokes(drawn)).image
    np.testing.assert_array_equal(on_canvas, alone)


dots = st.builds(
    lambda x, y, width: [Stroke(np.array([[x, y], [x + 0.01, y]]), width)],
    *(st.floats(-20, 300), st.floats(-20, 300), st.floats(8, 40)),
)


@given(drawn=digits | dots)
def test_the_last_step_alone_is_the_ladder_s(drawn):
    try:
        expected = preprocess(Drawing.from_strokes(drawn, 280)).centred
    except EmptyDrawing:
        with pytest.raises(EmptyDrawing):
            preprocess_strokes(drawn, 280)
        return
    np.testing.assert_array_equal(preprocess_strokes(drawn, 280), expected)


@given(drawn=digits)
def test_a_picture_of_a_canvas_is_read_as_the_canvas(drawn):
    ink = ink_of(drawn)
    on_canvas = preprocess(Drawing.from_ink(ink)).image
    for picture in (ink, 255 - ink):
        np.testing.assert_array_equal(preprocess(Drawing.from_picture(encoded(picture))).image, on_canvas)


@given(drawn=digits)
def test_a_thin_pen_leaves_full_ink(drawn):
    thin = [Stroke(stroke.points, 1.0) for stroke in drawn]
    assert preprocess(Drawing.from_ink(ink_of(thin))).image.max() == 1


@given(drawn=digits, brush=st.floats(4, 40), factor=st.floats(0.3, 1.5))
def test_where_strokes_are_known_brush_and_size_hardly_matter(drawn, brush, factor):
    otherwise = [Stroke(stroke.points * factor, brush) for stroke in drawn]
    images = [preprocess(Drawing.from_strokes(strokes, 560)).image for strokes in (drawn, otherwise)]
    assert likeness(*images) > 0.97


def test_from_pixels_alone_nothing_is_re_inked():
    assert preprocess(Drawing.from_ink(ink_of(seven()))).re_inked is None


def test_an_empty_canvas_is_empty():
    for drawing in (Drawing.from_strokes([], 280), Drawing.from_strokes([])):
        with pytest.raises(EmptyDrawing, match="no ink yet"):
            preprocess(drawing)


def test_ink_on_a_transparent_canvas_is_what_is_opaque():
    rgba = np.full((30, 30, 4), 255, np.uint8)
    rgba[..., 3] = 0
    rgba[5:25, 10:20, 3] = 255
    assert preprocess(Drawing(rgba, "canvas")).cropped.shape == (20, 10)


def test_a_canvas_is_never_taken_for_its_negative():
    ink = np.full((100, 100), 255, np.uint8)  # a canvas that someone filled
    ink[40:60, 40:60] = 0
    np.testing.assert_array_equal(preprocess(Drawing.from_ink(ink)).ink, ink)


def test_a_one_stays_narrow():
    ink = np.zeros((100, 100), np.uint8)
    ink[10:90, 50:58] = 255
    ladder = preprocess(Drawing.from_ink(ink))
    assert ladder.cropped.shape == (80, 8)
    assert ladder.fitted.shape == (20, 2)
    assert (ladder.fitted == 255).all()


@pytest.mark.parametrize("side", [1, 7, 19, 20, 21, 280])
def test_ink_is_fitted_to_20_pixels(side):
    fitted = fit(np.full((side, side), 255, np.uint8))
    assert fitted.shape == (20, 20)
    assert (fitted[9:11, 9:11] > 100).all() if side < 20 else (fitted == 255).all()


def test_ink_of_20_pixels_is_left_as_it_is():
    cropped = np.arange(20 * 12, dtype=np.uint8).reshape(20, 12)
    assert fit(cropped) is cropped


@given(fitted=arrays.arrays(np.uint8, (20, 15), elements=st.integers(0, 255)))
def test_the_centre_of_mass_is_in_the_middle(fitted):
    fitted[[0, -1], [0, -1]] = 255  # the ink reaches all four sides of its box
    centred = place_by_centre_of_mass(fitted)
    place = np.arange(28) + 0.5
    for axis in (0, 1):
        mass = centred.sum(axis=axis, dtype=float)
        at_edge = mass[0] > 0 or mass[-1] > 0
        assert at_edge or 14 <= place @ mass / mass.sum() <= 15


def test_cropping_keeps_just_the_ink():
    ink = np.zeros((9, 9), np.uint8)
    ink[2, 3], ink[6, 4] = 1, 255
    assert crop(ink).shape == (5, 2)


def test_the_ladder_keeps_every_rung():
    drawing = Drawing.from_strokes(seven(), 280)
    ladder = preprocess(drawing)
    assert ladder.as_drawn is drawing.pixels
    rungs = (ladder.ink, ladder.re_inked, ladder.cropped, ladder.fitted, ladder.centred)
    assert [rung.dtype for rung in rungs] == [np.uint8] * 5


# -- MNIST's own images


@pytest.fixture(scope="module")
def mnist(mnist_path):
    with np.load(mnist_path) as arrays:
        return arrays["x_test"], arrays["y_test"]


def climbed(images, drawing_of):
    return np.stack([preprocess(drawing_of(image)).centred for image in images])


def test_mnists_own_images_climb_unchanged(mnist):
    images, _ = mnist
    changed = (climbed(images, Drawing.from_ink) != images).any(axis=(1, 2))
    assert changed.sum() <= 3  # three of the 10,000 are not fitted to 20 × 20 themselves


@pytest.mark.parametrize("picture_of", [lambda ink: ink, lambda ink: 255 - ink], ids=["white", "black"])
def test_mnists_own_images_climb_nearly_unchanged_as_pictures(mnist, picture_of):
    images = mnist[0][::5]
    found = climbed(images, lambda ink: Drawing.from_picture(encoded(picture_of(ink))))
    change = np.abs(found.astype(int) - images).max(axis=(1, 2))
    assert (change > 1).sum() <= 4
    assert (change > 0).mean() < 0.15  # where no pixel of the image is quite white


@pytest.mark.slow
@pytest.mark.skipif(not (ASSETS / "model.keras").is_file(), reason="The model that ships is not built yet.")
def test_the_ladder_costs_mnist_at_most_a_tenth_of_a_point(mnist):
    from mnist_app.learning.inference.classifier import Classifier

    images, labels = mnist
    classifier = Classifier.load(ASSETS / "model.keras")

    def accuracy(pixels):
        probabilities = classifier.probabilities_of(pixels.astype(np.float32) / np.float32(255))
        return float(np.mean(probabilities.argmax(axis=1) == labels))

    expected = accuracy(images)
    for drawing_of in (
        Drawing.from_ink,
        lambda ink: Drawing.from_picture(encoded(ink)),
        lambda ink: Drawing.from_picture(encoded(255 - ink)),
    ):
        assert accuracy(climbed(images, drawing_of)) >= expected - 0.001
