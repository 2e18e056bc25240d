"""The benchmark by writer: which digits it draws, and what its rows say."""

import numpy as np
import pytest

from bench import by_writer
from mnist_app.ink.drawing import Drawing
from mnist_app.learning.release.pendigits import PenDigit


def digit(number: int, writer: int, sample: int = 0) -> PenDigit:
    return PenDigit(number, writer, sample, [np.array([[0.0, 0.0], [30.0 + number, 80.0]])])


def test_only_writers_who_are_held_out_are_drawn() -> None:
    found = by_writer.held_out([digit(1, 3), digit(2, 4)], [digit(3, 4), digit(4, 5), digit(5, 115)])
    assert {name: [each.digit for each in of] for name, of in found.items()} == {
        "UNIPEN": [4, 5],
        "pen digits": [2],
    }


@pytest.mark.parametrize("touching", [False, True])
def test_numbers_are_of_one_writer_and_the_same_each_time(touching: bool) -> None:
    digits = [digit(number, writer) for writer in (5, 10) for number in range(writer - 5, writer)]
    composed = by_writer.numbers(digits, 6, touching)
    assert [len(text) for text, _ in composed] == sorted([2, 3, 4, 5] * 6)
    assert all(len(ways) == len(text) for text, ways in composed)
    assert all(set(text) <= set("01234") or set(text) <= set("56789") for text, _ in composed)
    again = by_writer.numbers(digits, 6, touching)
    assert [text for text, _ in again] == [text for text, _ in composed]
    ink = by_writer.number_on_canvas(composed[-1][1])
    assert ink.pixels.shape == (280, 280, 4) and ink.pixels[..., 0].max() == 255


def test_a_drawing_without_ink_is_an_empty_image() -> None:
    empty = Drawing(np.zeros((280, 280, 4), np.uint8), "canvas")
    assert not by_writer.images_of([empty]).any()


def test_rows_say_what_is_correct_refused_and_who_is_read_worst() -> None:
    sure = np.eye(10, dtype=np.float32)
    reading = by_writer.Reading(
        "UNIPEN",
        by_writer.KINDS[0],
        writers=(5, 5, 10, 10),
        truth=np.array([1, 2, 3, 4], np.uint8),
        probabilities=sure[[1, 2, 3, 9]],
        likelihoods=np.array([0.9, 0.2, 0.9, 0.9], np.float32),
        usual=sure[[1, 0, 0, 0]],
    )
    rows = {row.name: (row.images, row.ours, row.usual, row.target) for row in by_writer.figures([reading])}
    kind = "UNIPEN, strokes, brush 20, 60 %"
    worst = "UNIPEN, all kinds: writer 10, one of the 3 read worst"
    assert rows[kind] == (4, 0.75, 0.25, "≥ 98.5 %")
    assert rows[f"{kind}: called no digit"] == (4, 0.25, 0.0, "≤ 1 %")
    assert rows["UNIPEN, all kinds: calibration error"] == (4, 0.25, 0.75, "≤ 1 %")
    assert rows[worst] == (2, 0.5, 0.0, "")
