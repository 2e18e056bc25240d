"""Options that several commands share."""

import os
from pathlib import Path
from typing import Annotated

import typer


def named_path(text: str) -> Path:
    """Return the path that an argument names; raise `typer.BadParameter` for one that no file can have.

    `Path` would take an empty one for the current folder.
    """
    if not text:
        raise typer.BadParameter("It is empty. Name a file or a folder")
    if "\x00" in text:
        raise typer.BadParameter("It has a null character, which no path has. Name a file or a folder")
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        sentence = "It has a character that no path on this machine has. Name a file or a folder"
        raise typer.BadParameter(sentence) from None
    return Path(text)


AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]
Model = Annotated[
    str, typer.Option(metavar="M", help="'shipped' (the built-in model), or a run's id or name.")
]
DatasetName = Annotated[str, typer.Option("--dataset", metavar="D", help="'mnist' or 'synthetic'.")]
