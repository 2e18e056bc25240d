"""The options that several commands have."""

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]
Model = Annotated[str, typer.Option(metavar="M", help="'shipped', a run's id, or its name.")]
DatasetName = Annotated[str, typer.Option("--dataset", metavar="D", help="'mnist' or 'synthetic'.")]
