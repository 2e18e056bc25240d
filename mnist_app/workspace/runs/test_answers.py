"""Cache of models' predictions and features on test sets, in the app's home."""

import contextlib
import io
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.lib.npyio import NpzFile
from numpy.typing import NDArray

from mnist_app.atomic_write import atomic_write
from mnist_app.errors import StorageUnavailable
from mnist_app.learning.explanation.likeness import Features
from mnist_app.learning.networks.designs import CLASSES
from mnist_app.workspace.storage.database import make_folder

T = TypeVar("T")

logger = logging.getLogger(__name__)


class Evaluations:
    """What a model makes of each image of a test set: ten probabilities, and the last hidden layer's outputs.

    Each is an `.npz` of plain arrays. A file's name has the digests of the model and of the data set, so a
    change of either is noticed. A file is put in place whole, by a rename, or not at all.

    A backup leaves the features out: they are large, and computed anew within seconds.
    """

    def __init__(self, home: Path) -> None:
        self._folder = home / "evaluations"

    def path(self, model_sha256: str, dataset_digest: str) -> Path:
        """Return the path of a model's answers on a data set's test images."""
        return self._folder / f"{model_sha256}-{dataset_digest[:16]}.npz"

    def features_path(self, model_sha256: str, dataset_digest: str) -> Path:
        """Return the path of a model's features of a data set's test images."""
        return self._folder / f"{model_sha256}-{dataset_digest[:16]}-features.npz"

    def read(self, model_sha256: str, dataset_digest: str, count: int) -> NDArray[np.float32] | None:
        """Return the kept probabilities (count, 10); None where there are none that can be used."""

        def take(archive: NpzFile) -> NDArray[np.float32]:
            probabilities: NDArray[np.float32] = archive["probabilities"]
            _check(probabilities, count)
            return probabilities

        return _read(self.path(model_sha256, dataset_digest), take)

    def read_features(
        self, model_sha256: str, dataset_digest: str, shape: tuple[int, int]
    ) -> Features | None:
        """Return the kept features of this shape; None where there are none that can be used."""

        def take(archive: NpzFile) -> Features:
            features = Features(archive["values"], float(archive["scale"]))
            _check_features(features, shape)
            return features

        return _read(self.features_path(model_sha256, dataset_digest), take)

    def keep(self, model_sha256: str, dataset_digest: str, probabilities: NDArray[np.float32]) -> None:
        """Keep the probabilities (n, 10) that a model gave; raises `StorageUnavailable`."""
        _write(self.path(model_sha256, dataset_digest), probabilities=probabilities)

    def keep_features(self, model_sha256: str, dataset_digest: str, features: Features) -> None:
        """Keep a model's features; raises `StorageUnavailable`."""
        path = self.features_path(model_sha256, dataset_digest)
        _write(path, values=features.values, scale=np.float64(features.scale))

    def delete(self, model_sha256: str) -> None:
        """Delete the kept answers and features of a model, if there are any."""
        for path in self._folder.glob(f"{model_sha256}-*.npz"):
            with contextlib.suppress(OSError):  # a leftover file is harmless
                path.unlink()


def _read(path: Path, take: Callable[[NpzFile], T]) -> T | None:
    """Return what `take` takes from a file; None if there is none, or if `take` fails on it."""
    if not path.is_file():
        return None
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as archive:
            return take(archive)
    except Exception as error:  # on damaged bytes zipfile, zlib and numpy raise a dozen kinds of error
        logger.warning("%s cannot be used (%s); the model is evaluated again.", path, error)
        return None


def _write(path: Path, **arrays: NDArray[np.floating] | np.floating) -> None:
    """Write a file whole or not at all; raises `StorageUnavailable`."""
    make_folder(path.parent)
    try:
        with atomic_write(path) as file:
            np.savez(file, allow_pickle=False, **arrays)
    except OSError as error:
        raise StorageUnavailable(f"{path} cannot be written ({error.strerror or error}).") from error


def _check(probabilities: NDArray[np.float32], count: int) -> None:
    if probabilities.shape != (count, CLASSES) or probabilities.dtype != np.float32:
        raise ValueError(f"it has {probabilities.dtype} {probabilities.shape}; expected ({count}, 10)")
    # NaN fails every comparison.
    if not (probabilities.min() >= 0 and np.allclose(probabilities.sum(axis=1), 1, atol=1e-3)):
        raise ValueError("its rows are no probabilities")


def _check_features(features: Features, shape: tuple[int, int]) -> None:
    values = features.values
    if values.shape != shape or values.dtype != np.float16:
        raise ValueError(f"it has {values.dtype} {values.shape}; expected float16 {shape}")
    # NaN fails every comparison.
    if not (0 < features.scale < np.inf and values.min() >= -1 and values.max() <= 1):
        raise ValueError("its numbers are no features")
