"""MNIST's file: every way in which it can be wrong."""

import hashlib
import io
import struct
import tempfile
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mnist_like import npz, packed, put

from mnist_app.errors import AppError, DatasetUnavailable
from mnist_app.learning.data.mnist_file import SHAPES, read_arrays


def idx_md5(array: np.ndarray) -> str:
    """md5 of the array as an idx file, the form in which MNIST was published."""
    head = struct.pack(">BBBB", 0, 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    return hashlib.md5(head + array.tobytes()).hexdigest()


def test_mnist_is_the_published_one(mnist_path: Path) -> None:
    found = read_arrays(mnist_path)
    assert idx_md5(found["x_train"]) == "6bbc9ace898e44ae57da46a324031adb"
    assert idx_md5(found["y_train"]) == "a25bea736e30d166cdddb491f175f624"
    assert idx_md5(found["x_test"]) == "2646ac647ad5339dbf082846283269ea"
    assert idx_md5(found["y_test"]) == "27ae3e4e09519cfbb04c329615203637"
    assert {array.dtype for array in found.values()} == {np.dtype(np.uint8)}


def test_mnist_may_be_packed_in_another_way(mnist_path: Path, tmp_path: Path) -> None:
    found = read_arrays(mnist_path)
    np.savez(tmp_path / "unpacked.npz", unrelated=np.zeros(3), **found)
    again = read_arrays(tmp_path / "unpacked.npz")
    for name in SHAPES:
        np.testing.assert_array_equal(again[name], found[name])


def test_one_changed_pixel_is_not_mnist(mnist_path: Path, tmp_path: Path) -> None:
    arrays = {name: array.copy() for name, array in read_arrays(mnist_path).items()}
    arrays["x_test"][9999, 27, 27] += 1
    np.savez(tmp_path / "mnist.npz", **arrays)
    with pytest.raises(DatasetUnavailable, match="contents are not MNIST's"):
        read_arrays(tmp_path / "mnist.npz")


def test_arrays_cannot_be_written(blank_is_mnist: bytes, tmp_path: Path) -> None:
    found = read_arrays(put(tmp_path / "mnist.npz", blank_is_mnist))
    with pytest.raises(ValueError, match="read-only"):
        found["x_train"][0] = 1


def with_last_member(change: Callable[[bytes], bytes]) -> bytes:
    """An npz whose y_test is changed before it is packed, so that the zip itself is without fault."""
    file = io.BytesIO(npz(y_test=None))
    member = io.BytesIO()
    np.save(member, np.zeros(SHAPES["y_test"], np.uint8))
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("y_test.npy", change(member.getvalue()))
    return file.getvalue()


def pickled() -> bytes:
    """An npz with an array of Python objects, as an attacker would send it."""
    return npz(x_train=np.array([{}, []], dtype=object))


def compressed_by(method: int) -> bytes:
    """A zip whose first member is packed as numpy never packs."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("x_train.npy", b"\0" * 1000)
    return file.getvalue()


BAD = {
    "empty": (lambda: b"", "damaged, truncated or no npz"),
    "text": (lambda: b"<html>not found</html>", "damaged, truncated or no npz"),
    "cut off": (lambda: npz()[:-100], "damaged, truncated or no npz"),
    "cut off within": (
        lambda: with_last_member(lambda member: member[:-1]),
        "does not hold the 10,000 bytes",
    ),
    "data after the array": (
        lambda: with_last_member(lambda member: member + b"\0"),
        "does not hold the 10,000 bytes",
    ),
    "other contents": (npz, "contents are not MNIST's"),
    "an array missing": (lambda: npz(y_train=None), "no array y_train"),
    "other shape": (
        lambda: npz(x_test=np.zeros((10_000, 784), np.uint8)),
        r"x_test is uint8 \(10000, 784\), expected uint8 \(10000, 28, 28\)",
    ),
    "other type": (lambda: npz(y_train=np.zeros(60_000, np.int64)), "y_train is int64"),
    "Fortran order": (
        lambda: npz(x_train=np.zeros(SHAPES["x_train"], np.uint8, order="F")),
        "in Fortran order",
    ),
    "objects": (pickled, "x_train is object"),
    "bzip2": (lambda: compressed_by(zipfile.ZIP_BZIP2), "x_train is compressed in a way"),
    "lzma": (lambda: compressed_by(zipfile.ZIP_LZMA), "x_train is compressed in a way"),
}


@pytest.mark.parametrize(("make", "fault"), BAD.values(), ids=BAD.keys())
def test_bad_file_is_named_with_its_fault(make: Callable[[], bytes], fault: str, tmp_path: Path) -> None:
    content = make()
    path = put(tmp_path / "chosen.npz", content)
    with pytest.raises(DatasetUnavailable, match=fault) as caught:
        read_arrays(path)
    assert str(path) in str(caught.value)
    assert path.read_bytes() == content


def bomb(declared: tuple[int, ...], actual: int) -> bytes:
    """A small zip whose x_train declares a shape and unpacks to `actual` bytes."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"shape": declared, "fortran_order": False, "descr": "|u1"})
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("x_train.npy", "w", force_zip64=True) as member:
            member.write(header.getvalue())
            for _ in range(actual // 1_000_000):
                member.write(bytes(1_000_000))
        for name in ("y_train", "x_test", "y_test"):
            archive.writestr(f"{name}.npy", b"")
    return file.getvalue()


@pytest.mark.parametrize(
    ("declared", "fault"),
    [((10**12, 28, 28), "x_train is uint8"), (SHAPES["x_train"], "x_train does not hold")],
    ids=["huge shape", "huge data"],
)
def test_bomb_takes_no_more_memory_than_mnist(declared: tuple[int, ...], fault: str, tmp_path: Path) -> None:
    path = put(tmp_path / "mnist.npz", bomb(declared, 300_000_000))
    assert path.stat().st_size < 1_000_000
    tracemalloc.start()
    try:
        with pytest.raises(DatasetUnavailable, match=fault):
            read_arrays(path)
        assert tracemalloc.get_traced_memory()[1] < 150_000_000
    finally:
        tracemalloc.stop()


def test_file_that_is_too_large_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "mnist.npz"
    with path.open("wb") as file:
        file.truncate(10**10)
    with pytest.raises(DatasetUnavailable, match="not a file of at most 64,000,000 bytes"):
        read_arrays(path)


@pytest.mark.parametrize("path", ["/dev/zero", "."])
def test_what_is_no_file_is_not_read(path: str) -> None:
    with pytest.raises(DatasetUnavailable, match="it is not a file"):
        read_arrays(Path(path))


def small_npz() -> bytes:
    """An npz with the right names and tiny arrays."""
    return packed({name: np.zeros(3, np.uint8) for name in SHAPES})


def damaged(whole: bytes) -> st.SearchStrategy[bytes]:
    """The file with a few bytes changed, and perhaps cut off."""
    change = st.tuples(st.integers(0, len(whole) - 1), st.integers(0, 255))

    def apply(changes: list[tuple[int, int]], length: int) -> bytes:
        content = bytearray(whole)
        for index, value in changes:
            content[index] = value
        return bytes(content[:length])

    lengths = st.just(len(whole)) | st.integers(0, len(whole))
    return st.builds(apply, st.lists(change, min_size=1, max_size=5), lengths)


@given(st.binary(max_size=500) | damaged(small_npz()))
@settings(max_examples=500, deadline=None)
def test_no_bytes_raise_anything_but_ours(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = put(Path(folder) / "mnist.npz", content)
        with pytest.raises(AppError):
            read_arrays(path)


@given(st.binary(max_size=300))
@settings(max_examples=500, deadline=None)
def test_no_array_header_raises_anything_but_ours(header: bytes) -> None:
    start = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mnist.npz"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("x_train.npy", start)
        with pytest.raises(AppError):
            read_arrays(path)


@given(st.data())
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_damage_is_noticed_or_harmless(blank_is_mnist: bytes, data: st.DataObject) -> None:
    content = data.draw(damaged(blank_is_mnist))
    with tempfile.TemporaryDirectory() as folder:
        path = put(Path(folder) / "mnist.npz", content)
        try:
            found = read_arrays(path)
        except DatasetUnavailable:
            return
    assert not any(array.any() for array in found.values())
