"""Damaged pictures and messages of the canvas: each is read or refused with a sentence."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from damage import PATIENCE, altered, damaged, fuzzed, only_sentences, with_right_checksums
from hypothesis import given
from hypothesis import strategies as st
from originals import SMALL, as_json, canvas_json, canvas_png, pictures

from mnist_app.cli.drawing_files import read_image
from mnist_app.errors import AppError
from mnist_app.ink.drawing import MAX_SIDE, Drawing
from mnist_app.ink.preprocess import preprocess

pytestmark = pytest.mark.timeout(PATIENCE)


def assert_can_be_used(drawing: Drawing) -> None:
    """Its pixels are of a bounded size, and there is an image for the network or a sentence why not."""
    assert drawing.pixels.dtype == np.uint8 and max(drawing.pixels.shape[:2]) <= MAX_SIDE
    image = preprocess(drawing).image
    assert image.shape == (28, 28) and image.min() >= 0 and image.max() == 1


@fuzzed
@given(damaged(pictures(), with_right_checksums))
def test_a_damaged_picture_is_read_or_refused(data: bytes) -> None:
    with only_sentences():
        assert_can_be_used(Drawing.from_picture(data))


@fuzzed
@given(st.just(canvas_png()) | damaged([canvas_png()], with_right_checksums), altered(canvas_json()))
def test_a_message_of_the_canvas_is_read_or_refused(png: bytes, strokes: Any) -> None:
    with only_sentences():
        assert_can_be_used(Drawing.from_canvas(png, strokes, SMALL))


@fuzzed
@given(altered(canvas_json()).map(as_json) | damaged([as_json(canvas_json())]))
def test_a_file_with_a_drawing_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    file = tmp_path_factory.getbasetemp() / "drawing.json"
    file.write_bytes(data)
    image = read_image(Path(file))
    assert isinstance(image, AppError) or image.shape == (28, 28)


def test_what_is_not_damaged_is_read() -> None:
    for data in pictures():
        assert_can_be_used(Drawing.from_picture(data))
    assert_can_be_used(Drawing.from_canvas(canvas_png(), json.loads(as_json(canvas_json())), SMALL))
