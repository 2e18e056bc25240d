"""Cache of models' predictions on test sets, in the app's home."""

import contextlib
import io
import logging
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mnist_app.atomic_write import atomic_write
from mnist_app.errors import StorageUnavailable
from mnist_app.learning.networks.designs import CLASSES
from mnist_app.workspace.storage.database import make_folder

logger = logging.getLogger(__name__)


class Evaluations:
    """The ten probabilities of a model for each image of a test set, in an `.npz` of plain arrays.

    A file's name has the digests of the model and of the data set, so a change of either is noticed. A file
    is put in place whole, by a rename, or not at all.
    """

    def __init__(self, home: Path) -> None:
        self._folder = home / "evaluations"

    def path(self, model_sha256: str, dataset_digest: str) -> Path:
        """Return the path of a model's answers on a data set's test images."""
        return self._folder / f"{model_sha256}-{dataset_digest[:16]}.npz"

    def read(self, model_sha256: str, dataset_digest: str, count: int) -> NDArray[np.float32] | None:
        """Return the kept probabilities (count, 10); None where there are none that can be used."""
        path = self.path(model_sha256, dataset_digest)
        if not path.is_file():
            return None
        try:
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as archive:
                probabilities: NDArray[np.float32] = archive["probabilities"]
            _check(probabilities, count)
        except Exception as error:  # on damaged bytes zipfile, zlib and numpy raise a dozen kinds of error
            logger.warning("%s cannot be used (%s); the model is evaluated again.", path, error)
            return None
        return probabilities

    def keep(self, model_sha256: str, dataset_digest: str, probabilities: NDArray[np.float32]) -> None:
        """Keep the probabilities (n, 10) that a model gave; raises `StorageUnavailable`."""
        path = self.path(model_sha256, dataset_digest)
        make_folder(path.parent)
        try:
            with atomic_write(path) as file:
                np.savez(file, allow_pickle=False, probabilities=probabilities)
        except OSError as error:
            raise StorageUnavailable(f"{path} cannot be written ({error.strerror or error}).") from error

    def delete(self, model_sha256: str) -> None:
        """Delete the kept answers of a model, if there are any."""
        for path in self._folder.glob(f"{model_sha256}-*.npz"):
            with contextlib.suppress(OSError):  # a leftover file is harmless
                path.unlink()


def _check(probabilities: NDArray[np.float32], count: int) -> None:
    if probabilities.shape != (count, CLASSES) or probabilities.dtype != np.float32:
        raise ValueError(f"it has {probabilities.dtype} {probabilities.shape}; expected ({count}, 10)")
    # NaN fails every comparison.
    if not (probabilities.min() >= 0 and np.allclose(probabilities.sum(axis=1), 1, atol=1e-3)):
        raise ValueError("its rows are no probabilities")
