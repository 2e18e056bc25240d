"""Data sets for training: MNIST, from a file, Keras's cache or a download, and digits written by rule."""

import logging
import os
from dataclasses import dataclass
from pathlib import Path

from mnist_app.errors import DatasetUnavailable, UnknownName
from mnist_app.learning.data.downloads import Progress, RemoteFile, download
from mnist_app.learning.data.mnist_file import (
    MNIST_DIGEST,
    SHAPES,
    Images,
    check_headers,
    digest,
    read_arrays,
)
from mnist_app.learning.data.synthetic_digits import SYNTHETIC_SIZES, SYNTHETIC_SOURCE, load_synthetic
from mnist_app.settings import Settings

TRAINING_IMAGES = {"mnist": SHAPES["x_train"][0], "synthetic": SYNTHETIC_SIZES[0]}
"""Number of training images of each data set."""
DATASETS = tuple(TRAINING_IMAGES)

# Address and sha256 as in Keras 3.15's keras/src/datasets/mnist.py.
KERAS_MNIST = RemoteFile(
    address="https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz",
    sha256="731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
    size=11_490_434,
)

_LICENCE = "Yann LeCun and Corinna Cortes, Creative Commons Attribution-Share Alike 3.0"
_ADVICE = (
    "With internet, the command python -m mnist_app data fetch brings MNIST; or set MNIST_APP_MNIST to an "
    "mnist.npz, or choose the synthetic digits."
)
_ADVICE_FOR_CHOSEN = "Set MNIST_APP_MNIST to a good mnist.npz, or unset it."

logger = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Dataset:
    """Labelled images of digits. The arrays are read-only, because several threads may share them."""

    name: str
    """`mnist` or `synthetic`."""
    source: str
    """A sentence: the origin and the licence."""
    digest: str
    """sha256 of the four arrays' bytes, as `mnist_file.digest` computes it."""
    x_train: Images
    """(n, 28, 28) uint8: 0 is paper, 255 is ink."""
    y_train: Images
    """(n,) uint8: the digits, 0 to 9."""
    x_test: Images
    """(m, 28, 28) uint8."""
    y_test: Images
    """(m,) uint8."""


@dataclass(frozen=True)
class DatasetStatus:
    """Availability of a data set, found without reading its images."""

    name: str
    available: bool
    source: str
    """A sentence: the origin, now or after a download, and the licence."""
    images: int
    """Training and test images together; 0 if not available."""
    advice: str
    """The fault and its remedy; empty if available."""


def load_dataset(
    name: str,
    settings: Settings,
    progress: Progress | None = None,
    *,
    allow_download: bool = True,
    remote: RemoteFile = KERAS_MNIST,
) -> Dataset:
    """Load a data set.

    If `settings.mnist` is set, MNIST comes from there only. Otherwise it comes from Keras's cache, or is
    downloaded into it. The synthetic digits are written once and then kept in the app's home.

    Args:
        name: `mnist` or `synthetic`.
        settings: Where the files are.
        progress: Called with (done, total): bytes of a download, or images written by rule.
        allow_download: False to use only what is on this machine.
        remote: The file to download.

    Raises:
        UnknownName: There is no such data set.
        DatasetUnavailable: It is not here and cannot be downloaded, or its file is damaged.
        StorageUnavailable: A download cannot be saved.
    """
    if name == "mnist":
        return _load_mnist(settings, progress, allow_download, remote)
    if name == "synthetic":
        arrays = load_synthetic(settings, progress)
        return Dataset(name, SYNTHETIC_SOURCE, digest(arrays), **arrays)
    raise UnknownName(f"There is no data set called {name!r}; there are: {', '.join(DATASETS)}.")


def fetch_mnist(
    settings: Settings, progress: Progress | None = None, *, remote: RemoteFile = KERAS_MNIST
) -> Path:
    """Download MNIST unless it is here, and return its checked file; raise as `load_dataset` does."""
    _load_mnist(settings, progress, allow_download=True, remote=remote)
    return settings.mnist or cached_mnist(settings)


def describe_datasets(settings: Settings) -> list[DatasetStatus]:
    """Return the status of each data set from its file's headers, without the network."""
    return [
        _describe_mnist(settings),
        DatasetStatus("synthetic", True, SYNTHETIC_SOURCE, sum(SYNTHETIC_SIZES), ""),
    ]


def cached_mnist(settings: Settings) -> Path:
    """Return the file in which Keras caches MNIST; downloads go there too."""
    return settings.keras_home / "datasets" / "mnist.npz"


def read_mnist(path: Path) -> Dataset:
    """Read MNIST from an `mnist.npz`; raise `DatasetUnavailable` as `mnist_file.read_arrays` does."""
    return Dataset("mnist", _mnist_source(path), MNIST_DIGEST, **read_arrays(path))


def _load_mnist(
    settings: Settings, progress: Progress | None, allow_download: bool, remote: RemoteFile
) -> Dataset:
    if settings.mnist is not None:
        return _read_chosen(settings.mnist)
    path = cached_mnist(settings)
    try:
        return read_mnist(path)
    except DatasetUnavailable as error:
        if not allow_download:
            raise DatasetUnavailable(f"{error} {_ADVICE}") from error
        fault = f"{error} " if os.path.lexists(path) else ""
    try:
        download(remote, path, progress)
    except DatasetUnavailable as error:
        raise DatasetUnavailable(f"{fault}{error} {_ADVICE}") from error
    if fault:
        logger.warning("%sIt has been replaced by a new download.", fault)
    return read_mnist(path)


def _read_chosen(path: Path) -> Dataset:
    try:
        return read_mnist(path)
    except DatasetUnavailable as error:
        raise DatasetUnavailable(f"{error} {_ADVICE_FOR_CHOSEN}") from error


def _describe_mnist(settings: Settings) -> DatasetStatus:
    path = settings.mnist or cached_mnist(settings)
    advice = _ADVICE_FOR_CHOSEN if settings.mnist else _ADVICE
    try:
        check_headers(path)
    except DatasetUnavailable as error:
        return DatasetStatus("mnist", False, f"MNIST: {_LICENCE}.", 0, f"{error} {advice}")
    images = SHAPES["x_train"][0] + SHAPES["x_test"][0]
    return DatasetStatus("mnist", True, _mnist_source(path), images, "")


def _mnist_source(path: Path) -> str:
    return f"MNIST from {path}: {_LICENCE}."
