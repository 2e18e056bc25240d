"""The configuration of a training run, one small flat value, and the limits of its numbers."""

from dataclasses import asdict, dataclass, fields, replace

from mnist_app.errors import InvalidSetting

OPTIMIZERS = ("sgd", "momentum", "rmsprop", "adam", "adamw")
"""Names of the optimisers; `presets.make_optimizer` makes them."""
INITIALIZERS = ("glorot_uniform", "he_uniform")
"""Keras's names of the rules that draw the first weights of `dense` and `cnn`. New runs have the first."""
_EARLIER_INITIALIZERS = {"cnn": "he_uniform"}
"""The rules, other than that, of configurations that were kept before they named one."""

LONGEST_NAME = 80
"""Most characters in a run's name."""


@dataclass(frozen=True)
class Limit:
    """Range of one hyperparameter, both ends included, and its meaning."""

    minimum: float
    maximum: float
    meaning: str
    unit: str = ""
    whole: bool = True
    """True if only whole numbers are accepted."""


LIMITS: dict[str, Limit] = {
    "epochs": Limit(1, 200, "How many times every training image is seen."),
    "batch_size": Limit(1, 4096, "How many images are averaged for one step of the weights.", "images"),
    "learning_rate": Limit(
        1e-7, 10.0, "How far the weights move along the gradient in one step.", whole=False
    ),
    "momentum": Limit(
        0.0, 0.999, "How much of the last step is carried into the next; for momentum only.", whole=False
    ),
    "validation_share": Limit(
        0.0, 0.5, "The share of the training images held out to check on after every epoch.", whole=False
    ),
    "train_size": Limit(
        20, 1_000_000, "How many training images are used, the validation share among them.", "images"
    ),
    "seed": Limit(0, 2**31 - 1, "The number that all chance is drawn from; the same seed, the same run."),
}


@dataclass(frozen=True)
class TrainingConfig:
    """Everything that decides the result of a training run; equal configurations give the same run.

    The defaults are those of the `cnn` preset. Each preset's own are in `presets.PRESETS[name].defaults`;
    change some of them with `dataclasses.replace`. `presets.get_preset` and `datasets.load_dataset` check
    that preset and data set exist.

    Raises:
        InvalidSetting: A value is outside its limits (`LIMITS`) or of the wrong kind.
    """

    preset: str = "cnn"
    dataset: str = "mnist"
    epochs: int = 10
    batch_size: int = 32
    optimizer: str = "momentum"
    learning_rate: float = 0.01
    momentum: float = 0.9
    validation_share: float = 1 / 12
    train_size: int | None = None
    """Training images to use, including those held out for validation; None for all."""
    seed: int = 0
    name: str = ""
    fine_tuned_from: str = ""
    """The model that is trained further with the class's drawings: `shipped` or a run's id. Empty for a
    network with fresh weights."""
    initializer: str = INITIALIZERS[0]
    """The rule that draws the first weights of `dense` and `cnn`. `accurate` has its own."""

    def __post_init__(self) -> None:
        """Check every field, and turn whole numbers into floats where fractions are allowed."""
        for name in ("preset", "dataset", "optimizer", "name", "fine_tuned_from", "initializer"):
            _check_text(name, getattr(self, name))
        for name, allowed in (("optimizer", OPTIMIZERS), ("initializer", INITIALIZERS)):
            if getattr(self, name) not in allowed:
                came = _shown(getattr(self, name))
                raise InvalidSetting(f"The {name} is {came}; it can be {', '.join(allowed)}.")
        if len(self.name) > LONGEST_NAME:
            raise InvalidSetting(
                f"The name has {len(self.name)} characters; it can have at most {LONGEST_NAME}."
            )
        for name, limit in LIMITS.items():
            if not (name == "train_size" and self.train_size is None):
                object.__setattr__(self, name, check_number(name, getattr(self, name), limit))

    def to_dict(self) -> dict[str, str | int | float | None]:
        """Return the fields by name, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: object) -> "TrainingConfig":
        """Read what `to_dict` wrote, here or in an earlier version.

        Raises:
            InvalidSetting: It is anything else.
        """
        if not isinstance(values, dict):
            raise InvalidSetting(
                f"The settings of a training run are {_shown(values)}; they must have names."
            )
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise InvalidSetting(
                f"{_shown(unknown[0])} is no setting of a training run; there are {sorted(known)}."
            )
        config = cls(**values)  # each value is checked in __post_init__
        earlier = _EARLIER_INITIALIZERS.get(config.preset)
        return replace(config, initializer=earlier) if earlier and "initializer" not in values else config


def check_number(name: str, value: object, limit: Limit) -> int | float:
    """Return the value as an int or a float.

    Raises:
        InvalidSetting: The value is outside the limit, no number (booleans, text, NaN and infinity are none),
            or a float where a whole number is expected.
    """
    label = name.replace("_", " ")
    kind = "a whole number" if limit.whole else "a number"
    wanted = f"it must be {kind} from {limit.minimum:.12g} to {limit.maximum:.12g}"
    accepted = int if limit.whole else (int, float)
    if isinstance(value, bool) or not isinstance(value, accepted):
        raise InvalidSetting(f"The {label} is {_shown(value)}; {wanted}.")
    if not limit.minimum <= value <= limit.maximum:  # false for NaN; an int of any size can be compared
        raise InvalidSetting(f"The {label} is {_shown(value)}; {wanted}.")
    return value if limit.whole else float(value)


def _check_text(name: str, value: object) -> None:
    if not isinstance(value, str):
        raise InvalidSetting(f"The {name} is {_shown(value)}; it must be text.")


def _shown(value: object) -> str:
    """Return the value for a message, on one line of at most 40 characters."""
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
