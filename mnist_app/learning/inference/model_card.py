"""The model card: a shipped model, its training data and its quality, as JSON beside its file.

After "Model Cards for Model Reporting" (Mitchell et al., 2019), cut down to what can be measured here.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_app.atomic_write import atomic_write
from mnist_app.errors import ModelUnavailable
from mnist_app.learning.networks.versions import versions

if TYPE_CHECKING:
    import keras

    from mnist_app.learning.data.datasets import Dataset


@dataclass(frozen=True)
class Measurement:
    """One accuracy, and what it was measured on."""

    name: str
    accuracy: float
    """Share of images answered correctly, 0 to 1."""
    images: int
    protocol: str
    per_digit: tuple[float, ...] = ()
    """Accuracy of each of the ten digits, NaN for a digit without images; empty if not measured."""
    calibration_error: float | None = None
    """Expected calibration error (`metrics.calibration`), 0 to 1; None if not measured."""


@dataclass(frozen=True)
class Layer:
    """One layer of the network."""

    name: str
    kind: str
    output_shape: tuple[int | None, ...]
    parameters: int


@dataclass(frozen=True)
class ModelCard:
    """Description of a model that ships."""

    name: str
    preset: str
    """Preset of the network; empty if it is no preset's."""
    summary: str
    layers: tuple[Layer, ...]
    parameters: int
    data: dict[str, str]
    """Training data: name, source, digests of the arrays."""
    configuration: dict[str, str | int | float | None]
    """The `TrainingConfig` of the training, seed included."""
    seconds: float
    """Seconds inside `fit`."""
    versions: dict[str, str]
    measurements: tuple[Measurement, ...]
    chosen_by: str
    """Data on which the architecture and its hyperparameters were chosen."""
    limits: str
    """Uses for which the model is not good."""
    file: str
    sha256: str
    size: int
    """Bytes of the file."""
    rebuild: str
    date: str
    """The day of training, ISO 8601."""

    def measurement(self, name: str) -> Measurement | None:
        """Return the measurement of this name; None if there is none."""
        return next((entry for entry in self.measurements if entry.name == name), None)


def layers_of(model: "keras.Model") -> tuple[Layer, ...]:
    """Return the model's layers in order, without its input."""
    return tuple(
        Layer(layer.name, type(layer).__name__, tuple(layer.output.shape), layer.count_params())
        for layer in model.layers
        if type(layer).__name__ != "InputLayer"
    )


def facts_of(model: "keras.Model", path: Path, seconds: float, today: date) -> dict[str, Any]:
    """Return the fields that every card has alike, by name: network, training and file."""
    content = path.read_bytes()
    return {
        "layers": layers_of(model),
        "parameters": model.count_params(),
        "seconds": round(seconds, 1),
        "versions": versions(),
        "file": path.name,
        "sha256": digest(content),
        "size": len(content),
        "rebuild": "make model",
        "date": today.isoformat(),
    }


def origin_of(dataset: "Dataset") -> dict[str, str]:
    """Return name, source and digest of a data set, without its path on this machine."""
    return {"name": dataset.name, "source": dataset.source.split(": ", 1)[-1], "sha256": dataset.digest}


def digest(data: bytes) -> str:
    """Return the sha256 of some bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def write_card(card: ModelCard, path: Path) -> None:
    """Write the card as JSON, atomically."""
    text = json.dumps(asdict(card), indent=2, ensure_ascii=False) + "\n"
    with atomic_write(path) as file:
        file.write(text.encode())


def read_card(path: Path) -> ModelCard:
    """Read a card that `write_card` wrote; raise `ModelUnavailable` if it is missing or damaged."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelUnavailable(
            f"The model card {path} cannot be read ({error.strerror}); run make model to write it."
        ) from error
    except ValueError as error:
        raise ModelUnavailable(
            f"The model card {path} is not JSON; run make model to write it anew."
        ) from error
    return _card(values, path)


def verify(card: ModelCard, model_path: Path) -> None:
    """Raise `ModelUnavailable` unless the file is the one that the card describes."""
    try:
        content = model_path.read_bytes()
    except OSError as error:
        raise ModelUnavailable(
            f"The model {model_path} cannot be read ({error.strerror}); run make model to build it."
        ) from error
    if len(content) != card.size or digest(content) != card.sha256:
        raise ModelUnavailable(
            f"The model {model_path} is not the one its card describes ({len(content)} bytes where "
            f"{card.size} were expected, or other contents); fetch it anew or build it with make model."
        )


def _card(values: Any, path: Path) -> ModelCard:
    expected = {field.name for field in fields(ModelCard)}
    if not isinstance(values, dict) or set(values) != expected:
        raise ModelUnavailable(
            f"The model card {path} has missing or unknown entries; run make model to write it anew."
        )
    try:
        layers = tuple(
            Layer(**{**layer, "output_shape": tuple(layer["output_shape"])}) for layer in values["layers"]
        )
        measurements = tuple(
            Measurement(**{**entry, "per_digit": tuple(entry.get("per_digit", ()))})
            for entry in values["measurements"]
        )
    except (TypeError, KeyError) as error:
        raise ModelUnavailable(f"The model card {path} is damaged ({error}).") from error
    return ModelCard(**{**values, "layers": layers, "measurements": measurements})
