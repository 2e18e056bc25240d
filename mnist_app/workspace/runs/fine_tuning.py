"""Fine-tunings: runs that train a model further with the class's drawings, and their results."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field, model_validator
from sqlalchemy import insert, select, update

from mnist_app.errors import AppError, ModelUnavailable, RunNotReady
from mnist_app.ink.preprocess import preprocess
from mnist_app.learning.data.datasets import Dataset, describe_datasets
from mnist_app.learning.inference.shipped import CLASSIFIER, SHIPPED
from mnist_app.learning.metrics import evaluation
from mnist_app.learning.training import fine_tuning as learning
from mnist_app.learning.training.configuration import LONGEST_NAME, TrainingConfig
from mnist_app.learning.training.fine_tuning import HeldOutBy, LabelledImages
from mnist_app.learning.training.presets import Preset
from mnist_app.settings import Settings
from mnist_app.workspace.drawings.drawing_store import Drawings
from mnist_app.workspace.drawings.kept_drawing import KeptDrawing
from mnist_app.workspace.runs.model_files import ModelFiles
from mnist_app.workspace.runs.records import Run
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.runs.test_answers import Evaluations
from mnist_app.workspace.storage.definitions import MOST, STRICT, Count, Share
from mnist_app.workspace.storage.identifiers import checked_id
from mnist_app.workspace.storage.tables import fine_tunings, runs

if TYPE_CHECKING:
    from mnist_app.learning.inference.classifier import Classifier


class FineTuning(BaseModel):
    """What a fine-tuning was measured on, and how it did, as a store and an archive keep it."""

    model_config = STRICT

    held_out_by: HeldOutBy
    """Whether the drawings that were held out are all those of some people."""
    people: Count
    """How many people drew, held out or not."""
    people_held_out: Count
    drawings: Count
    """How many drawings it was trained with."""
    drawings_held_out: Annotated[int, Field(gt=0, le=MOST)]
    right_before: Count
    """How many of the drawings held out the model read correctly before."""
    right_after: Count | None
    """How many it read correctly afterwards; None while it is not done."""
    test_accuracy_before: Share
    """The accuracy on the data set's test images before; afterwards it is the run's own."""

    @model_validator(mode="after")
    def _add_up(self) -> Self:
        if max(self.right_before, self.right_after or 0) > self.drawings_held_out:
            raise ValueError("more drawings were read correctly than were held out")
        return self

    @property
    def accuracy_before(self) -> float:
        """The share of the drawings held out that was read correctly before, 0 to 1."""
        return self.right_before / self.drawings_held_out

    @property
    def accuracy_after(self) -> float | None:
        """The same share afterwards; None while it is not done."""
        return None if self.right_after is None else self.right_after / self.drawings_held_out


def plan(model: str, epochs: int | None, store: Store, settings: Settings) -> TrainingConfig:
    """Return the configuration of a fine-tuning.

    The network also trains on images of the data set that it learned from, so that it does not forget them.
    For the shipped model that is MNIST or, where MNIST is missing, the synthetic digits.

    Args:
        model: `shipped` or a run's id.
        epochs: The number of epochs; None for the usual number.
        store: The store of runs and drawings.
        settings: Where data sets are.

    Raises:
        TooFewDrawings: The class has kept too few.
        RunNotFound: There is no such run.
        RunNotReady: The run is itself a fine-tuning.
        ModelUnavailable: The run has no model.
        InvalidSetting: The number of epochs is out of range.
    """
    learning.check_enough(Drawings(store.database).count())
    if model == SHIPPED:
        preset, name = CLASSIFIER.card().preset, SHIPPED
        has_mnist = any(each.available for each in describe_datasets(settings) if each.name == "mnist")
        dataset = "mnist" if has_mnist else "synthetic"
    else:
        run = store.run(model)
        check_tunable(run)
        preset, dataset, name = run.config.preset, run.config.dataset, run.name or run.id
    wanted = learning.EPOCHS if epochs is None else epochs
    return learning.configuration(preset, dataset, model, wanted, f"{name[: LONGEST_NAME - 8]} + class")


def check_tunable(run: Run) -> None:
    """Raise `RunNotReady` or `ModelUnavailable` unless the run's model can be fine-tuned.

    A fine-tuning cannot be fine-tuned: it may have learned from the drawings that would measure the next one.
    """
    if run.config.fine_tuned_from:
        raise RunNotReady(
            "This network was fine-tuned already. Fine-tune the one it came from: it learns from all "
            "drawings, the new ones among them."
        )
    if run.model_sha256 is None:
        raise ModelUnavailable(f"Run {run.id} has no model: it is {run.status}.")


class Prepared:
    """A fine-tuning ready to train: its model, its training images, and the drawings held out."""

    def __init__(
        self, run: Run, store: Store, classifier: "Classifier", dataset: Dataset, held_out: LabelledImages
    ) -> None:
        """Compile the model; `dataset` has the mixed training images."""
        self.classifier = classifier
        self.dataset = dataset
        self.preset: Preset = learning.preset_for(run.config)
        self._run = run
        self._store = store
        self.held_out = held_out
        learning.compile_model(classifier.model, dataset, run.config)

    def count_right(self) -> int:
        """Return how many of the drawings held out the model reads correctly now."""
        probabilities = _ask(self.classifier, self.held_out.images)
        return round(evaluation.accuracy(probabilities, self.held_out.labels) * len(self.held_out.labels))

    def measure_after(self) -> None:
        """Measure the trained model on the drawings held out, and write the result into the store."""
        number = select(runs.c.number).where(runs.c.id == self._run.id).scalar_subquery()
        with self._store.writing() as connection:
            connection.execute(
                update(fine_tunings)
                .where(fine_tunings.c.run == number)
                .values(right_after=self.count_right())
            )


def prepare(run: Run, store: Store, settings: Settings, dataset: Dataset) -> Prepared:
    """Load the model and the drawings, hold some out, and write the model's results on them into the store.

    Raises:
        TooFewDrawings: The class has kept too few.
        RunNotFound: The run of the model was deleted.
        ModelUnavailable: The model's file is missing or damaged.
        StorageUnavailable: The store cannot be used.
    """
    from mnist_app.learning.inference.classifier import Classifier
    from mnist_app.learning.inference.inference import load_model

    path, sha256 = model_file(run.config.fine_tuned_from, store, settings)
    found = without_copies(Drawings(store.database).find())
    mask, by = learning.hold_out([each.id for each in found], [each.writer for each in found])
    kept_out = [each for each, is_out in zip(found, mask, strict=True) if is_out]
    taught = [each for each, is_out in zip(found, mask, strict=True) if not is_out]
    rng = np.random.default_rng(run.config.seed)
    held_out = images_of(_some(kept_out, learning.MOST_HELD_OUT, rng))
    drawings = images_of(_some(taught, learning.MOST_TRAINED_ON, rng))
    mixed = learning.mix(dataset, drawings, run.config)
    prepared = Prepared(run, store, Classifier(load_model(path)), mixed, held_out)
    result = FineTuning(
        held_out_by=by,
        people=len({each.writer for each in found}),
        people_held_out=len({each.writer for each in kept_out}) if by == "person" else 0,
        drawings=len(drawings.labels),
        drawings_held_out=len(held_out.labels),
        right_before=prepared.count_right(),
        right_after=None,
        test_accuracy_before=_test_accuracy(prepared.classifier, sha256, dataset, Evaluations(settings.home)),
    )
    write_fine_tuning(run, store, result)
    return prepared


def write_fine_tuning(run: Run, store: Store, result: FineTuning) -> None:
    """Write what a run was measured on into the store."""
    number = select(runs.c.number).where(runs.c.id == run.id).scalar_subquery()
    with store.writing() as connection:
        connection.execute(insert(fine_tunings).values(run=number, **result.model_dump()))


def find_fine_tuning(run_id: str, store: Store) -> FineTuning | None:
    """Return what a run was measured on; None where it is no fine-tuning or has not been measured yet."""
    columns = [fine_tunings.c[name] for name in FineTuning.model_fields]
    query = select(*columns).join(runs, runs.c.number == fine_tunings.c.run)
    with store.reading() as connection:
        row = connection.execute(query.where(runs.c.id == checked_id(run_id))).first()
    return None if row is None else FineTuning.model_construct(**row._mapping)


def model_file(model: str, store: Store, settings: Settings) -> tuple[Path, str]:
    """Return the checked file of the shipped model or of a run's, and its sha256.

    Raises:
        RunNotFound: There is no such run.
        ModelUnavailable: The file is missing or damaged.
    """
    if model == SHIPPED:
        return CLASSIFIER.checked_file(), CLASSIFIER.card().sha256
    run = store.run(model)
    return ModelFiles.of(settings).load_model(run), run.model_sha256 or ""


def without_copies(drawings: Sequence[KeptDrawing]) -> list[KeptDrawing]:
    """Return each picture once, as the first of its drawings.

    Two people who import the same zip have the same pictures by different writers. A picture that is held
    out for one writer must not be trained on for another.
    """
    first: dict[str, KeptDrawing] = {}
    for each in drawings:
        first.setdefault(each.png_sha256, each)
    return list(first.values())


def images_of(drawings: Sequence[KeptDrawing]) -> LabelledImages:
    """Return the drawings as the network sees them, without those that cannot be read."""
    images, labels = [], []
    for each in drawings:
        try:
            image = preprocess(each.to_drawing()).image
        except AppError:
            continue
        images.append(np.rint(image * 255).astype(np.uint8))
        labels.append(each.label)
    return LabelledImages(np.array(images, np.uint8).reshape(-1, 28, 28), np.array(labels, np.uint8))


def _some(drawings: list[KeptDrawing], most: int, rng: np.random.Generator) -> list[KeptDrawing]:
    """Return at most `most` of the drawings, chosen at random."""
    if len(drawings) <= most:
        return drawings
    return [drawings[index] for index in rng.permutation(len(drawings))[:most]]


def _test_accuracy(
    classifier: "Classifier", sha256: str, dataset: Dataset, evaluations: Evaluations
) -> float:
    """Return the accuracy on the test images; a model is evaluated on them only once."""
    probabilities = evaluations.read(sha256, dataset.digest, len(dataset.y_test))
    if probabilities is None:
        probabilities = _ask(classifier, dataset.x_test)
        evaluations.keep(sha256, dataset.digest, probabilities)
    return evaluation.accuracy(probabilities, dataset.y_test)


def _ask(classifier: "Classifier", images: NDArray[np.uint8]) -> NDArray[np.float32]:
    return classifier.probabilities_of(images.astype(np.float32) / np.float32(255))
