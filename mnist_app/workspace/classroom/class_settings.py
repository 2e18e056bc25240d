"""The teacher's settings for the class: limits, hidden pages and controls, and the model to start with."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from mnist_app.errors import InvalidSetting
from mnist_app.learning.data.datasets import TRAINING_IMAGES
from mnist_app.learning.inference.shipped import SHIPPED
from mnist_app.learning.training.configuration import LIMITS, Limit, TrainingConfig, check_number
from mnist_app.workspace.storage.identifiers import is_id

MOST_WAITING = 50
"""How many runs of one person may wait, unless the teacher sets another limit."""
CLASS_LIMITS = {
    "most_epochs": Limit(1, LIMITS["epochs"].maximum, "Epochs that one training may have."),
    "most_waiting_per_person": Limit(1, MOST_WAITING, "Trainings of one person that may wait at once."),
    "most_training_images": Limit(
        LIMITS["train_size"].minimum,
        max(TRAINING_IMAGES.values()),
        "Images that one training may learn from.",
        "images",
    ),
}
"""The range of each limit. Its largest value means no limit."""
HIDEABLE_PAGES = frozenset({"train", "runs", "test_images", "class_drawings", "learn"})
"""The pages that the teacher can hide: all but Draw and the teacher's own."""
HIDEABLE_CONTROLS = frozenset(
    {
        *("picture", "camera", "keep_drawings", "look_inside"),
        *("network", "epochs", "optimiser", "data"),
        *("download_runs", "delete_runs"),
    }
)
"""The controls that the teacher can hide."""


@dataclass(frozen=True)
class ClassSettings:
    """The settings of the class. The defaults forbid nothing.

    Raises `InvalidSetting` for a value that cannot be used.
    """

    most_epochs: int = int(CLASS_LIMITS["most_epochs"].maximum)
    most_waiting_per_person: int = MOST_WAITING
    most_training_images: int = int(CLASS_LIMITS["most_training_images"].maximum)
    hidden_pages: frozenset[str] = frozenset()
    """The names of the hidden pages. A page that a later version adds is not hidden."""
    hidden_controls: frozenset[str] = frozenset()
    """The names of the hidden controls. A control that a later version adds is not hidden."""
    start_model: str = SHIPPED
    """`shipped` or a run's id: the model that answers until a visitor chooses another."""

    def __post_init__(self) -> None:
        """Check every field."""
        for name, limit in CLASS_LIMITS.items():
            check_number(name, getattr(self, name), limit)
        for what, hidden, hideable in (
            ("pages", self.hidden_pages, HIDEABLE_PAGES),
            ("controls", self.hidden_controls, HIDEABLE_CONTROLS),
        ):
            if not isinstance(hidden, frozenset) or not hidden <= hideable:
                names = ", ".join(sorted(hideable))
                raise InvalidSetting(f"The hidden {what} are {hidden!r:.40}; these can be hidden: {names}.")
        if not _is_model(self.start_model):
            raise InvalidSetting(
                f"The model that everyone starts with is {self.start_model!r:.40}; it can be {SHIPPED} or "
                "the id of a run."
            )

    def check(self, config: TrainingConfig) -> None:
        """Raise `InvalidSetting` for a training that exceeds the limits of the class.

        The limit of images does not apply to a fine-tuning, which chooses its images itself.
        """
        if config.epochs > self.most_epochs:
            raise InvalidSetting(
                f"This training would have {config.epochs} epochs; your teacher allows {self.most_epochs}. "
                "Set fewer epochs."
            )
        images = images_of(config)
        if images > self.most_training_images and not config.fine_tuned_from:
            raise InvalidSetting(
                f"This training would learn from {images:,} images; your teacher allows "
                f"{self.most_training_images:,}. Set fewer training images under More settings."
            )

    def fit(self, config: TrainingConfig) -> TrainingConfig:
        """Return the training reduced to the limits of the class."""
        most = self.most_training_images
        train_size = config.train_size if images_of(config) <= most else most
        return replace(config, epochs=min(config.epochs, self.most_epochs), train_size=train_size)

    def combined(self, other: "ClassSettings") -> "ClassSettings":
        """Return the smaller limits, all that either hides, and the model that `other` names."""
        return replace(
            other,
            **{name: min(getattr(self, name), getattr(other, name)) for name in CLASS_LIMITS},
            hidden_pages=self.hidden_pages | other.hidden_pages,
            hidden_controls=self.hidden_controls | other.hidden_controls,
            start_model=self.start_model if other.start_model == SHIPPED else other.start_model,
        )

    def to_dict(self) -> dict[str, object]:
        """Return the fields by name, ready for JSON."""
        hidden = {"hidden_pages": sorted(self.hidden_pages), "hidden_controls": sorted(self.hidden_controls)}
        return {**asdict(self), **hidden}

    @classmethod
    def from_dict(cls, values: Any) -> "ClassSettings":
        """Return the settings that `to_dict` wrote, here or in another version.

        Names that the teacher cannot hide are ignored, so no archive can hide Draw or the teacher's page.

        Raises:
            InvalidSetting: The values are something else.
        """
        try:
            pages, controls = (
                values["hidden_pages"],
                values.get("hidden_controls", []),
            )  # controls came in a later version
            if not isinstance(pages, list) or not isinstance(controls, list):
                raise TypeError("lists are expected")
            hidden = {
                "hidden_pages": HIDEABLE_PAGES.intersection(pages),
                "hidden_controls": HIDEABLE_CONTROLS.intersection(controls),
            }
            return cls(**{**values, **hidden})
        except (TypeError, KeyError) as error:
            raise InvalidSetting(
                f"The store has settings of the class that this version cannot read: {values!r:.40}; "
                "set them anew on the teacher's page."
            ) from error


def stored_settings(values: Any) -> ClassSettings:
    """Return the settings in a store, with the default in place of each value that is not valid.

    Raises:
        InvalidSetting: The values are no settings at all.
    """
    defaults = ClassSettings().to_dict()
    sound = dict(values) if isinstance(values, dict) else values
    for name in defaults.keys() & (values if isinstance(values, dict) else ()):
        try:
            ClassSettings.from_dict({**defaults, name: values[name]})
        except InvalidSetting:
            sound[name] = defaults[name]
    return ClassSettings.from_dict(sound)


def images_of(config: TrainingConfig) -> int:
    """Return the number of images that a training takes, validation included."""
    there_are = TRAINING_IMAGES.get(config.dataset, max(TRAINING_IMAGES.values()))
    return min(config.train_size or there_are, there_are)


def _is_model(model: object) -> bool:
    return model == SHIPPED or is_id(model)
