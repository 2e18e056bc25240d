"""`restore`: the return of what `backup` wrote."""

from pathlib import Path
from typing import Annotated

import typer

from mnist_app.cli.options import AsJson, named_path
from mnist_app.cli.output import answer, shown
from mnist_app.settings import Settings
from mnist_app.wording import counted

File = Annotated[
    Path, typer.Argument(parser=named_path, metavar="FILE", help="A zip of your own that backup wrote.")
]
Replace = Annotated[bool, typer.Option("--replace", help="Remove what is there already.")]


def restore(file: File, replace: Replace = False, as_json: AsJson = False) -> None:
    """Put back everything in a backup, or nothing, while the app is stopped.

    Restore your own backups only: a model from a stranger can run code on this machine.
    """
    from mnist_app.workspace.archives.restore import restore_backup

    settings = Settings.from_environment()
    contents = restore_backup(settings, file, replace=replace)
    files, verb = counted(contents.files, "file"), "is" if contents.files == 1 else "are"
    line = f"{files} ({contents.bytes / 1e6:,.1f} MB) {verb} in {shown(settings.home)}"
    answer(as_json, line, path=str(settings.home), files=contents.files, bytes=contents.bytes)
