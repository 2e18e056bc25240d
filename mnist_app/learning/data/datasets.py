"""Data sets to learn from: MNIST, from where it is or can be brought from, and digits written by rule."""

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
    """Images of digits and what they are. The arrays cannot be written to, because many may share them."""

    name: str
    """`mnist` or `synthetic`."""
    source: str
    """A sentence: where it came from and under which licence."""
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
    """Whether a data set is here, found out without reading its images."""

    name: str
    available: bool
    source: str
    """A sentence: where it is or would come from, and under which licence."""
    images: int
    """To train on and to test on, together; 0 when it is not available."""
    advice: str
    """What is wrong and what to do about it; empty when it is available."""


def load_dataset(
    name: str,
    settings: Settings,
    progress: Progress | None = None,
    *,
    allow_download: bool = True,
    remote: RemoteFile = KERAS_MNIST,
) -> Dataset:
    """Load the data set called `name`.

    MNIST comes from `settings.mnist` and nowhere else when that is set, otherwise from Keras's cache,
    otherwise from a download into Keras's cache unless `allow_download` is false. `progress(done, total)`
    counts a download's bytes or the images written by rule. The synthetic digits are written once and then
    kept in the app's home.

    Raises `UnknownName`, `DatasetUnavailable`, or `StorageUnavailable` when a download cannot be kept.
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
    """Make sure that MNIST is here, downloading it if it is not, and return its checked file.

    Raises what `load_dataset` raises.
    """
    _load_mnist(settings, progress, allow_download=True, remote=remote)
    return settings.mnist or cached_mnist(settings)


def describe_datasets(settings: Settings) -> list[DatasetStatus]:
    """Say of each data set whether it is here, from its file's headers alone and without the network."""
    return [
        _describe_mnist(settings),
        DatasetStatus("synthetic", True, SYNTHETIC_SOURCE, sum(SYNTHETIC_SIZES), ""),
    ]


def cached_mnist(settings: Settings) -> Path:
    """Where Keras keeps MNIST, and so where a download goes."""
    return settings.keras_home / "datasets" / "mnist.npz"


def read_mnist(path: Path) -> Dataset:
    """MNIST from an `mnist.npz`; raises `DatasetUnavailable` as `mnist_file.read_arrays` does."""
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
