"""Drawings that are no digits: what they are made of, that a seed fixes them, and what is held out."""

import hashlib
from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_app.errors import InvalidSetting, UnknownName
from mnist_app.ink.drawing import Drawing
from mnist_app.ink.preprocess import preprocess
from mnist_app.ink.strokes import Stroke
from mnist_app.ink.synthetic.letters import FOREIGN, LETTERS, SIGNS
from mnist_app.ink.synthetic.non_digits import (
    HELD_OUT,
    KINDS,
    MAX_POINTS,
    PRINTED_HELD_OUT,
    PRINTED_TRAINED_ON,
    TRAINED_ON,
    draw_non_digit,
    draw_non_digits,
    pen_width,
    printed_letter,
)

kinds = st.sampled_from(sorted(KINDS))
seeds = st.integers(0, 2**32)

DIGEST = "96428e81a8c96d0ff2d563f4ba89f851886ad73a9185bf84d9367094f2e19475"
"""Of two drawings of each kind with seed 7. Any change to a kind, a letter or the hand changes it."""


@given(kind=kinds, seed=seeds)
def test_strokes_lie_in_the_unit_box_and_fill_it(kind, seed):
    strokes = draw_non_digit(kind, np.random.default_rng(seed))
    points = np.concatenate(strokes)
    assert 1 <= len(strokes) <= 60
    assert all(stroke.dtype == np.float64 and 8 <= len(stroke) <= MAX_POINTS for stroke in strokes)
    assert all(stroke.shape[1:] == (2,) for stroke in strokes)
    assert np.isfinite(points).all()
    assert points.min() >= 0 and points.max() <= 1
    assert np.ptp(points, axis=0).max() == pytest.approx(1, abs=0.01)


@given(kind=kinds, seed=seeds)
def test_points_are_rounded_so_that_machines_agree(kind, seed):
    points = np.concatenate(draw_non_digit(kind, np.random.default_rng(seed))) * 1024
    assert (points == np.rint(points)).all()


@given(kind=kinds, seed=seeds)
def test_strokes_are_smooth_enough_to_be_drawn_as_lines(kind, seed):
    for stroke in draw_non_digit(kind, np.random.default_rng(seed)):
        assert np.linalg.norm(np.diff(stroke, axis=0), axis=1).max() < 0.35


@given(kind=kinds, seed=seeds)
def test_every_kind_climbs_the_ladder_with_a_pen_of_its_own(kind, seed):
    rng = np.random.default_rng(seed)
    strokes, pen = draw_non_digit(kind, rng), pen_width(kind, rng)
    assert KINDS[kind].pen[0] <= pen <= KINDS[kind].pen[1]
    side = 16 / pen
    ladder = preprocess(Drawing.from_strokes([Stroke(stroke * side, 16) for stroke in strokes]))
    assert ladder.image.max() == 1


@pytest.mark.parametrize("kind", KINDS)
def test_no_two_drawings_of_a_kind_are_alike(kind):
    rng = np.random.default_rng(3)
    drawn = [np.concatenate(draw_non_digit(kind, rng)).tobytes() for _ in range(20)]
    assert len(set(drawn)) == 20


@pytest.mark.parametrize("kind", ["blob", "wound blob", "filled square", "dot", "circled dot"])
def test_blobs_and_dots_are_filled(kind):
    for seed in range(20):
        rng = np.random.default_rng(seed)
        strokes, pen = draw_non_digit(kind, rng), pen_width(kind, rng)
        drawing = Drawing.from_strokes([Stroke(stroke * 16 / pen, 16) for stroke in strokes])
        middle = Drawing.from_ink(drawing.pixels[..., 0])
        cropped = preprocess(middle).cropped
        height, width = cropped.shape
        assert (cropped[height // 4 : -height // 4, width // 3 : -width // 3] > 0).mean() > 0.75


def test_the_split_is_complete_and_disjoint():
    assert set(TRAINED_ON) | set(HELD_OUT) == set(KINDS)
    assert not set(TRAINED_ON) & set(HELD_OUT)


@pytest.mark.parametrize(
    "family",
    ["scribble", "letter", "cross", "spiral", "face", "heart", "dot", "blob", "invented character", "sign"],
)
def test_what_must_be_rejected_is_both_trained_on_and_held_out(family):
    assert {kind.is_held_out for kind in KINDS.values() if kind.family == family} == {True, False}


@pytest.mark.parametrize(
    ("name", "table"), [("letter", LETTERS), ("sign", SIGNS), ("foreign letter", FOREIGN)]
)
def test_no_character_is_both_trained_on_and_held_out(name, table):
    def drawn(kind):
        rng = np.random.default_rng(0)
        return {repr(KINDS[kind].sketch(rng)) for _ in range(1000)}

    trained, held_out = drawn(name), drawn(f"other {name}")
    assert not trained & held_out
    assert trained | held_out == {repr(strokes) for strokes in table.values()}
    assert len(held_out) == len(table) // 3


def test_words_have_no_letter_that_is_held_out():
    rng = np.random.default_rng(0)
    trained = {_shape(KINDS["letter"].sketch(rng)[0]) for _ in range(1000)}
    assert all(_shape(KINDS["word"].sketch(rng)[0]) in trained for _ in range(200))


def _shape(stroke):
    return tuple((round(x - stroke[0][0], 6), round(y - stroke[0][1], 6)) for x, y in stroke)


def test_what_is_printed_is_held_out_where_its_strokes_are():
    held_out = {character for table in (LETTERS, SIGNS) for character in list(table)[2::3]}
    assert set(PRINTED_HELD_OUT) <= held_out
    assert not set(PRINTED_TRAINED_ON) & held_out
    assert len(PRINTED_HELD_OUT) > 8 and len(PRINTED_TRAINED_ON) > 20


def test_twins_of_digits_are_not_among_the_letters():
    assert not set(LETTERS) & set("DGIJOQSZbcgijloqsyz")
    assert set("ABEFHKMNRWX") <= set(LETTERS)
    assert not set(PRINTED_TRAINED_ON + PRINTED_HELD_OUT) & set("DGIJOQSZbcgijloqsyz0123456789")


def test_kinds_are_balanced_and_shuffled():
    drawings, order = draw_non_digits(205, 3, TRAINED_ON[:10])
    assert len(drawings) == 205
    assert set(np.bincount(order, minlength=10)) == {20, 21}
    assert (np.diff(order) < 0).sum() > 50


def test_an_index_tells_the_kind():
    drawings, order = draw_non_digits(30, 3, ["two digits", "tick", "face"])
    strokes_of = defaultdict(Counter)
    for strokes, kind in zip(drawings, order.tolist(), strict=True):
        strokes_of[kind][len(strokes)] += 1
    assert set(strokes_of[1]) == {1}
    assert min(strokes_of[2]) >= 4


def test_the_same_seed_gives_the_same_drawings_and_another_seed_others():
    def ways(seed):
        return [np.concatenate(strokes).tobytes() for strokes in draw_non_digits(40, seed)[0]]

    assert ways(3) == ways(3)
    assert not set(ways(3)) & set(ways(4))


def test_a_seed_gives_the_same_drawings_on_every_machine():
    drawings, order = draw_non_digits(2 * len(KINDS), 7, tuple(KINDS))
    digest = hashlib.sha256(order.tobytes())
    for strokes in drawings:
        digest.update(np.concatenate(strokes).tobytes())
    assert digest.hexdigest() == DIGEST


@pytest.mark.parametrize(("count", "seed", "chosen"), [(0, 1, ["cross"]), (5, -1, ["cross"]), (5, 1, [])])
def test_impossible_counts_seeds_and_kinds_are_refused(count, seed, chosen):
    with pytest.raises(InvalidSetting, match="at least"):
        draw_non_digits(count, seed, chosen)


def test_an_unknown_kind_is_refused_with_those_that_exist():
    with pytest.raises(UnknownName, match=r"'elephant'.*cross"):
        draw_non_digit("elephant", np.random.default_rng(0))


@pytest.mark.parametrize("letter", PRINTED_TRAINED_ON + PRINTED_HELD_OUT)
def test_printed_letters_vary_and_touch_their_box(letter):
    one, other = (printed_letter(letter, np.random.default_rng(seed)) for seed in (1, 2))
    assert one.dtype == np.uint8 and one.max() == 255
    assert one.shape != other.shape or (one != other).any()
    for edge in (one[0], one[-1], one[:, 0], one[:, -1]):
        assert edge.any()
    assert preprocess(Drawing.from_ink(one)).image.shape == (28, 28)


def test_printed_letters_are_not_cut_off_by_their_sheet():
    for seed in range(60):
        height, width = printed_letter("W", np.random.default_rng(seed)).shape
        assert height < 192 and width < 192
