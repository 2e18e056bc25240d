"""The files of training runs: their models, and the checkpoints from which they can be continued.

They are in the app's home or, for several servers, at the address in `MNIST_APP_FILES`.
"""

import contextlib
import hashlib
import io
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mnist_app.atomic_write import atomic_write
from mnist_app.errors import ModelUnavailable, StorageUnavailable
from mnist_app.learning.training.presets import build_model
from mnist_app.settings import Settings
from mnist_app.workspace.runs.records import Run
from mnist_app.workspace.storage.database import make_folder
from mnist_app.workspace.storage.identifiers import checked_id
from mnist_app.workspace.storage.shared_files import SharedFiles, local_folder

if TYPE_CHECKING:
    import keras

    from mnist_app.learning.inference.classifier import Classifier

CACHE = "copies"
"""The folder in the home with copies of remote files."""
MOST_COPIES = 100
"""The number of copies of models, and of checkpoints, that are kept there."""


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """The state of a training after an epoch, from which it can be continued."""

    epoch: int
    """How many epochs it has seen."""
    arrays: tuple[NDArray[np.generic], ...]
    """The network's weights, then the optimiser's state, in Keras's order."""


class ModelFiles:
    """The models and checkpoints of runs. Each file is put in place whole, by a rename, or not at all.

    A checkpoint is an `.npz` of plain arrays. For files at a remote address, `home` has copies: a new file is
    written there first, and a file that is missing or other than the store describes it is fetched.
    """

    def __init__(self, home: Path, shared: SharedFiles | None = None) -> None:
        """Take the folder of `models` and `checkpoints`, and the remote files where there are some."""
        self.home = home
        self._shared = shared

    @classmethod
    def of(cls, settings: Settings) -> "ModelFiles":
        """Return the files that the settings name; raises `InvalidSetting` for an invalid address."""
        if settings.files is None:
            return cls(settings.home)
        folder = local_folder(settings.files)
        if folder is not None:
            return cls(folder)
        return cls(settings.home / CACHE, SharedFiles(settings.files))

    def model_path(self, run_id: str) -> Path:
        """Return the path of the run's `.keras` file; raises `RunNotFound` for an invalid id."""
        return self.home / "models" / f"{checked_id(run_id)}.keras"

    def checkpoint_path(self, run_id: str, epoch: int) -> Path:
        """Return the path of the run's checkpoint after `epoch`; raises `RunNotFound` for an invalid id."""
        return self.home / "checkpoints" / f"{checked_id(run_id)}-{epoch}.npz"

    def save_model(self, run_id: str, model: "keras.Model") -> str:
        """Write the run's model and return the file's sha256; raises `StorageUnavailable`."""
        from mnist_app.learning.training.training import save_model

        path = self.model_path(run_id)
        make_folder(path.parent)
        try:
            save_model(model, path)
        except OSError as error:
            raise _unwritable(path, error) from error
        finally:
            path.with_name(f"{path.stem}.part.keras").unlink(missing_ok=True)
        if self._shared is not None:
            self._shared.write(self._name(path), path.read_bytes())
        return file_sha256(path)

    def save_checkpoint(self, run_id: str, checkpoint: Checkpoint) -> str:
        """Write a checkpoint and return the file's sha256; raises `StorageUnavailable`."""
        path = self.checkpoint_path(run_id, checkpoint.epoch)
        file = io.BytesIO()
        names = [f"{index:03}" for index in range(len(checkpoint.arrays))]
        np.savez(file, allow_pickle=False, **dict(zip(names, checkpoint.arrays, strict=True)))
        content = file.getvalue()
        self._write(path, content)
        return hashlib.sha256(content).hexdigest()

    def copy_checkpoint(self, source: Run, run_id: str) -> None:
        """Copy a run's checkpoint to another run; raises `ModelUnavailable` or `StorageUnavailable`."""
        content = self._read_checkpoint(source)
        self._write(self.checkpoint_path(run_id, source.checkpoint_epoch or 0), content)

    def restore_checkpoint(self, run: Run, model: "keras.Model") -> None:
        """Load the run's checkpoint, optimiser state included, into a compiled network of its preset.

        Raises:
            ModelUnavailable: The checkpoint is missing, damaged or another network's.
        """
        model.optimizer.build(model.trainable_variables)
        _assign([*model.weights, *model.optimizer.variables], self.read_checkpoint(run), run)

    def load_model(self, run: Run) -> Path:
        """Return the path of the run's model after comparing its digest; raises `ModelUnavailable`."""
        path = self.model_path(run.id)
        if run.model_sha256 is None:
            raise ModelUnavailable(f"Run {run.id} has no model: it is {run.status}.")
        self._fetch(path, run.model_sha256)
        try:
            found = file_sha256(path)
        except OSError as error:
            raise ModelUnavailable(
                f"The model of run {run.id} cannot be read ({error.strerror}: {path}); train it again."
            ) from error
        if found != run.model_sha256:
            raise ModelUnavailable(
                f"The model of run {run.id} is damaged: {path} is not what was written; train it again."
            )
        return path

    def load_classifier(self, run: Run) -> "Classifier":
        """Return the run's model, ready to answer, or that of its checkpoint where it has no model.

        Raises:
            ModelUnavailable: There is neither, the file is missing or damaged, or the weights are so large
                that the model cannot answer.
        """
        from mnist_app.learning.inference.classifier import Classifier
        from mnist_app.learning.inference.inference import check_network

        if run.model_sha256 is not None or run.checkpoint_epoch is None:
            classifier = Classifier.load(self.load_model(run))
        else:
            classifier = Classifier(self._network_of_checkpoint(run))
        check_network(classifier.model)
        return classifier

    def load_weights(self, run: Run) -> list[NDArray[np.float32]]:
        """Return the weights of the inference-only network (`batch_norm_folding.fold`), in Keras's order.

        Raises:
            ModelUnavailable: As `load_classifier`.
        """
        from mnist_app.learning.inference.inference import check_network, load_model
        from mnist_app.learning.networks.batch_norm_folding import fold

        if run.model_sha256 is not None or run.checkpoint_epoch is None:
            model = load_model(self.load_model(run))
        else:
            model = self._network_of_checkpoint(run)
        folded = fold(model)
        check_network(folded)
        weights: list[NDArray[np.float32]] = folded.get_weights()
        return weights

    def _network_of_checkpoint(self, run: Run) -> "keras.Model":
        model = build_model(run.config.preset, run.config.seed)
        self.restore_weights(run, model)
        return model

    def restore_weights(self, run: Run, model: "keras.Model") -> None:
        """Load the weights of the run's checkpoint into a network of its preset.

        Raises:
            ModelUnavailable: The checkpoint is missing, damaged or another network's.
        """
        _assign(model.weights, self.read_checkpoint(run)[: len(model.weights)], run)

    def read_checkpoint(self, run: Run) -> list[NDArray[np.generic]]:
        """Return the weights of the run's checkpoint, then its optimiser's state, in Keras's order.

        Raises:
            ModelUnavailable: The checkpoint is missing or damaged.
        """
        with np.load(io.BytesIO(self._read_checkpoint(run)), allow_pickle=False) as archive:
            return [archive[name] for name in sorted(archive.files)]

    def delete(self, run_id: str) -> None:
        """Delete all files of a run, if it has any; raises `StorageUnavailable`."""
        models = (self.home / "models").glob(f"{checked_id(run_id)}.*")
        checkpoints = (self.home / "checkpoints").glob(f"{run_id}-*")
        for path in (*models, *checkpoints):  # incomplete files, too
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise StorageUnavailable(f"{path} cannot be deleted ({error.strerror}).") from error
        if self._shared is not None:
            for pattern in (f"models/{run_id}.*", f"checkpoints/{run_id}-*"):
                for name in self._shared.names(pattern):
                    self._shared.delete(name)

    def delete_checkpoints_but(self, run_id: str, epochs: Collection[int]) -> None:
        """Delete a run's checkpoints except those after the given epochs."""
        kept = {self.checkpoint_path(run_id, epoch) for epoch in epochs}
        for path in (self.home / "checkpoints").glob(f"{checked_id(run_id)}-*.npz"):
            if path not in kept:
                with contextlib.suppress(OSError):  # a leftover file is harmless
                    path.unlink()
        if self._shared is not None:
            kept_names = {self._name(path) for path in kept}
            with contextlib.suppress(StorageUnavailable):  # so is one at the remote address
                for name in self._shared.names(f"checkpoints/{run_id}-*.npz"):
                    if name not in kept_names:
                        self._shared.delete(name)

    def _name(self, path: Path) -> str:
        """Return the name of a file among the shared files."""
        return path.relative_to(self.home).as_posix()

    def _write(self, path: Path, content: bytes) -> None:
        """Write a file whole or not at all; raises `StorageUnavailable`."""
        _write(path, content)
        if self._shared is not None:
            self._shared.write(self._name(path), content)

    def _fetch(self, path: Path, sha256: str | None) -> None:
        """Fetch a file that another server has written; raises `ModelUnavailable`."""
        if self._shared is None or (path.is_file() and file_sha256(path) == sha256):
            return
        try:
            _write(path, self._shared.read(self._name(path)))
        except StorageUnavailable as error:
            raise ModelUnavailable(f"{error} Then try again.") from error
        _remove_all_but_newest(path.parent, MOST_COPIES)

    def _read_checkpoint(self, run: Run) -> bytes:
        if run.checkpoint_epoch is None:
            raise ModelUnavailable(f"Run {run.id} has no checkpoint: no epoch of it was finished.")
        path = self.checkpoint_path(run.id, run.checkpoint_epoch)
        self._fetch(path, run.checkpoint_sha256)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ModelUnavailable(
                f"The checkpoint of run {run.id} cannot be read ({error.strerror}: {path}); train it again."
            ) from error
        if hashlib.sha256(content).hexdigest() != run.checkpoint_sha256:
            raise ModelUnavailable(
                f"The checkpoint of run {run.id} is damaged: {path} is not what was written; train it again."
            )
        return content


def take_checkpoint(model: "keras.Model", epoch: int) -> Checkpoint:
    """Return a copy of the weights and the optimiser's state after an epoch."""
    variables = [*model.weights, *model.optimizer.variables]
    return Checkpoint(epoch, tuple(variable.value.numpy() for variable in variables))


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file in hexadecimal; raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; raises `StorageUnavailable`."""
    make_folder(path.parent)
    try:
        with atomic_write(path) as file:
            file.write(content)
    except OSError as error:
        raise _unwritable(path, error) from error


def _remove_all_but_newest(folder: Path, most: int) -> None:
    """Delete the oldest copies in a folder beyond the `most` newest."""
    with contextlib.suppress(OSError):  # another thread may remove them too
        for path in sorted(folder.iterdir(), key=lambda path: -path.stat().st_mtime)[most:]:
            path.unlink()


def _assign(variables: list["keras.Variable"], arrays: list[NDArray[np.generic]], run: Run) -> None:
    expected = [tuple(variable.shape) for variable in variables]
    if [array.shape for array in arrays] != expected:
        raise ModelUnavailable(f"The checkpoint of run {run.id} is not of the network {run.config.preset}.")
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)


def _unwritable(path: Path, error: OSError) -> StorageUnavailable:
    return StorageUnavailable(
        f"{path} cannot be written ({error.strerror or error}); see that the disk is not full."
    )
