"""`data` and `data fetch`: the status and the download of data sets."""

from typing import TYPE_CHECKING

import typer

from mnist_app.cli.options import AsJson
from mnist_app.cli.output import answer, print_json, shown
from mnist_app.cli.progress import progress
from mnist_app.settings import Settings

if TYPE_CHECKING:
    from mnist_app.learning.data.datasets import Dataset

app = typer.Typer(
    help="List the data sets and where they come from, or download MNIST.", invoke_without_command=True
)


@app.callback()
def data(context: typer.Context, as_json: AsJson = False) -> None:
    """List the data sets, whether they are here, and where they come from."""
    if context.invoked_subcommand is not None:
        return
    from mnist_app.learning.data.datasets import describe_datasets

    for status in describe_datasets(Settings.from_environment()):
        if as_json:
            print_json(
                name=status.name,
                available=status.available,
                images=status.images,
                source=status.source,
                advice=status.advice,
            )
        else:
            state = f"{status.images:,} images" if status.available else "not here"
            print(f"{status.name}: {state}. {' '.join(filter(None, [status.source, status.advice]))}")


@app.command()
def fetch(as_json: AsJson = False) -> None:
    """Download MNIST unless it is here already, and check it."""
    from mnist_app.learning.data.datasets import fetch_mnist

    with progress("MNIST") as report:
        path = fetch_mnist(Settings.from_environment(), report)
    answer(as_json, f"MNIST is here: {shown(path)}", name="mnist", path=str(path))


def load_dataset(name: str, settings: Settings) -> "Dataset":
    """Load a data set, with a progress bar while it is downloaded or written.

    Raises:
        AppError: As `datasets.load_dataset` does.
    """
    from mnist_app.learning.data import datasets

    with progress("MNIST" if name == "mnist" else "Writing digits") as report:
        return datasets.load_dataset(name, settings, report)
