"""Reading of an `mnist.npz`, packed in any way, within limits of memory and checked bit by bit."""

import hashlib
import math
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from mnist_app.errors import DatasetUnavailable

SHAPES = {"x_train": (60_000, 28, 28), "y_train": (60_000,), "x_test": (10_000, 28, 28), "y_test": (10_000,)}
"""The arrays of an `mnist.npz`, all uint8."""
MNIST_DIGEST = "06b0d1f124c4e5fa796686ade41a9b778edacc8622f2195a352ef479ad44fc16"
"""`digest` of MNIST's arrays. Files differ in how they are packed; the arrays are the same."""

_LARGEST_FILE = 64_000_000  # bytes; MNIST unpacked is 55 million

Images = NDArray[np.uint8]
T = TypeVar("T")


def read_arrays(path: Path) -> dict[str, Images]:
    """Read MNIST's four arrays, read-only, by name.

    Nothing is unpickled. Memory stays within what MNIST needs, whatever the file declares.

    Raises:
        DatasetUnavailable: The file is missing, damaged or not MNIST.
    """
    arrays = _read_archive(path, _read_array)
    if digest(arrays) != MNIST_DIGEST:
        raise DatasetUnavailable(f"{path} has arrays of MNIST's shapes, but their contents are not MNIST's.")
    return arrays


def check_headers(path: Path) -> None:
    """Raise `DatasetUnavailable` unless the file's headers declare MNIST's arrays. No image is read."""
    _read_archive(path, _check_header)


def digest(arrays: Mapping[str, Images]) -> str:
    """Return the sha256 (hexadecimal) of the bytes of x_train, y_train, x_test and y_test, in this order."""
    sha256 = hashlib.sha256()
    for name in SHAPES:
        sha256.update(np.ascontiguousarray(arrays[name]).data)
    return sha256.hexdigest()


def _read_archive(path: Path, read: Callable[[IO[bytes], str], T]) -> dict[str, T]:
    """Apply `read(file, name)` to each of MNIST's four arrays in an npz."""
    try:
        size = path.stat().st_size
        if not path.is_file() or size > _LARGEST_FILE:
            raise _Mismatch(f"it is not a file of at most {_LARGEST_FILE:,} bytes")
        with zipfile.ZipFile(path) as archive:
            return {name: _read_member(archive, name, read) for name in SHAPES}
    except _Mismatch as error:
        raise DatasetUnavailable(f"{path} is not MNIST: {error}.") from error
    except (FileNotFoundError, NotADirectoryError) as error:
        raise DatasetUnavailable(f"MNIST is not here: there is no file {path}.") from error
    except OSError as error:
        raise DatasetUnavailable(f"{path} cannot be read ({error.strerror or error}).") from error
    except Exception as error:
        # On damaged bytes zipfile, zlib and numpy raise a dozen kinds of error, some undocumented.
        reason = type(error).__name__
        raise DatasetUnavailable(f"{path} is damaged, truncated or no npz file ({reason}).") from error


class _Mismatch(Exception):
    """A readable array is not the one expected."""


def _read_member(archive: zipfile.ZipFile, name: str, read: Callable[[IO[bytes], str], T]) -> T:
    member = f"{name}.npy"
    if member not in archive.namelist():
        raise _Mismatch(f"it has no array {name}")
    info = archive.getinfo(member)
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # zipfile unpacks other compressions without a limit of memory, and numpy writes none of them.
        raise _Mismatch(f"{name} is compressed in a way that numpy does not use")
    with archive.open(info) as file:
        return read(file, name)


def _check_header(file: IO[bytes], name: str) -> None:
    """Raise `_Mismatch` unless the npy file's header declares MNIST's array of that name."""
    readers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    reader: Any = readers[np.lib.format.read_magic(file)]
    shape, fortran_order, dtype = reader(file, max_header_size=1000)
    if shape != SHAPES[name] or dtype != np.uint8 or fortran_order:
        found = f"{dtype} {shape}{' in Fortran order' if fortran_order else ''}"
        raise _Mismatch(f"{name} is {found[:80]}, expected uint8 {SHAPES[name]}")


def _read_array(file: IO[bytes], name: str) -> Images:
    """Read one npy file of known shape: exactly the bytes it must have, and one more to see that it ends."""
    _check_header(file, name)
    count = math.prod(SHAPES[name])
    values = file.read(count + 1)
    if len(values) != count:
        raise _Mismatch(f"{name} does not hold the {count:,} bytes that its shape needs")
    return np.frombuffer(values, np.uint8).reshape(SHAPES[name])
