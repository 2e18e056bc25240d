"""Options that several commands share."""

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]
Model = Annotated[
    str, typer.Option(metavar="M", help="'shipped' (the built-in model), or a run's id or name.")
]
DatasetName = Annotated[str, typer.Option("--dataset", metavar="D", help="'mnist' or 'synthetic'.")]
