"""Real pen strokes: "Pen-Based Recognition of Handwritten Digits" in its original, unnormalised version.

Alpaydin and Alimoglu (1998), UCI Machine Learning Repository, Creative Commons Attribution 4.0.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnist_app.errors import DatasetUnavailable
from mnist_app.learning.release.packed_text import read_text

BOX = 500  # the tablet's side, in the strokes' units

LARGEST_FILE = 32_000_000  # bytes, unpacked; the training part has under 4 million
_DIGIT = re.compile(r'\.SEGMENT\s+DIGIT\s.*"(\d)"')
_COMMENT = re.compile(r"\.COMMENT\s+(\d)\s+(\d{1,6})\s+(\d{1,6})")
_POINT = re.compile(r"(\d{1,3})\s+(\d{1,3})")


@dataclass(frozen=True, eq=False)
class PenDigit:
    """A digit as a person wrote it."""

    digit: int
    writer: int
    """1 to 30 in the training part. Data must be split by writer, never by sample."""
    sample: int
    strokes: list[NDArray[np.float64]]
    """Each (n, 2), n >= 1: x to the right and y down, in the tablet's box of `BOX` x `BOX` or, in UNIPEN, in
    units of the tablet's own."""


class _Malformed(Exception):
    """A line does not have the expected form."""


def read_pendigits(path: Path) -> list[PenDigit]:
    """Read the digits of a UNIPEN text, plain or gzipped, in the file's order.

    Raises:
        DatasetUnavailable: The file cannot be read or is malformed; the error names the file and the line.
    """
    reader = _Reader()
    try:
        for line in read_text(path, LARGEST_FILE).splitlines():
            reader.read(line.strip())
        return reader.finish()
    except _Malformed as error:
        raise DatasetUnavailable(f"{path}, line {reader.line_number}: {error}.") from error


class _Reader:
    """Reader of the text, line by line. A digit is `.SEGMENT`, `.COMMENT` and its strokes' points."""

    def __init__(self) -> None:
        self.line_number = 0
        self.digits: list[PenDigit] = []
        self.named: int | None = None
        """The digit that an open segment names, until its comment has come."""
        self.points: list[tuple[int, int]] | None = None
        """The open stroke, None while the pen is up."""

    def read(self, line: str) -> None:
        """Read one line; raise `_Malformed` if it cannot stand here."""
        self.line_number += 1
        if not line.startswith("."):
            if line:
                self._point(line)
            return
        match line.split(maxsplit=1)[0]:
            case ".SEGMENT":
                self._segment(line)
            case ".COMMENT":
                self._comment(line)
            case ".PEN_DOWN":
                self._pen_down()
            case ".PEN_UP":
                self._pen_up()
            # Other keywords (.INCLUDE, .LEXICON, .HIERARCHY, .DT) are not needed.

    def finish(self) -> list[PenDigit]:
        """Return the digits; raise `_Malformed` if the last one is not whole or there is none."""
        self._expect_whole()
        if not self.digits:
            raise _Malformed("the text ends without a digit")
        return self.digits

    def _segment(self, line: str) -> None:
        self._expect_whole()
        self.named = int(_parse(_DIGIT, line, '.SEGMENT DIGIT … "0" to "9"')[0])

    def _comment(self, line: str) -> None:
        if self.named is None:
            raise _Malformed("a comment outside a digit's beginning")
        digit, writer, sample = map(int, _parse(_COMMENT, line, ".COMMENT digit writer sample"))
        if digit != self.named:
            raise _Malformed(f"the comment says {digit}, its segment {self.named}")
        self.digits.append(PenDigit(digit, writer, sample, []))
        self.named = None

    def _pen_down(self) -> None:
        if self.points is not None or self.named is not None or not self.digits:
            raise _Malformed(".PEN_DOWN where no stroke can begin")
        self.points = []

    def _pen_up(self) -> None:
        if not self.points:
            raise _Malformed(".PEN_UP without a stroke of at least one point")
        x, y = np.array(self.points, dtype=np.float64).T
        self.digits[-1].strokes.append(np.stack([x, BOX - y], axis=1))
        self.points = None

    def _point(self, line: str) -> None:
        if self.points is None:
            raise _Malformed(f"{line[:40]!r} outside a stroke")
        x, y = map(int, _parse(_POINT, line, f"two whole numbers from 0 to {BOX}"))
        if max(x, y) > BOX:
            raise _Malformed(f"the point {line!r} lies outside the box of {BOX} x {BOX}")
        self.points.append((x, y))

    def _expect_whole(self) -> None:
        if self.points is not None:
            raise _Malformed("a stroke is not closed by .PEN_UP")
        if self.named is not None or (self.digits and not self.digits[-1].strokes):
            raise _Malformed("the digit before has no comment or no stroke")


def _parse(pattern: re.Pattern[str], line: str, expected: str) -> tuple[str, ...]:
    match = pattern.fullmatch(line)
    if match is None:
        raise _Malformed(f"expected {expected}, got {line[:40]!r}")
    return match.groups()
