"""Data sets to learn from: MNIST, checked to the last bit, and digits written by rule."""

import contextlib
import hashlib
import logging
import math
import os
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from mnist_app import ink
from mnist_app.errors import DatasetUnavailable, UnknownName
from mnist_app.learning.downloads import RemoteFile, download
from mnist_app.settings import Settings

DATASETS = ("mnist", "synthetic")

SHAPES = {"x_train": (60_000, 28, 28), "y_train": (60_000,), "x_test": (10_000, 28, 28), "y_test": (10_000,)}
"""The arrays of an `mnist.npz`, all uint8."""

MNIST_DIGEST = "06b0d1f124c4e5fa796686ade41a9b778edacc8622f2195a352ef479ad44fc16"
"""`digest` of MNIST's arrays. Files differ in how they are packed; the arrays do not."""

# Address and sha256 as in Keras 3.15's keras/src/datasets/mnist.py.
KERAS_MNIST = RemoteFile(
    address="https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz",
    sha256="731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
    size=11_490_434,
)

SYNTHETIC_SIZES = (20_000, 4_000)  # images to train on, images to test on
SYNTHETIC_SEEDS = (1, 2)

_LARGEST_FILE = 64_000_000  # bytes; MNIST unpacked is 55 million
_LICENCE = "Yann LeCun and Corinna Cortes, Creative Commons Attribution-Share Alike 3.0"
_ADVICE = (
    "With internet, `python -m mnist_app data fetch` brings MNIST; or set MNIST_APP_MNIST to an mnist.npz, "
    "or choose the synthetic digits."
)
_ADVICE_FOR_CHOSEN = "Set MNIST_APP_MNIST to a good mnist.npz, or unset it."
_SYNTHETIC_SOURCE = (
    f"Synthetic digits, written by this app itself as pen strokes by rule (seed {SYNTHETIC_SEEDS[0]} to "
    f"train on, {SYNTHETIC_SEEDS[1]} to test on), from nobody's data."
)

logger = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
Images = NDArray[np.uint8]
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images of digits and what they are. The arrays cannot be written to, because many may share them."""

    name: str
    """`mnist` or `synthetic`."""
    source: str
    """A sentence: where it came from and under which licence."""
    digest: str
    """sha256 of the four arrays' bytes, as `digest` computes it."""
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
        return _load_synthetic(settings, progress)
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
    return [_describe_mnist(settings), _describe_synthetic()]


def cached_mnist(settings: Settings) -> Path:
    """Where Keras keeps MNIST, and so where a download goes."""
    return settings.keras_home / "datasets" / "mnist.npz"


def read_mnist(path: Path) -> Dataset:
    """Read an `mnist.npz` however it was packed, and check its arrays' contents.

    Never unpickles and never takes more memory than MNIST needs, whatever the file declares.
    Raises `DatasetUnavailable`, which says what is wrong with the file.
    """
    arrays = _read_archive(path, _read_array)
    found = digest(arrays)
    if found != MNIST_DIGEST:
        raise DatasetUnavailable(f"{path} has arrays of MNIST's shapes, but their contents are not MNIST's.")
    return Dataset("mnist", _mnist_source(path), found, **arrays)


def digest(arrays: Mapping[str, Images]) -> str:
    """sha256 (hexadecimal) over the bytes of x_train, y_train, x_test and y_test, in this order."""
    sha256 = hashlib.sha256()
    for name in SHAPES:
        sha256.update(np.ascontiguousarray(arrays[name]).data)
    return sha256.hexdigest()


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
        _read_archive(path, _check_header)
    except DatasetUnavailable as error:
        return DatasetStatus("mnist", False, f"MNIST: {_LICENCE}.", 0, f"{error} {advice}")
    images = SHAPES["x_train"][0] + SHAPES["x_test"][0]
    return DatasetStatus("mnist", True, _mnist_source(path), images, "")


def _mnist_source(path: Path) -> str:
    return f"MNIST from {path}: {_LICENCE}."


def _read_archive(path: Path, read: Callable[[IO[bytes], str], T]) -> dict[str, T]:
    """Apply `read(file, name)` to each of MNIST's four arrays in an npz."""
    try:
        size = path.stat().st_size
        if not path.is_file() or size > _LARGEST_FILE:
            raise _Mismatch(f"it is no file of at most {_LARGEST_FILE:,} bytes")
        with zipfile.ZipFile(path) as archive:
            return {name: _read_member(archive, name, read) for name in SHAPES}
    except _Mismatch as error:
        raise DatasetUnavailable(f"{path} is not MNIST: {error}.") from error
    except (FileNotFoundError, NotADirectoryError) as error:
        raise DatasetUnavailable(f"MNIST is not here: there is no file {path}.") from error
    except OSError as error:
        raise DatasetUnavailable(f"{path} cannot be read ({error.strerror or error}).") from error
    except Exception as error:
        # On damaged bytes zipfile, zlib and numpy raise a dozen kinds of error, not all of them documented.
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
        # zipfile unpacks the other kinds without a bound on memory, and numpy writes none of them.
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
    """Read one npy file of known shape: no more bytes than it must have, and one to see that it ends."""
    _check_header(file, name)
    count = math.prod(SHAPES[name])
    values = file.read(count + 1)
    if len(values) != count:
        raise _Mismatch(f"{name} does not hold the {count:,} bytes that its shape needs")
    return np.frombuffer(values, np.uint8).reshape(SHAPES[name])


def _describe_synthetic() -> DatasetStatus:
    return DatasetStatus("synthetic", True, _SYNTHETIC_SOURCE, sum(SYNTHETIC_SIZES), "")


def kept_synthetic(settings: Settings) -> Path:
    """Where the synthetic digits are kept; the name changes with the rules they are written by."""
    rules = hashlib.sha256(repr((SYNTHETIC_SIZES, SYNTHETIC_SEEDS)).encode())
    for file in sorted(Path(ink.__file__).parent.glob("*.py")):
        rules.update(file.read_bytes())
    return settings.home / "datasets" / f"synthetic-{rules.hexdigest()[:12]}.npz"


def _load_synthetic(settings: Settings, progress: Progress | None) -> Dataset:
    path = kept_synthetic(settings)
    dataset = _read_synthetic(path)
    if dataset is None:
        dataset = _write_synthetic(progress)
        _keep_synthetic(dataset, path)
    return dataset


def _read_synthetic(path: Path) -> Dataset | None:
    """The digits as they were kept; None where there are none, or they are not what was written."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in SHAPES}
            if str(archive["digest"]) != digest(arrays):
                raise ValueError("the contents are not what was written")
    except FileNotFoundError:
        return None
    except Exception as error:  # numpy and zipfile raise a dozen kinds on damaged bytes
        logger.warning("%s is damaged (%s); the synthetic digits are written anew.", path, error)
        return None
    for array in arrays.values():
        array.setflags(write=False)
    return Dataset("synthetic", _SYNTHETIC_SOURCE, digest(arrays), **arrays)


def _keep_synthetic(dataset: Dataset, path: Path) -> None:
    """Keep the digits, whole or not at all, and no older ones; without them they take seconds to write."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    arrays = {name: getattr(dataset, name) for name in SHAPES}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as file:
            np.savez_compressed(file, digest=np.array(dataset.digest), **arrays)
        os.replace(draft, path)
        for old in path.parent.glob("synthetic-*.npz"):
            if old != path:
                old.unlink(missing_ok=True)
    except OSError as error:
        logger.warning("The synthetic digits cannot be kept in %s (%s).", path.parent, error.strerror)
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)


def _write_synthetic(progress: Progress | None) -> Dataset:
    from mnist_app.ink.synthesis import synthesise

    total = sum(SYNTHETIC_SIZES)
    arrays: dict[str, Images] = {}
    done = 0
    for part, count, seed in zip(("train", "test"), SYNTHETIC_SIZES, SYNTHETIC_SEEDS, strict=True):
        report = None if progress is None else _shifted(progress, done, total)
        arrays[f"x_{part}"], arrays[f"y_{part}"] = synthesise(count, seed, report)
        done += count
    for array in arrays.values():
        array.setflags(write=False)
    return Dataset("synthetic", _SYNTHETIC_SOURCE, digest(arrays), **arrays)


def _shifted(progress: Progress, offset: int, total: int) -> Progress:
    """Report a part's progress as the whole's."""
    return lambda done, _: progress(offset + done, total)
