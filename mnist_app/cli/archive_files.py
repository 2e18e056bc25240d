"""Archives that a command reads."""

from pathlib import Path
from typing import IO, Annotated

import typer

from mnist_app.cli.options import named_path
from mnist_app.cli.output import shown
from mnist_app.errors import UnknownName

ArchiveFile = Annotated[Path, typer.Argument(parser=named_path, metavar="FILE", help="A zip.")]


def open_archive(file: Path, advice: str) -> IO[bytes]:
    """Open an archive for reading.

    Args:
        file: The archive's path.
        advice: What to name instead, if this file cannot be read.

    Raises:
        UnknownName: The file cannot be read.
    """
    from mnist_app.workspace.archives.named_files import open_regular

    try:
        return open_regular(file)
    except OSError as error:
        raise UnknownName(f"The file {shown(file)} cannot be read ({error.strerror}). {advice}") from error
