"""Comparison of network designs: the questions, and the measured effect of each choice.

`python tools/measure_designs.py` writes the measurements to `assets/learn/designs.json`.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from mnist_app.errors import MalformedText
from mnist_app.learning.networks.designs import DESIGNS, Design
from mnist_app.settings import ASSETS

MEASUREMENTS = ASSETS / "learn" / "designs.json"


@dataclass(frozen=True)
class Question:
    """One choice in the design of a network, with the designs to compare."""

    title: str
    designs: tuple[tuple[str, Design], ...]
    """Each design with its label in a chart, from less to more."""


@dataclass(frozen=True)
class Measurement:
    """Results of a design over several trainings with different seeds."""

    design: Design
    accuracy: float
    """Mean accuracy on the test images, 0 to 1."""
    seconds: float
    """Seconds inside `fit` of the shortest training."""
    parameters: int
    runs: int
    """Number of trainings."""


@dataclass(frozen=True)
class Measurements:
    """All measurements, and a sentence on how they were made."""

    protocol: str
    found: tuple[Measurement, ...]

    def of(self, design: Design) -> Measurement | None:
        """Return the measurement of a design; None if it was not measured."""
        return next((each for each in self.found if each.design == design), None)


def questions(preset: str) -> tuple[Question, ...]:
    """Return the choices that the preset's design has, each with less and more of it."""
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


def read_measurements(path: Path = MEASUREMENTS) -> Measurements | None:
    """Read the measurements; return None if there is no file.

    Raises:
        MalformedText: The file is not what `write_measurements` writes.
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
    """Write the measurements to the file that the Learn page reads."""
    content = {"protocol": protocol, "found": [asdict(each) for each in found]}
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
