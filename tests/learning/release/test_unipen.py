"""UNIPEN's digits: what is read of a file, and what is said of a bad one."""

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mnist_app.errors import DatasetUnavailable
from mnist_app.learning.release.unipen import read_unipen

ONE = {"writer": 3, "digit": 1, "strokes": [[[10.0, 0.0], [10.0, 90.0]]]}


def write(path: Path, *lines: Any) -> Path:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


@pytest.mark.parametrize("name", ["digits.jsonl", "digits.jsonl.gz"])
def test_digits_are_read_in_the_file_s_order(tmp_path: Path, name: str) -> None:
    seven = {"writer": 5, "digit": 7, "strokes": [[[0, 0], [50, 0], [20, 80]], [[5, 40], [45, 40]]]}
    one, other = read_unipen(write(tmp_path / name, ONE, seven))
    assert (one.digit, one.writer, one.sample) == (1, 3, 1)
    assert (other.digit, other.writer, other.sample, len(other.strokes)) == (7, 5, 2, 2)
    np.testing.assert_array_equal(other.strokes[1], [[5.0, 40.0], [45.0, 40.0]])


def test_a_dot_is_left_out(tmp_path: Path) -> None:
    dot = {"writer": 3, "digit": 8, "strokes": [[[4.0, 4.0], [4.0, 5.0]]]}
    assert [digit.digit for digit in read_unipen(write(tmp_path / "a", dot, ONE))] == [1]


@pytest.mark.parametrize(
    "line",
    [
        "no JSON",
        "[1]",
        "[" * 100_000,
        {"writer": 3, "digit": 1},
        ONE | {"digit": 10},
        ONE | {"digit": True},
        ONE | {"digit": "1"},
        ONE | {"writer": None},
        ONE | {"strokes": []},
        ONE | {"strokes": [[]]},
        ONE | {"strokes": [[[1.0, 2.0, 3.0]]]},
        ONE | {"strokes": [[["a", "b"]]]},
        ONE | {"strokes": 7},
        '{"writer": 3, "digit": 1, "strokes": [[[NaN, 0.0], [1.0, 9.0]]]}',
    ],
)
def test_a_malformed_line_is_named(tmp_path: Path, line: Any) -> None:
    with pytest.raises(DatasetUnavailable, match=r"line 2: expected .* got") as caught:
        read_unipen(write(tmp_path / "bad", ONE, line))
    assert len(str(caught.value)) < 400


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetUnavailable, match="There is no file of pen strokes"):
        read_unipen(tmp_path / "gone")
    cut = write(tmp_path / "cut.gz", ONE)
    cut.write_bytes(cut.read_bytes()[:-9])
    with pytest.raises(DatasetUnavailable, match="cannot be read or unpacked"):
        read_unipen(cut)
    with pytest.raises(DatasetUnavailable, match="has no digits"):
        read_unipen(write(tmp_path / "empty"))


def test_real_strokes(unipen_path: Path) -> None:
    digits = read_unipen(unipen_path)
    assert len({digit.writer for digit in digits}) == 115
    assert {digit.digit for digit in digits} == set(range(10))
