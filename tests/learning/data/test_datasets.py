"""Data sets: every way in which MNIST can be chosen, kept, missing or unreachable."""

import functools
import hashlib
import http.server
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from mnist_like import put

from mnist_app.errors import DatasetUnavailable, StorageUnavailable, UnknownName
from mnist_app.learning.data import synthetic_digits
from mnist_app.learning.data.datasets import cached_mnist, describe_datasets, fetch_mnist, load_dataset
from mnist_app.learning.data.downloads import RemoteFile
from mnist_app.learning.data.mnist_file import SHAPES, digest
from mnist_app.settings import Settings

UNREACHABLE = RemoteFile("http://127.0.0.1:1/mnist.npz", "0" * 64, 1)  # nobody listens on port 1


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


def test_mnist_says_where_it_comes_from(mnist_path: Path, nowhere: Settings) -> None:
    found = load_dataset("mnist", replace(nowhere, mnist=mnist_path))
    assert found.name == "mnist"
    assert str(mnist_path) in found.source
    assert "Creative Commons" in found.source
    assert found.digest == digest({name: getattr(found, name) for name in SHAPES})


def test_synthetic_digits_say_where_they_come_from(
    nowhere: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synthetic_digits, "SYNTHETIC_SIZES", (20, 10))
    found = load_dataset("synthetic", nowhere)
    assert (found.name, len(found.x_train), len(found.y_test)) == ("synthetic", 20, 10)
    assert "by rule" in found.source
    assert found.digest == digest({name: getattr(found, name) for name in SHAPES})


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


def test_chosen_file_that_is_damaged_stays_and_is_named(nowhere: Settings, tmp_path: Path) -> None:
    chosen = put(tmp_path / "chosen.npz", b"damaged")
    with pytest.raises(DatasetUnavailable, match=r"chosen\.npz is damaged.*MNIST_APP_MNIST"):
        load_dataset("mnist", replace(nowhere, mnist=chosen), remote=UNREACHABLE)
    assert chosen.read_bytes() == b"damaged"


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
    assert "`" not in mnist.advice, "pages and terminals show it as text, without Markdown"
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


def test_data_sets_load_without_tensorflow() -> None:
    program = (
        "import sys, mnist_app.learning.data.datasets, mnist_app.learning.data.downloads;"
        "import mnist_app.learning.release.pendigits;"
        "sys.exit(bool({'tensorflow', 'keras', 'streamlit'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
