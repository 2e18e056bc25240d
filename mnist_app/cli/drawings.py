"""`drawings`, `drawings export` and `drawings import`: the class's labelled drawings."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from mnist_app.cli.archive_files import ArchiveFile, open_archive
from mnist_app.cli.options import AsJson
from mnist_app.cli.output import answer, print_json, say, shown
from mnist_app.settings import Settings
from mnist_app.wording import counted

if TYPE_CHECKING:
    from mnist_app.workspace.drawings.drawing_store import Drawings

app = typer.Typer(
    help="Count, export or import the drawings that the class has kept.",
    invoke_without_command=True,
)


@app.callback()
def drawings(context: typer.Context, as_json: AsJson = False) -> None:
    """Count the drawings that the class has kept, and the people who drew them."""
    if context.invoked_subcommand is not None:
        return
    with _drawings() as kept:
        counts, people = kept.count_per_digit(), len(kept.writers())
    if as_json:
        print_json(drawings=sum(counts), per_digit=counts, people=people)
        return
    print(f"{counted(sum(counts), 'drawing')} of {counted(people, 'person', 'people')}")
    if sum(counts):
        print(", ".join(f"{count:,} of {digit}" for digit, count in enumerate(counts)))


@app.command()
def export(file: ArchiveFile, as_json: AsJson = False) -> None:
    """Write all of the class's drawings into one zip for `import`."""
    from mnist_app.workspace.archives.drawing_archive import write_archive
    from mnist_app.workspace.archives.left_out import left_out_in_words
    from mnist_app.workspace.archives.named_files import named_file

    with _drawings() as kept:
        found = kept.find()
    with named_file(file, Settings.from_environment()) as archive:
        left_out = write_archive(found, archive)
    count = len(found) - len(left_out)
    more = {"left_out": [each.to_dict() for each in left_out]} if left_out else {}
    line = f"{counted(count, 'drawing is', 'drawings are')} in {shown(file)}"
    answer(as_json, line, path=str(file), drawings=count, **more)
    if left_out:
        say(left_out_in_words(left_out))


@app.command("import")
def import_(file: ArchiveFile, as_json: AsJson = False) -> None:
    """Add all drawings in a zip that `export` wrote, or none and say why.

    Drawings that are here already stay as they are. The others lose their owners: only the archive of a class
    keeps who drew what.
    """
    from mnist_app.workspace.archives.drawing_archive import read_archive
    from mnist_app.workspace.drawings.imported_drawings import bring
    from mnist_app.workspace.storage.database import Database

    with open_archive(file, "Name a zip with drawings.") as archive:
        brought = read_archive(archive)
    with Database(Settings.from_environment()) as database:
        result = bring(database, brought, token="")
    here = f"; {counted(result.already_here, 'was', 'were')} here already" if result.already_here else ""
    line = f"{counted(result.added, 'drawing was', 'drawings were')} added{here}"
    answer(as_json, line, added=result.added, already_here=result.already_here)


@contextmanager
def _drawings() -> "Iterator[Drawings]":
    from mnist_app.workspace.drawings.drawing_store import Drawings
    from mnist_app.workspace.storage.database import Database

    with Database(Settings.from_environment()) as database:
        yield Drawings(database)
