"""Reading real pen strokes, and texts that are not quite such."""

import gzip
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_app.errors import AppError, DatasetUnavailable
from mnist_app.learning.release import pendigits
from mnist_app.learning.release.pendigits import BOX, PenDigit, read_pendigits

SMALL = """.INCLUDE dene.doc

.LEXICON "0" "1"
.HIERARCHY DIGIT

.SEGMENT DIGIT    0-1 ? "4"
.COMMENT 4 14  100
.PEN_DOWN
 267  333
 260  300
.PEN_UP
.DT 100
.PEN_DOWN
 10  0
.PEN_UP
.DT 100
"""


def unipen(digits: list[PenDigit]) -> str:
    """Write digits as the UNIPEN text that they were read from."""
    lines = ['.LEXICON "0" "1"', ".HIERARCHY DIGIT"]
    for index, digit in enumerate(digits):
        lines += [f'.SEGMENT DIGIT {index} ? "{digit.digit}"']
        lines += [f".COMMENT {digit.digit} {digit.writer:2} {digit.sample:4}"]
        for stroke in digit.strokes:
            points = [f" {int(x)}  {BOX - int(y)}" for x, y in stroke]
            lines += [".PEN_DOWN", *points, ".PEN_UP", ".DT 100"]
    return "\n".join(lines) + "\n"


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_small_text(tmp_path: Path) -> None:
    (digit,) = read_pendigits(write(tmp_path / "small.tra", SMALL))
    assert (digit.digit, digit.writer, digit.sample) == (4, 14, 100)
    assert [stroke.tolist() for stroke in digit.strokes] == [[[267, 167], [260, 200]], [[10, 500]]]
    assert all(stroke.dtype == np.float64 for stroke in digit.strokes)


coordinates = st.integers(0, BOX)
strokes = st.lists(st.tuples(coordinates, coordinates), min_size=1, max_size=5).map(
    lambda points: np.array(points, dtype=np.float64)
)
pen_digits = st.builds(
    PenDigit,
    st.integers(0, 9),
    st.integers(1, 44),
    st.integers(1, 300),
    st.lists(strokes, min_size=1, max_size=3),
)


@given(st.lists(pen_digits, min_size=1, max_size=4), st.booleans())
@settings(deadline=None)
def test_what_is_written_is_read(digits: list[PenDigit], packed: bool) -> None:
    data = unipen(digits).encode()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "digits"
        path.write_bytes(gzip.compress(data) if packed else data)
        found = read_pendigits(path)
    for one, other in zip(found, digits, strict=True):
        assert (one.digit, one.writer, one.sample) == (other.digit, other.writer, other.sample)
        for stroke, expected in zip(one.strokes, other.strokes, strict=True):
            np.testing.assert_array_equal(stroke, expected)


MALFORMED = {
    "not a digit": ('"4"', '"x"', 6, "expected .SEGMENT DIGIT"),
    "no writer": ("4 14  100", "4", 7, "expected .COMMENT"),
    "another digit": ("4 14  100", "5 14  100", 7, "the comment says 5, its segment 4"),
    "no comment": (".COMMENT 4 14  100\n", "", 7, "where no stroke can begin"),
    "two comments": (
        ".PEN_DOWN\n 267",
        ".COMMENT 4 14 100\n.PEN_DOWN\n 267",
        8,
        "outside a digit's beginning",
    ),
    "one number": (" 260  300", " 260", 10, "expected two whole numbers from 0 to 500, got '260'"),
    "no number": (" 260  300", " 260  nan", 10, "expected two whole numbers"),
    "outside the box": (" 260  300", " 260  501", 10, "outside the box"),
    "negative": (" 260  300", " -1  300", 10, "expected two whole numbers"),
    "pen down twice": (" 260  300", ".PEN_DOWN", 10, "where no stroke can begin"),
    "pen never up": (".PEN_UP\n.DT 100\n.PEN_DOWN", ".DT 100\n.PEN_DOWN", 12, "where no stroke can begin"),
    "pen up twice": (".DT 100\n.PEN_DOWN", ".PEN_UP\n.PEN_DOWN", 12, "PEN_UP without a stroke"),
    "stroke without points": (" 10  0\n", "", 14, "PEN_UP without a stroke"),
    "points with the pen up": (".DT 100\n.PEN_DOWN", " 1 2\n.PEN_DOWN", 12, "'1 2' outside a stroke"),
    "ends within a stroke": (" 10  0\n.PEN_UP\n.DT 100\n", " 10  0\n", 14, "not closed by .PEN_UP"),
    "next digit too soon": (" 260  300", '.SEGMENT DIGIT 1 ? "1"', 10, "not closed by .PEN_UP"),
}


@pytest.mark.parametrize(("old", "new", "line", "fault"), MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_text_is_named_with_its_line(
    old: str, new: str, line: int, fault: str, tmp_path: Path
) -> None:
    assert SMALL.count(old) == 1
    path = write(tmp_path / "bad.tra", SMALL.replace(old, new))
    with pytest.raises(DatasetUnavailable) as caught:
        read_pendigits(path)
    assert f"{path}, line {line}: " in str(caught.value)
    assert fault in str(caught.value)


def test_digit_without_strokes(tmp_path: Path) -> None:
    path = write(tmp_path / "bad.tra", '.SEGMENT DIGIT 0 ? "4"\n.COMMENT 4 14  100\n')
    with pytest.raises(DatasetUnavailable, match="line 2: .*no stroke"):
        read_pendigits(path)


@pytest.mark.parametrize("text", ["", "\n\n", ".INCLUDE dene.doc\n"])
def test_text_without_digits(text: str, tmp_path: Path) -> None:
    with pytest.raises(DatasetUnavailable, match="without a digit"):
        read_pendigits(write(tmp_path / "empty.tra", text))


def test_no_file(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.tra", tmp_path):
        with pytest.raises(DatasetUnavailable, match="no file of pen strokes"):
            read_pendigits(path)


def test_damaged_gzip(tmp_path: Path) -> None:
    whole = gzip.compress(SMALL.encode())
    for content in (whole[:-12], whole[:30] + b"\0\0\0\0" + whole[34:], whole[:-8] + b"\0" * 8):
        (tmp_path / "bad.tra.gz").write_bytes(content)
        with pytest.raises(DatasetUnavailable, match="cannot be read or unpacked"):
            read_pendigits(tmp_path / "bad.tra.gz")


def test_gzip_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pendigits, "LARGEST_FILE", 100_000)
    (tmp_path / "bomb.gz").write_bytes(gzip.compress(b"\n" * 100_001))
    with pytest.raises(DatasetUnavailable, match="more than 100,000 bytes"):
        read_pendigits(tmp_path / "bomb.gz")


@given(st.lists(st.sampled_from(SMALL.splitlines()) | st.text(max_size=20), max_size=30))
@settings(max_examples=300, deadline=None)
def test_no_text_raises_anything_but_ours(lines: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any.tra"
        path.write_bytes("\n".join(lines).encode("utf-8", "replace"))
        try:
            found = read_pendigits(path)
        except AppError:
            return
    assert all(digit.strokes for digit in found)


def test_real_strokes(pendigits_path: Path) -> None:
    found = read_pendigits(pendigits_path)
    assert len(found) == 7494
    assert {digit.writer for digit in found} == set(range(1, 31))
    assert set(Counter(digit.digit for digit in found)) == set(range(10))
    assert sum(len(digit.strokes) for digit in found) == 9433
    first = found[0]
    assert (first.digit, first.writer, first.sample) == (8, 12, 224)
    assert first.strokes[0][0].tolist() == [267, 500 - 333]
    # Ones are written from the top down, so with y pointing down most end below where they began.
    ones = [digit.strokes[0] for digit in found if digit.digit == 1]
    assert np.mean([stroke[-1, 1] > stroke[0, 1] for stroke in ones]) > 0.9
