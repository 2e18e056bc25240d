"""What the tests of data sets share: a place where nothing is yet, and a file that stands for MNIST's."""

import io
from pathlib import Path

import numpy as np
import pytest
from mnist_like import npz

from mnist_app.learning.data import mnist_file
from mnist_app.settings import Settings


@pytest.fixture(scope="session")
def blank_npz() -> bytes:
    """A file like MNIST's whose images are blank."""
    return npz()


@pytest.fixture
def blank_is_mnist(monkeypatch: pytest.MonkeyPatch, blank_npz: bytes) -> bytes:
    """For tests of the way there, which need no real images: the blank file counts as MNIST."""
    arrays = np.load(io.BytesIO(blank_npz), allow_pickle=False)
    monkeypatch.setattr(mnist_file, "MNIST_DIGEST", mnist_file.digest(arrays))
    return blank_npz


@pytest.fixture
def nowhere(tmp_path: Path) -> Settings:
    """Settings by which nothing is there yet."""
    return Settings(home=tmp_path / "home", mnist=None, pendigits=None, keras_home=tmp_path / "keras")
