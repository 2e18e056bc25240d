"""`class export`, `class import` and `class reset`: all that a class has made, as one archive."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from mnist_app.cli.options import AsJson
from mnist_app.cli.output import counted, print_json, say, shown
from mnist_app.errors import UnknownName
from mnist_app.settings import Settings

if TYPE_CHECKING:
    from mnist_app.workspace.archives.class_archive import ClassContents
    from mnist_app.workspace.runs.model_files import ModelFiles
    from mnist_app.workspace.runs.run_store import Store

File = Annotated[Path, typer.Argument(metavar="FILE", help="A zip.")]
Exported = Annotated[
    Path,
    typer.Option("--yes-after-export", metavar="FILE", help="The zip that `class export` wrote just before."),
]

app = typer.Typer(help="Take all that the class has made away, bring it back, or begin anew.")


@app.command()
def export(file: File, as_json: AsJson = False) -> None:
    """Write runs, networks, drawings, names and the class's settings into one zip, which `import` takes.

    Keep it as you keep passwords: it holds the names and drawings of the class.
    """
    from mnist_app.workspace.archives.class_export import export_class
    from mnist_app.workspace.archives.left_out import left_out_of_class_in_words
    from mnist_app.workspace.archives.named_files import named_file

    with named_file(file, Settings.from_environment()) as archive, _opened_store() as (store, files):
        exported = export_class(store, files, archive)
    left_out = [each.to_dict() for each in exported.left_out]
    more = {"left_out": left_out} if left_out else {}
    _tell(exported.contents, f"in {shown(file)}", as_json, path=str(file), **more)
    if exported.left_out:
        say(left_out_of_class_in_words(exported.left_out))


@app.command("import")
def import_(file: File, as_json: AsJson = False) -> None:
    """Bring what is in a zip that `export` wrote: all of it or, with a reason, nothing.

    What is here already is left as it is.
    """
    from mnist_app.workspace.archives.class_import import import_class

    with _opened_store() as (store, files), _opened(file) as archive:
        result = import_class(archive, store, files)
    if as_json:
        print_json(
            runs=result.runs,
            runs_here=result.runs_here,
            drawings=result.drawings,
            drawings_here=result.drawings_here,
            names=result.names,
            has_settings=result.has_settings,
            lacks_start_model=result.lacks_start_model,
        )
        return
    print(f"{counted(result.runs, 'run')} and {counted(result.drawings, 'drawing')} added")
    if result.runs_here or result.drawings_here:
        here = f"{counted(result.runs_here, 'run')} and {counted(result.drawings_here, 'drawing')}"
        print(f"{here} here already")
    if result.lacks_start_model:
        say("The model that everyone starts with is not in the archive: the shipped one takes its place.")


@app.command()
def reset(exported: Exported, as_json: AsJson = False) -> None:
    """Remove all runs, networks, drawings, names and the class's settings that were exported.

    The export must be of what is here now: where something has changed since, nothing is removed.
    """
    from mnist_app.workspace.archives.class_archive import read_class_archive
    from mnist_app.workspace.archives.class_reset import reset_class, what_is_left
    from mnist_app.workspace.runs.test_answers import Evaluations

    with _opened_store() as (store, files):
        with _opened(exported) as archive:
            archived = read_class_archive(archive).archived
        contents = reset_class(archived, store, files, Evaluations(Settings.from_environment().home))
        left = what_is_left(store)
    _tell(contents, "removed", as_json)
    if left.runs or left.drawings or left.people:
        still = f"{counted(left.runs, 'run')}, {counted(left.drawings, 'drawing')}"
        say(
            f"{still} and {counted(left.people, 'name')} are still here, because the archive does not hold "
            "them: an export tells why."
        )


@contextmanager
def _opened_store() -> "Iterator[tuple[Store, ModelFiles]]":
    """Open the store of the environment, and close it at the end."""
    from mnist_app.workspace.runs.model_files import ModelFiles
    from mnist_app.workspace.runs.run_store import Store

    settings = Settings.from_environment()
    with Store(settings) as store:
        yield store, ModelFiles.of(settings)


def _tell(contents: "ClassContents", what: str, as_json: bool, **more: object) -> None:
    if as_json:
        print_json(**more, runs=contents.runs, drawings=contents.drawings, people=contents.people)
    else:
        made = f"{counted(contents.runs, 'run')}, {counted(contents.drawings, 'drawing')}"
        print(f"{made} and {counted(contents.people, 'name')} {what}")


def _opened(file: Path) -> IO[bytes]:
    from mnist_app.workspace.archives.named_files import open_regular

    try:
        return open_regular(file)
    except OSError as error:
        raise UnknownName(
            f"The file {shown(file)} cannot be read ({error.strerror}). Name a zip that `class export` wrote."
        ) from error
