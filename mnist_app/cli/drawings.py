"""`drawings`, `drawings export` and `drawings import`: the class's labelled drawings."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mnist_app.cli.options import AsJson
from mnist_app.cli.output import counted, print_json, say, shown
from mnist_app.errors import UnknownName
from mnist_app.settings import Settings

if TYPE_CHECKING:
    from mnist_app.workspace.drawings.drawing_store import Drawings

File = Annotated[Path, typer.Argument(metavar="FILE", help="A zip.")]

app = typer.Typer(
    help="Say how many drawings the class has kept; take them away, or bring them.",
    invoke_without_command=True,
)


@app.callback()
def drawings(context: typer.Context, as_json: AsJson = False) -> None:
    """Say how many drawings the class has kept, of how many people; take them away, or bring them."""
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
def export(file: File, as_json: AsJson = False) -> None:
    """Write all of the class's drawings into one zip, which `import` takes."""
    from mnist_app.workspace.archives.drawing_archive import write_archive
    from mnist_app.workspace.archives.left_out import left_out_in_words
    from mnist_app.workspace.archives.named_files import named_file

    with _drawings() as kept:
        found = kept.find()
    with named_file(file, Settings.from_environment()) as archive:
        left_out = write_archive(found, archive)
    count = len(found) - len(left_out)
    if as_json:
        more = {"left_out": [each.to_dict() for each in left_out]} if left_out else {}
        print_json(path=str(file), drawings=count, **more)
    else:
        print(f"{counted(count, 'drawing is', 'drawings are')} in {shown(file)}")
    if left_out:
        say(left_out_in_words(left_out))


@app.command("import")
def import_(file: File, as_json: AsJson = False) -> None:
    """Bring the drawings of a zip that `export` wrote: all of them or, with a reason, none.

    Those that are here already are left as they are. The others get new writers, who are nobody's here;
    only the archive of a class keeps who drew what.
    """
    from mnist_app.workspace.archives.drawing_archive import read_archive
    from mnist_app.workspace.archives.named_files import open_regular
    from mnist_app.workspace.drawings.imported_drawings import bring
    from mnist_app.workspace.storage.database import Database

    try:
        with open_regular(file) as archive:
            brought = read_archive(archive)
    except OSError as error:
        raise UnknownName(
            f"The file {shown(file)} cannot be read ({error.strerror}). Name a zip with drawings."
        ) from error
    with Database(Settings.from_environment()) as database:
        result = bring(database, brought, token="")
    if as_json:
        print_json(added=result.added, already_here=result.already_here)
    else:
        here = f"; {counted(result.already_here, 'was', 'were')} here already" if result.already_here else ""
        print(f"{counted(result.added, 'drawing was', 'drawings were')} added{here}")


@contextmanager
def _drawings() -> "Iterator[Drawings]":
    from mnist_app.workspace.drawings.drawing_store import Drawings
    from mnist_app.workspace.storage.database import Database

    with Database(Settings.from_environment()) as database:
        yield Drawings(database)
