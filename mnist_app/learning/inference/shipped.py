"""The two networks that ship with the app: where they are, and whether they are intact."""

from dataclasses import dataclass
from pathlib import Path

from mnist_app.learning.inference.model_card import ModelCard, read_card, verify
from mnist_app.settings import ASSETS

SHIPPED = "shipped"
"""The shipped classifier's name among the models; a run's model has the run's id."""


@dataclass(frozen=True)
class ShippedNetwork:
    """A network in the app's own folder, with the card that describes it."""

    file: Path
    card_file: Path

    def card(self) -> ModelCard:
        """Read the card.

        Raises:
            ModelUnavailable: The card is missing or damaged.
        """
        return read_card(self.card_file)

    def checked_file(self) -> Path:
        """Return the network's file after comparing it with the card.

        Raises:
            ModelUnavailable: The file or the card is missing or damaged.
        """
        verify(self.card(), self.file)
        return self.file


CLASSIFIER = ShippedNetwork(ASSETS / "model.keras", ASSETS / "model_card.json")
DETECTOR = ShippedNetwork(ASSETS / "digit_detector.keras", ASSETS / "digit_detector_card.json")
