"""The model card: what a shipped model is, what it was trained on, how good it is, as JSON beside its file.

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
    """One accuracy, and exactly what it was measured on."""

    name: str
    accuracy: float
    """Share of the images answered rightly, 0 to 1."""
    images: int
    protocol: str
    per_digit: tuple[float, ...] = ()
    """The same for each of the ten digits, where that was found out; NaN where there are none of a digit."""
    calibration_error: float | None = None
    """The expected calibration error (`learning.calibration`), 0 to 1, where it was found out."""


@dataclass(frozen=True)
class Layer:
    """One layer of the network."""

    name: str
    kind: str
    output_shape: tuple[int | None, ...]
    parameters: int


@dataclass(frozen=True)
class ModelCard:
    """What is known of a model that ships."""

    name: str
    preset: str
    """Whose network it is; empty for one that is no preset's."""
    summary: str
    layers: tuple[Layer, ...]
    parameters: int
    data: dict[str, str]
    """What it was trained on: name, source, digests of the arrays."""
    configuration: dict[str, str | int | float | None]
    """The `TrainingConfig` it was trained with, seed included."""
    seconds: float
    """Time inside `fit`."""
    versions: dict[str, str]
    measurements: tuple[Measurement, ...]
    chosen_by: str
    """What the architecture and its hyperparameters were chosen on."""
    limits: str
    """What the model is not good for."""
    file: str
    sha256: str
    size: int
    """Bytes of the file."""
    rebuild: str
    date: str
    """The day of training, ISO 8601."""

    def measurement(self, name: str) -> Measurement | None:
        """The measurement of that name, if there is one."""
        return next((entry for entry in self.measurements if entry.name == name), None)


def layers_of(model: "keras.Model") -> tuple[Layer, ...]:
    """The network's layers in the order in which they work, its input left out."""
    return tuple(
        Layer(layer.name, type(layer).__name__, tuple(layer.output.shape), layer.count_params())
        for layer in model.layers
        if type(layer).__name__ != "InputLayer"
    )


def facts_of(model: "keras.Model", path: Path, seconds: float, today: date) -> dict[str, Any]:
    """What a card says of every model alike, by the names of its fields: network, training and file."""
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
    """Name, source and digest of a data set, without where on this machine it lies."""
    return {"name": dataset.name, "source": dataset.source.split(": ", 1)[-1], "sha256": dataset.digest}


def digest(data: bytes) -> str:
    """The sha256 of some bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def write_card(card: ModelCard, path: Path) -> None:
    """Write the card as JSON, atomically."""
    text = json.dumps(asdict(card), indent=2, ensure_ascii=False) + "\n"
    with atomic_write(path) as file:
        file.write(text.encode())


def read_card(path: Path) -> ModelCard:
    """The card that `write_card` wrote; raises `ModelUnavailable` when it is missing or damaged."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelUnavailable(
            f"The model card {path} cannot be read ({error.strerror}); `make model` writes it."
        ) from error
    except ValueError as error:
        raise ModelUnavailable(f"The model card {path} is no JSON; `make model` writes it anew.") from error
    return _card(values, path)


def verify(card: ModelCard, model_path: Path) -> None:
    """Check that the file is the one the card describes; raises `ModelUnavailable` when it is not."""
    try:
        content = model_path.read_bytes()
    except OSError as error:
        raise ModelUnavailable(
            f"The model {model_path} cannot be read ({error.strerror}); `make model` builds it."
        ) from error
    if len(content) != card.size or digest(content) != card.sha256:
        raise ModelUnavailable(
            f"The model {model_path} is not the one its card describes ({len(content)} bytes where "
            f"{card.size} were expected, or other contents); fetch it anew or build it with `make model`."
        )


def _card(values: Any, path: Path) -> ModelCard:
    expected = {field.name for field in fields(ModelCard)}
    if not isinstance(values, dict) or set(values) != expected:
        raise ModelUnavailable(f"The model card {path} lacks or adds entries; `make model` writes it anew.")
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
