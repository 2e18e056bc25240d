"""Writing on paper: pictures as a scanner or a camera takes them."""

import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mnist_app.errors import EmptyDrawing
from mnist_app.ink.drawing import Drawing
from mnist_app.ink.preprocess import preprocess
from mnist_app.ink.strokes import Points, Stroke
from mnist_app.ink.synthetic.paper import SHEETS, SIDE, Sheet, on_paper

SEVEN: list[Points] = [np.array([[10.0, 10.0], [60.0, 8.0], [45.0, 50.0], [30.0, 95.0]])]


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_the_ink_is_darker_than_paper_and_rules(sheet: Sheet) -> None:
    for seed in range(5):
        taken = on_paper(SEVEN, sheet, np.random.default_rng(seed))
        picture = np.asarray(Image.open(io.BytesIO(taken)).convert("L"), np.float64)
        ink, paper = np.quantile(picture, [0.001, 0.5])
        assert paper - ink > 35, seed


PENCIL, SCAN, THIN_PEN = SHEETS[:3]


@pytest.mark.parametrize(
    ("sheet", "likeness"),
    [
        pytest.param(SCAN, 0.6, id="scan"),
        pytest.param(replace(PENCIL, pen=(0.02, 0.02), darkness=(0.35, 0.35)), 0.5, id="faintest pencil"),
        pytest.param(replace(THIN_PEN, pen=(0.012, 0.012)), 0.5, id="thinnest pen"),
    ],
)
def test_a_sheet_is_read_as_it_was_written(sheet: Sheet, likeness: float) -> None:
    """The line is thinner than the one expected, so a faint pencil's image is less like it than a scan's."""
    expected = preprocess(Drawing.from_strokes([Stroke(SEVEN[0], 6.0)])).image
    for seed in range(5):
        found = preprocess(Drawing.from_picture(on_paper(SEVEN, sheet, np.random.default_rng(seed)))).image
        assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > likeness, seed


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_an_empty_sheet_has_no_ink(sheet: Sheet) -> None:
    unwritten = replace(sheet, darkness=(0.0, 0.0))
    for seed in range(5):
        with pytest.raises(EmptyDrawing):
            preprocess(Drawing.from_picture(on_paper(SEVEN, unwritten, np.random.default_rng(seed))))


@given(st.sampled_from(SHEETS), st.integers(0, 2**32), st.floats(1e-3, 1e4), st.floats(-1e5, 1e5))
def test_size_and_place_of_the_strokes_do_not_matter(
    sheet: Sheet, seed: int, scale: float, shift: float
) -> None:
    taken = [
        Image.open(io.BytesIO(on_paper(ways, sheet, np.random.default_rng(seed))))
        for ways in (SEVEN, [SEVEN[0] * scale + shift])
    ]
    assert all(picture.size == (SIDE, SIDE) for picture in taken)
    first, other = (np.asarray(picture.convert("L"), np.float64) for picture in taken)
    assert np.abs(first - other).mean() < 1.0


def test_a_dot_can_be_written() -> None:
    for sheet in SHEETS:
        on_paper([np.array([[3.0, 3.0]])], sheet, np.random.default_rng(0))


def test_squared_paper_has_rules_both_ways_and_lined_paper_one() -> None:
    empty = [np.array([[0.0, 0.0], [0.0, 0.01]])]
    for name, across, down in (("squared paper", True, True), ("lined paper", True, False)):
        (sheet,) = [each for each in SHEETS if each.name == name]
        picture = Image.open(io.BytesIO(on_paper(empty, sheet, np.random.default_rng(1)))).convert("L")
        edge = np.asarray(picture, np.float64)[:, : SIDE // 5]  # without the writing
        assert has_rules(edge.mean(axis=1)) is across
        assert has_rules(np.asarray(picture, np.float64)[: SIDE // 5].mean(axis=0)) is down


def has_rules(profile: np.ndarray[tuple[int], np.dtype[np.float64]]) -> bool:
    """Whether single places are darker than their neighbourhood."""
    return bool((np.convolve(profile, np.ones(9) / 9, "valid") - profile[4:-4]).max() > 5.0)
