"""`backup`: everything that the app stores, as one zip."""

from pathlib import Path
from typing import Annotated

import typer

from mnist_app.cli.options import AsJson, named_path
from mnist_app.cli.output import answer, shown
from mnist_app.settings import Settings
from mnist_app.wording import counted

File = Annotated[Path, typer.Argument(parser=named_path, metavar="FILE", help="The zip to write.")]


def backup(file: File, as_json: AsJson = False) -> None:
    """Write runs, drawings, models, checkpoints and evaluations into one zip, even while the app runs.

    Keep it as safe as a password: it holds the names and drawings of the class.
    """
    from mnist_app.workspace.archives.backup import write_backup

    contents = write_backup(Settings.from_environment(), file)
    files, verb = counted(contents.files, "file"), "is" if contents.files == 1 else "are"
    line = f"{files} ({contents.bytes / 1e6:,.1f} MB) {verb} in {shown(file)}"
    answer(as_json, line, path=str(file), files=contents.files, bytes=contents.bytes)
