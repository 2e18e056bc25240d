"""Data sets: every way in which MNIST's file can be wrong, missing or unreachable."""

import functools
import hashlib
import http.server
import io
import logging
import os
import struct
import subprocess
import sys
import tempfile
import threading
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnist_app.errors import AppError, DatasetUnavailable, StorageUnavailable, UnknownName
from mnist_app.learning import datasets
from mnist_app.learning.datasets import (
    SHAPES,
    cached_mnist,
    describe_datasets,
    fetch_mnist,
    kept_synthetic,
    load_dataset,
    read_mnist,
)
from mnist_app.learning.downloads import RemoteFile
from mnist_app.settings import Settings

UNREACHABLE = RemoteFile("http://127.0.0.1:1/mnist.npz", "0" * 64, 1)  # nobody listens on port 1


def packed(arrays: dict[str, np.ndarray]) -> bytes:
    """The arrays as an npz."""
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=True, **arrays)
    return file.getvalue()


def npz(**changes: np.ndarray | None) -> bytes:
    """An npz with MNIST's names, shapes and dtypes, all zeros but for the changes; None leaves one out."""
    blank = {name: np.zeros(shape, np.uint8) for name, shape in SHAPES.items()}
    return packed({name: array for name, array in (blank | changes).items() if array is not None})


@pytest.fixture(scope="module")
def blank_npz() -> bytes:
    """A file like MNIST's whose images are blank."""
    return npz()


@pytest.fixture
def blank_is_mnist(monkeypatch: pytest.MonkeyPatch, blank_npz: bytes) -> bytes:
    """For tests of the way there, which need no real images: the blank file counts as MNIST."""
    arrays = np.load(io.BytesIO(blank_npz), allow_pickle=False)
    monkeypatch.setattr(datasets, "MNIST_DIGEST", datasets.digest(arrays))
    return blank_npz


@pytest.fixture
def nowhere(tmp_path: Path) -> Settings:
    """Settings by which nothing is there yet."""
    return Settings(home=tmp_path / "home", mnist=None, pendigits=None, keras_home=tmp_path / "keras")


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, str]]:
    """A folder and the address of a server that serves its files."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    folder = tmp_path / "served"
    folder.mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    handler = functools.partial(Quiet, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_address[1]}/mnist.npz"
        server.shutdown()
        thread.join()


def remote(address: str, content: bytes) -> RemoteFile:
    """The remote file with this content."""
    return RemoteFile(address, hashlib.sha256(content).hexdigest(), len(content))


def put(path: Path, content: bytes) -> Path:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def idx_md5(array: np.ndarray) -> str:
    """md5 of the array as an idx file, the form in which MNIST was published."""
    head = struct.pack(">BBBB", 0, 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    return hashlib.md5(head + array.tobytes()).hexdigest()


def test_mnist_is_the_published_one(mnist_path: Path, nowhere: Settings) -> None:
    found = load_dataset("mnist", replace(nowhere, mnist=mnist_path))
    assert idx_md5(found.x_train) == "6bbc9ace898e44ae57da46a324031adb"
    assert idx_md5(found.y_train) == "a25bea736e30d166cdddb491f175f624"
    assert idx_md5(found.x_test) == "2646ac647ad5339dbf082846283269ea"
    assert idx_md5(found.y_test) == "27ae3e4e09519cfbb04c329615203637"
    assert found.name == "mnist"
    assert str(mnist_path) in found.source
    assert "Creative Commons" in found.source
    assert found.x_train.dtype == found.y_train.dtype == np.uint8


def test_mnist_may_be_packed_in_another_way(mnist_path: Path, tmp_path: Path) -> None:
    found = read_mnist(mnist_path)
    arrays = {name: getattr(found, name) for name in SHAPES}
    np.savez(tmp_path / "unpacked.npz", unrelated=np.zeros(3), **arrays)
    again = read_mnist(tmp_path / "unpacked.npz")
    assert again.digest == found.digest
    for name in SHAPES:
        np.testing.assert_array_equal(getattr(again, name), arrays[name])


def test_one_changed_pixel_is_not_mnist(mnist_path: Path, tmp_path: Path) -> None:
    found = read_mnist(mnist_path)
    arrays = {name: getattr(found, name).copy() for name in SHAPES}
    arrays["x_test"][9999, 27, 27] += 1
    np.savez(tmp_path / "mnist.npz", **arrays)
    with pytest.raises(DatasetUnavailable, match="contents are not MNIST's"):
        read_mnist(tmp_path / "mnist.npz")


def test_arrays_cannot_be_written(blank_is_mnist: bytes, tmp_path: Path) -> None:
    found = read_mnist(put(tmp_path / "mnist.npz", blank_is_mnist))
    with pytest.raises(ValueError, match="read-only"):
        found.x_train[0] = 1


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
def test_bad_file_is_named_with_its_fault(
    make: Callable[[], bytes], fault: str, nowhere: Settings, tmp_path: Path
) -> None:
    content = make()
    path = put(tmp_path / "chosen.npz", content)
    with pytest.raises(DatasetUnavailable, match=fault) as caught:
        load_dataset("mnist", replace(nowhere, mnist=path), remote=UNREACHABLE)
    assert str(path) in str(caught.value)
    assert "MNIST_APP_MNIST" in str(caught.value)
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
            read_mnist(path)
        assert tracemalloc.get_traced_memory()[1] < 150_000_000
    finally:
        tracemalloc.stop()


def test_file_that_is_too_large_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "mnist.npz"
    with path.open("wb") as file:
        file.truncate(10**10)
    with pytest.raises(DatasetUnavailable, match="no file of at most 64,000,000 bytes"):
        read_mnist(path)


@pytest.mark.parametrize("path", ["/dev/zero", "."])
def test_what_is_no_file_is_not_read(path: str) -> None:
    with pytest.raises(DatasetUnavailable, match="it is no file"):
        read_mnist(Path(path))


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
            read_mnist(path)


@given(st.binary(max_size=300))
@settings(max_examples=500, deadline=None)
def test_no_array_header_raises_anything_but_ours(header: bytes) -> None:
    start = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mnist.npz"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("x_train.npy", start)
        with pytest.raises(AppError):
            read_mnist(path)


@given(st.data())
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_damage_is_noticed_or_harmless(blank_is_mnist: bytes, data: st.DataObject) -> None:
    content = data.draw(damaged(blank_is_mnist))
    with tempfile.TemporaryDirectory() as folder:
        path = put(Path(folder) / "mnist.npz", content)
        try:
            found = read_mnist(path)
        except DatasetUnavailable:
            return
    assert not any(getattr(found, name).any() for name in SHAPES)


def test_unknown_name_lists_the_names(nowhere: Settings) -> None:
    with pytest.raises(UnknownName, match="'fashion'.*mnist, synthetic"):
        load_dataset("fashion", nowhere)


def test_chosen_file_that_is_missing_is_no_reason_to_take_another(
    nowhere: Settings, blank_is_mnist: bytes, tmp_path: Path
) -> None:
    put(cached_mnist(nowhere), blank_is_mnist)
    chosen = replace(nowhere, mnist=tmp_path / "missing.npz")
    for call in (lambda: load_dataset("mnist", chosen), lambda: fetch_mnist(chosen, remote=UNREACHABLE)):
        with pytest.raises(DatasetUnavailable, match=r"no file .*missing\.npz.*MNIST_APP_MNIST"):
            call()


def test_chosen_file_comes_before_the_cache(nowhere: Settings, blank_is_mnist: bytes, tmp_path: Path) -> None:
    put(cached_mnist(nowhere), b"not this one")
    chosen = put(tmp_path / "chosen.npz", blank_is_mnist)
    assert str(chosen) in load_dataset("mnist", replace(nowhere, mnist=chosen)).source
    assert fetch_mnist(replace(nowhere, mnist=chosen), remote=UNREACHABLE) == chosen


def test_cache_comes_before_a_download(nowhere: Settings, blank_is_mnist: bytes) -> None:
    path = put(cached_mnist(nowhere), blank_is_mnist)
    assert str(path) in load_dataset("mnist", nowhere, remote=UNREACHABLE).source
    assert fetch_mnist(nowhere, remote=UNREACHABLE) == path


def test_download_comes_last_and_is_kept(
    nowhere: Settings, blank_is_mnist: bytes, shelf: tuple[Path, str]
) -> None:
    folder, address = shelf
    put(folder / "mnist.npz", blank_is_mnist)
    seen: list[tuple[int, int]] = []
    found = load_dataset(
        "mnist", nowhere, lambda *counts: seen.append(counts), remote=remote(address, blank_is_mnist)
    )
    assert found.x_train.shape == (60_000, 28, 28)
    assert seen[-1] == (len(blank_is_mnist), len(blank_is_mnist))
    assert os.listdir(cached_mnist(nowhere).parent) == ["mnist.npz"]
    (folder / "mnist.npz").unlink()
    assert fetch_mnist(nowhere, remote=remote(address, blank_is_mnist)) == cached_mnist(nowhere)


def test_no_download_where_none_is_allowed(
    nowhere: Settings, blank_is_mnist: bytes, shelf: tuple[Path, str]
) -> None:
    folder, address = shelf
    put(folder / "mnist.npz", blank_is_mnist)
    with pytest.raises(DatasetUnavailable, match="data fetch.*synthetic"):
        load_dataset("mnist", nowhere, allow_download=False, remote=remote(address, blank_is_mnist))
    assert not nowhere.keras_home.exists()


@pytest.mark.parametrize("served", [None, b"something else"], ids=["nothing there", "other bytes"])
def test_failed_download_offers_the_synthetic_digits(
    nowhere: Settings, blank_npz: bytes, shelf: tuple[Path, str], served: bytes | None
) -> None:
    folder, address = shelf
    if served:
        put(folder / "mnist.npz", served)
    with pytest.raises(DatasetUnavailable, match="could not be downloaded.*choose the synthetic digits"):
        fetch_mnist(nowhere, remote=remote(address, blank_npz))
    assert os.listdir(cached_mnist(nowhere).parent) == []


def test_no_connection_offers_the_synthetic_digits(nowhere: Settings) -> None:
    with pytest.raises(DatasetUnavailable, match="could not be reached.*choose the synthetic digits"):
        load_dataset("mnist", nowhere, remote=UNREACHABLE)


def test_corrupt_cache_stays_when_it_cannot_be_replaced(nowhere: Settings) -> None:
    path = put(cached_mnist(nowhere), b"corrupt")
    for allowed in (True, False):
        with pytest.raises(DatasetUnavailable, match="damaged, truncated or no npz.*synthetic"):
            load_dataset("mnist", nowhere, allow_download=allowed, remote=UNREACHABLE)
        assert path.read_bytes() == b"corrupt"
        assert os.listdir(path.parent) == ["mnist.npz"]


def test_corrupt_cache_is_replaced_by_a_good_download(
    nowhere: Settings, blank_is_mnist: bytes, shelf: tuple[Path, str], caplog: pytest.LogCaptureFixture
) -> None:
    folder, address = shelf
    put(folder / "mnist.npz", blank_is_mnist)
    path = put(cached_mnist(nowhere), b"corrupt")
    with caplog.at_level(logging.WARNING):
        load_dataset("mnist", nowhere, remote=remote(address, blank_is_mnist))
    assert path.read_bytes() == blank_is_mnist
    assert "damaged" in caplog.text
    assert "replaced" in caplog.text


def test_file_in_the_place_of_kerass_folder(nowhere: Settings) -> None:
    put(nowhere.keras_home, b"in the way")
    with pytest.raises(StorageUnavailable, match="cannot be written"):
        fetch_mnist(nowhere, remote=UNREACHABLE)
    assert nowhere.keras_home.read_bytes() == b"in the way"
    assert not describe_datasets(nowhere)[0].available


def test_description_when_mnist_is_not_here(nowhere: Settings) -> None:
    mnist, synthetic = describe_datasets(nowhere)
    assert (mnist.name, mnist.available, mnist.images) == ("mnist", False, 0)
    assert "data fetch" in mnist.advice
    assert (synthetic.name, synthetic.available, synthetic.images) == ("synthetic", True, 24_000)
    assert synthetic.advice == ""
    assert not nowhere.keras_home.exists()


def test_description_when_mnist_is_here(nowhere: Settings, blank_npz: bytes) -> None:
    path = put(cached_mnist(nowhere), blank_npz)
    mnist = describe_datasets(nowhere)[0]
    assert (mnist.available, mnist.images, mnist.advice) == (True, 70_000, "")
    assert str(path) in mnist.source


def test_description_names_what_is_wrong(nowhere: Settings, blank_npz: bytes, tmp_path: Path) -> None:
    path = put(tmp_path / "chosen.npz", blank_npz[:-100])
    mnist = describe_datasets(replace(nowhere, mnist=path))[0]
    assert not mnist.available
    assert str(path) in mnist.advice
    assert "MNIST_APP_MNIST" in mnist.advice


def test_synthetic_digits(nowhere: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets, "SYNTHETIC_SIZES", (200, 100))
    seen: list[tuple[int, int]] = []
    found = load_dataset("synthetic", nowhere, lambda *counts: seen.append(counts))
    assert found.name == "synthetic"
    assert found.x_train.shape == (200, 28, 28)
    assert found.x_test.shape == (100, 28, 28)
    assert found.x_train.dtype == found.y_test.dtype == np.uint8
    assert set(found.y_train) == set(found.y_test) == set(range(10))
    assert seen == sorted(seen)
    assert seen[-1] == (300, 300)
    assert not found.x_train.flags.writeable
    assert found.digest == load_dataset("synthetic", nowhere).digest
    train = {image.tobytes() for image in found.x_train}
    assert not any(image.tobytes() in train for image in found.x_test)


@pytest.fixture
def few_synthetic(nowhere: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a home of their own, for which the synthetic digits are few and quickly written."""
    monkeypatch.setattr(datasets, "SYNTHETIC_SIZES", (30, 10))
    return replace(nowhere, home=tmp_path / "own home")


def test_synthetic_digits_are_written_once(few_synthetic: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    written = load_dataset("synthetic", few_synthetic)
    monkeypatch.setattr(datasets, "_write_synthetic", None)
    kept = load_dataset("synthetic", few_synthetic)
    assert kept.digest == written.digest
    assert np.array_equal(kept.x_test, written.x_test)
    assert not kept.x_train.flags.writeable


@pytest.mark.parametrize("damage", [lambda data: data[:-50], lambda data: b"", lambda data: b"x" * 500])
def test_synthetic_digits_that_were_damaged_are_written_anew(
    few_synthetic: Settings, damage: Callable[[bytes], bytes], caplog: pytest.LogCaptureFixture
) -> None:
    written = load_dataset("synthetic", few_synthetic)
    path = kept_synthetic(few_synthetic)
    path.write_bytes(damage(path.read_bytes()))
    assert load_dataset("synthetic", few_synthetic).digest == written.digest
    assert "written anew" in caplog.text
    caplog.clear()
    load_dataset("synthetic", few_synthetic)
    assert caplog.text == ""


def test_synthetic_digits_of_other_rules_are_not_taken(
    few_synthetic: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_dataset("synthetic", few_synthetic)
    monkeypatch.setattr(datasets, "SYNTHETIC_SIZES", (20, 10))
    assert len(load_dataset("synthetic", few_synthetic).x_train) == 20
    assert list(kept_synthetic(few_synthetic).parent.iterdir()) == [kept_synthetic(few_synthetic)]


def test_synthetic_digits_that_cannot_be_kept_are_there_all_the_same(
    few_synthetic: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    few_synthetic.home.write_text("in the way")
    assert len(load_dataset("synthetic", few_synthetic).x_train) == 30
    assert "cannot be kept" in caplog.text


def test_data_sets_load_without_tensorflow() -> None:
    program = (
        "import sys, mnist_app.learning.datasets, mnist_app.learning.downloads, mnist_app.learning.pendigits;"
        "sys.exit(bool({'tensorflow', 'keras', 'streamlit'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
