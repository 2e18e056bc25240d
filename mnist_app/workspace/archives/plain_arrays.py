"""Arrays of plain numbers as one `.npz`. A file from outside is read safely: no pickles, no false sizes."""

import io
import math
import re
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mnist_app.workspace.archives.zip_format import ArchiveFault, ArchiveKind, check_end, damage_told
from mnist_app.workspace.storage.identifiers import shown

Arrays = dict[str, NDArray[Any]]

MOST_BYTES = 60_000_000
"""Largest size of one file."""
MOST_ARRAYS = 1_000
_NUMBERS = ("<f4", "<f8", "<i8")
_MEMBER = re.compile(r"([a-z_]{1,20}(?:-[0-9]{3})?)\.npy")


def write_arrays(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return the arrays as an uncompressed `.npz`. The same arrays give the same bytes."""
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **{name: arrays[name] for name in sorted(arrays)})
    return file.getvalue()


def read_arrays(content: bytes) -> Arrays:
    """Return the arrays in an `.npz` by name.

    Raises:
        ArchiveFault: `write_arrays` would not write this file. It has another type of numbers, objects (which
            would be pickles), or an array that claims a wrong size.
    """
    kind = ArchiveKind("file of arrays", "", 0, MOST_BYTES, MOST_ARRAYS, lambda name: MOST_BYTES)
    file = io.BytesIO(content)
    with damage_told():
        check_end(file, kind)
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            _check_members(members, len(content))
            return {_name(info): _read_array(archive.read(info), info) for info in members}


def _check_members(members: list[zipfile.ZipInfo], size: int) -> None:
    """Check that no array occurs twice or is compressed, so that nothing grows when it is read."""
    if len({_name(info) for info in members}) != len(members):
        raise ArchiveFault("it contains an array twice")
    for info in members:
        if info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size:
            raise ArchiveFault(f"{shown(info.filename)} is compressed in a way that this app does not use")
    if sum(info.file_size for info in members) > size:
        raise ArchiveFault("its arrays claim more bytes than there are")


def _name(info: zipfile.ZipInfo) -> str:
    found = _MEMBER.fullmatch(info.orig_filename)
    if found is None:
        raise ArchiveFault(f"{shown(info.orig_filename)} is not an array of this app")
    return found[1]


def _read_array(content: bytes, info: zipfile.ZipInfo) -> NDArray[Any]:
    """Check an array's header, and return the array. NumPy would allocate whatever a header claims."""
    file = io.BytesIO(content)
    if np.lib.format.read_magic(file) != (1, 0):
        raise ArchiveFault(f"{shown(info.filename)} is not an array of this app")
    shape, _, dtype = np.lib.format.read_array_header_1_0(file)
    if dtype.str not in _NUMBERS:
        raise ArchiveFault(f"{shown(info.filename)} contains something other than plain numbers")
    if math.prod(shape) * dtype.itemsize != len(content) - file.tell():
        raise ArchiveFault(f"{shown(info.filename)} has another size than it claims")
    array: NDArray[Any] = np.load(io.BytesIO(content), allow_pickle=False)
    return array
