"""Texts of pen strokes, plain or gzipped."""

import gzip
import zlib
from pathlib import Path

from mnist_app.errors import DatasetUnavailable


def read_text(path: Path, largest: int) -> str:
    """Return the text of a file; bytes that are no UTF-8 become "�".

    Args:
        path: The file, plain or gzipped.
        largest: Most bytes of the text, unpacked.

    Raises:
        DatasetUnavailable: The file is missing, too large, or cannot be read or unpacked.
    """
    try:
        if not path.is_file():
            raise DatasetUnavailable(f"There is no file of pen strokes {path}.")
        with path.open("rb") as file:
            is_packed = file.read(2) == b"\x1f\x8b"
        with gzip.open(path) if is_packed else path.open("rb") as file:
            data = file.read(largest + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DatasetUnavailable(f"{path} cannot be read or unpacked ({error}).") from error
    if len(data) > largest:
        raise DatasetUnavailable(f"{path} holds more than {largest:,} bytes, too many for pen strokes.")
    return data.decode("utf-8", errors="replace")
