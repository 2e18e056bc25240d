"""Networks designed otherwise, and what each choice did when it was measured.

`python tools/measure_designs.py` measures, and writes what it finds to `assets/learn/designs.json`.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_app.errors import MalformedText
from mnist_app.learning.networks.layer_summary import LayerSummary
from mnist_app.settings import ASSETS

if TYPE_CHECKING:
    import keras

MEASUREMENTS = ASSETS / "learn" / "designs.json"


@dataclass(frozen=True)
class Design:
    """A network of the two explained kinds: perhaps a convolution and pooling, then dense layers."""

    filters: int
    """Of 3 × 3; 0 for a network without convolution."""
    pool: int
    """Side of the squares of which one number is kept; 1 for no pooling."""
    units: tuple[int, ...]
    """Neurons of each hidden dense layer."""
    activation: str = "relu"
    """Of the convolution and of the hidden layers, by Keras's name; `linear` for none."""


DESIGNS = {"cnn": Design(32, 2, (100,)), "dense": Design(0, 1, (128,))}
"""What the explained presets are."""


@dataclass(frozen=True)
class Question:
    """A choice in the design of a network, and the answers that are tried."""

    title: str
    designs: tuple[tuple[str, Design], ...]
    """Each with its name in a chart, from less to more."""


@dataclass(frozen=True)
class Measurement:
    """What a design came to in several trainings that differ in chance alone."""

    design: Design
    accuracy: float
    """On the test images, 0 to 1: the mean."""
    seconds: float
    """Inside `fit`: of the shortest training."""
    parameters: int
    runs: int
    """How many trainings there were."""


@dataclass(frozen=True)
class Measurements:
    """All measurements, and how they were made, in a sentence."""

    protocol: str
    found: tuple[Measurement, ...]

    def of(self, design: Design) -> Measurement | None:
        """The measurement of a design; None where it was not measured."""
        return next((each for each in self.found if each.design == design), None)


def questions(preset: str) -> tuple[Question, ...]:
    """The choices that the preset's design has, each with more and less of it."""
    own = DESIGNS[preset]
    widths = tuple((str(units), replace(own, units=(units,))) for units in (10, 32, own.units[0], 400))
    depths = tuple((f"{depth} hidden", replace(own, units=own.units * depth)) for depth in range(4))
    functions = tuple(
        (name, replace(own, activation=keras_name))
        for name, keras_name in (
            ("ReLU", "relu"),
            ("tanh", "tanh"),
            ("sigmoid", "sigmoid"),
            ("none", "linear"),
        )
    )
    general = (
        Question("Width: neurons of the hidden layer", widths),
        Question("Depth: hidden dense layers", depths),
        Question("Activation function", functions),
    )
    if preset == "dense":
        return general
    filters = tuple((str(count), replace(own, filters=count)) for count in (1, 8, 32, 64))
    pools = tuple(
        ("none" if side == 1 else f"{side} × {side}", replace(own, pool=side)) for side in (1, 2, 4)
    )
    return (Question("Filters", filters), Question("Size of the pooling", pools), *general)


def layers_of(design: Design) -> list[LayerSummary]:
    """The rows of the network's table, counted without building it."""
    rows: list[LayerSummary] = []
    side, depth = 28, 1
    if design.filters:
        side, depth = side - 2, design.filters
        parameters = 3 * 3 * depth + depth
        rows.append(LayerSummary("Conv2D", (side, side, depth), parameters, f"3 × 3 × 1 × {depth} + {depth}"))
        if design.pool > 1:
            side //= design.pool
            rows.append(LayerSummary("MaxPooling2D", (side, side, depth), 0, ""))
    inputs = side * side * depth
    rows.append(LayerSummary("Flatten", (inputs,), 0, ""))
    for units in (*design.units, 10):
        rows.append(LayerSummary("Dense", (units,), inputs * units + units, f"{inputs} × {units} + {units}"))
        inputs = units
    return rows


def count_parameters(design: Design) -> int:
    """All parameters of the network."""
    return sum(layer.parameters for layer in layers_of(design))


def build(design: Design, seed: int = 0) -> "keras.Model":
    """The network, its weights drawn from the seed by the rules of the preset it is nearest to; not compiled.

    Sets the seed of Python, NumPy and TensorFlow for the whole process.
    """
    import keras
    from keras import layers

    keras.utils.set_random_seed(seed)
    rule = "he_uniform" if design.filters else "glorot_uniform"
    stack: list[keras.Layer] = [keras.Input((28, 28))]
    if design.filters:
        stack.append(layers.Reshape((28, 28, 1)))
        convolution = layers.Conv2D(design.filters, 3, activation=design.activation, kernel_initializer=rule)
        stack.append(convolution)
        stack += [layers.MaxPooling2D(design.pool)] if design.pool > 1 else []
    stack.append(layers.Flatten())
    stack += [
        layers.Dense(units, activation=design.activation, kernel_initializer=rule) for units in design.units
    ]
    return keras.Sequential([*stack, layers.Dense(10, activation="softmax")])


def read_measurements(path: Path = MEASUREMENTS) -> Measurements | None:
    """What was measured; None where nothing was yet.

    Raises:
        MalformedText: the file is not what `write_measurements` writes.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Measurements(content["protocol"], tuple(map(_measurement, content["found"])))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise MalformedText(
            f"{path.name} is damaged; write it anew with tools/measure_designs.py."
        ) from error


def _measurement(values: dict[str, Any]) -> Measurement:
    design = Design(**{**values["design"], "units": tuple(values["design"]["units"])})
    return Measurement(**{**values, "design": design})


def write_measurements(protocol: str, found: Sequence[Measurement], path: Path = MEASUREMENTS) -> None:
    """Put the measurements where the Learn page finds them."""
    content = {"protocol": protocol, "found": [asdict(each) for each in found]}
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
