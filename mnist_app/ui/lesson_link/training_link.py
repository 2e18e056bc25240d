"""Training settings in a lesson link: from a configuration to the parameters of an address, and back.

What an address leaves out has the preset's value. Wrong values are corrected, with a message.
"""

import math
from collections.abc import Mapping
from dataclasses import fields, replace

from mnist_app.learning.data.datasets import DATASETS
from mnist_app.learning.training.configuration import LIMITS, LONGEST_NAME, OPTIMIZERS, Limit, TrainingConfig
from mnist_app.learning.training.presets import PRESETS
from mnist_app.workspace.storage.visible_text import visible_part

DEFAULT_PRESET = "cnn"
_NOT_CHOSEN = ("fine_tuned_from", "initializer")
FIELDS = tuple(field.name for field in fields(TrainingConfig) if field.name not in _NOT_CHOSEN)
_CHOICES = {"dataset": DATASETS, "optimizer": OPTIMIZERS}
_LONGEST_SHOWN = 30
_NAME_CORRECTED = "The name in this link was too long or had characters that cannot be seen, and is cut."

Value = str | int | float | None


def read_lesson(address: Mapping[str, str]) -> tuple[TrainingConfig, list[str]]:
    """Return the configuration that an address asks for, and a sentence for each correction."""
    messages: list[str] = []
    preset = address.get("preset", DEFAULT_PRESET)
    if preset not in PRESETS:
        messages.append(f"This link asks for the preset {_shown(preset)}; there are {_listed(PRESETS)}.")
        preset = DEFAULT_PRESET
    config = PRESETS[preset].defaults
    for name in FIELDS:
        if name in address and name != "preset":
            value, message = _read(name, address[name], getattr(config, name))
            config = replace(config, **{name: value})  # type: ignore[arg-type]  # checked by the configuration
            messages += [message] if message else []
    return config, messages


def write_lesson(config: TrainingConfig) -> dict[str, str]:
    """Return the parameters of the shortest address: the preset, and what differs from its values."""
    defaults = PRESETS[config.preset].defaults
    return {
        name: _written(getattr(config, name))
        for name in FIELDS
        if name == "preset" or getattr(config, name) != getattr(defaults, name)
    }


def _read(name: str, text: str, default: Value) -> tuple[Value, str]:
    """Return the value of a parameter, corrected if it is wrong, and the correction in a sentence or ""."""
    label = name.replace("_", " ")
    if name == "name":
        taken = visible_part(text[:LONGEST_NAME])
        return taken, "" if taken == text else _NAME_CORRECTED
    if name in _CHOICES:
        if text in _CHOICES[name]:
            return text, ""
        there_are = _listed(_CHOICES[name])
        return default, f"This link asks for the {label} {_shown(text)}; there are {there_are}."
    if name == "train_size" and text == "all":
        return None, ""
    return read_number(label, text, LIMITS[name], default)


def read_number(label: str, text: str, limit: Limit, default: Value) -> tuple[Value, str]:
    """Return the number that a text stands for, corrected if it is wrong, and the correction or ""."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if math.isnan(number):
        return default, f"This link sets {label} to {_shown(text)}, which is no number; {default} is taken."
    allowed = min(max(number, limit.minimum), limit.maximum)
    value = round(allowed) if limit.whole else allowed
    if value == number:
        return value, ""
    return value, (
        f"This link sets {label} to {_shown(text)}; {'whole numbers' if limit.whole else 'numbers'} from "
        f"{limit.minimum:.12g} to {limit.maximum:.12g} are possible, and {value:.12g} is taken."
    )


def _written(value: Value) -> str:
    if value is None:
        return "all"
    return repr(value) if isinstance(value, float) else str(value)


def _listed(names: Mapping[str, object] | tuple[str, ...]) -> str:
    return ", ".join(names)


def _shown(text: str) -> str:
    return repr(text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…")
