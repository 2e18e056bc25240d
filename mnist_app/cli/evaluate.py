"""`evaluate`: a model's results on a data set's test images."""

from typing import TYPE_CHECKING

from mnist_app.cli.data import load_dataset
from mnist_app.cli.models import classifier_loader
from mnist_app.cli.options import AsJson, DatasetName, Model
from mnist_app.cli.output import finite, print_json
from mnist_app.learning.inference.shipped import SHIPPED
from mnist_app.settings import Settings
from mnist_app.wording import percent

if TYPE_CHECKING:
    from mnist_app.learning.data.datasets import Dataset
    from mnist_app.learning.inference.classifier import Classifier
    from mnist_app.learning.metrics.evaluation import Evaluation


def evaluate(model: Model = SHIPPED, dataset: DatasetName = "mnist", as_json: AsJson = False) -> None:
    """Measure a model on a data set's test images.

    In "confusion" the rows are the true digits and the columns the answers.
    """
    settings = Settings.from_environment()
    load = classifier_loader(model, settings)
    images = load_dataset(dataset, settings)
    evaluation = _evaluate(load(), images)
    if as_json:
        print_json(
            accuracy=evaluation.accuracy,
            loss=evaluation.loss,
            per_digit=[finite(share) for share in evaluation.per_digit],
            confusion=evaluation.confusion.tolist(),
        )
    else:
        _print_evaluation(evaluation)


def _evaluate(classifier: "Classifier", dataset: "Dataset") -> "Evaluation":
    import numpy as np

    from mnist_app.learning.metrics.evaluation import evaluate

    probabilities = classifier.probabilities_of(dataset.x_test.astype(np.float32) / np.float32(255))
    return evaluate(probabilities, dataset.y_test)


def _print_evaluation(evaluation: "Evaluation") -> None:
    from rich.console import Console
    from rich.table import Table

    print(f"Accuracy {percent(evaluation.accuracy, 2)}, loss {evaluation.loss:.4f}")
    table = Table(title="Rows: the digit; columns: the answer")
    for heading in ("", *map(str, range(10)), "right"):
        table.add_column(heading, justify="right")
    for digit, (row, share) in enumerate(zip(evaluation.confusion, evaluation.per_digit, strict=True)):
        table.add_row(str(digit), *map(str, row), percent(share))
    Console().print(table)
