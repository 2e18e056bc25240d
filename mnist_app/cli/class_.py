"""`class export`, `class import` and `class reset`: everything that a class has made, as one archive."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mnist_app.cli.archive_files import ArchiveFile, open_archive
from mnist_app.cli.options import AsJson, named_path
from mnist_app.cli.output import answer, print_json, say, shown
from mnist_app.settings import Settings
from mnist_app.wording import counted

if TYPE_CHECKING:
    from mnist_app.workspace.archives.class_archive import ClassContents
    from mnist_app.workspace.runs.model_files import ModelFiles
    from mnist_app.workspace.runs.run_store import Store

ADVICE = "Name a zip that class export wrote."
Exported = Annotated[
    Path,
    typer.Option(
        "--yes-after-export",
        parser=named_path,
        metavar="FILE",
        help="The zip that class export has just written.",
    ),
]

app = typer.Typer(help="Export, import or delete everything that the class has made.")


@app.command()
def export(file: ArchiveFile, as_json: AsJson = False) -> None:
    """Write runs, networks, drawings, names and the class's settings into one zip for `import`.

    Keep it as safe as a password: it holds the names and drawings of the class.
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
def import_(file: ArchiveFile, as_json: AsJson = False) -> None:
    """Add everything in a zip that `export` wrote, or nothing and say why.

    What is here already stays as it is.
    """
    from mnist_app.workspace.archives.class_import import import_class

    with _opened_store() as (store, files), open_archive(file, ADVICE) as archive:
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
        say(
            "The model that everyone starts with is not in the archive. "
            "Everyone starts with the built-in model."
        )


@app.command()
def reset(exported: Exported, as_json: AsJson = False) -> None:
    """Delete all runs, networks, drawings, names and the class's settings that were exported.

    If anything has changed since the export, nothing is deleted.
    """
    from mnist_app.workspace.archives.class_archive import read_class_archive
    from mnist_app.workspace.archives.class_reset import reset_class, what_is_left
    from mnist_app.workspace.runs.test_answers import Evaluations

    with _opened_store() as (store, files):
        with open_archive(exported, ADVICE) as archive:
            archived = read_class_archive(archive).archived
        contents = reset_class(archived, store, files, Evaluations(Settings.from_environment().home))
        left = what_is_left(store)
    _tell(contents, "removed", as_json)
    if left.runs or left.drawings or left.people:
        still = f"{counted(left.runs, 'run')}, {counted(left.drawings, 'drawing')}"
        say(
            f"{still} and {counted(left.people, 'name')} are still here, because the archive lacks them. "
            "An export says why."
        )


@contextmanager
def _opened_store() -> "Iterator[tuple[Store, ModelFiles]]":
    """Open the store of the environment, and close it when the block ends."""
    from mnist_app.workspace.runs.model_files import ModelFiles
    from mnist_app.workspace.runs.run_store import Store

    settings = Settings.from_environment()
    with Store(settings) as store:
        yield store, ModelFiles.of(settings)


def _tell(contents: "ClassContents", what: str, as_json: bool, **more: object) -> None:
    made = f"{counted(contents.runs, 'run')}, {counted(contents.drawings, 'drawing')}"
    line = f"{made} and {counted(contents.people, 'name')} {what}"
    answer(as_json, line, **more, runs=contents.runs, drawings=contents.drawings, people=contents.people)
