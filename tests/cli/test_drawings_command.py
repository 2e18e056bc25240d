"""The class's drawings on the command line: how many, taken away, brought."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from program import Run, assert_one_line, run_program
from written import stroke

from mnist_app.ink.drawing import Drawing
from mnist_app.settings import Settings
from mnist_app.workspace.drawings.drawing_store import Drawings
from mnist_app.workspace.storage.database import Database


@pytest.fixture
def kept(run: Run) -> Iterator[Drawings]:
    """Three drawings in the home of the commands; the fixture `run` names it in the environment."""
    with Database(Settings.from_environment()) as database:
        drawings = Drawings(database)
        for digit, owner in ((0, "one"), (1, "one"), (7, "other")):
            drawings.keep(Drawing.from_strokes(stroke(digit), 280), digit, owner, person="Zoë")
        yield drawings


def test_how_many_there_are(run: Run, kept: Drawings) -> None:
    answer = run("drawings", "--json")
    assert (answer.code, answer.err) == (0, "")
    assert answer.objects == [{"drawings": 3, "per_digit": [1, 1, 0, 0, 0, 0, 0, 1, 0, 0], "people": 2}]
    assert run("drawings").out.startswith("3 drawings of 2 people\n1 of 0, 1 of 1,")


def test_none_yet(run: Run) -> None:
    assert run("drawings").out == "0 drawings of 0 people\n"


def test_what_was_exported_imports_again_exactly(run: Run, kept: Drawings, tmp_path: Path) -> None:
    file, elsewhere = tmp_path / "drawings.zip", {"MNIST_APP_HOME": str(tmp_path / "elsewhere")}
    answer = run("drawings", "export", file, "--json")
    assert (answer.code, answer.err) == (0, "")
    assert answer.objects == [{"path": str(file), "drawings": 3}]
    answer = run("drawings", "import", file, "--json", **elsewhere)
    assert (answer.code, answer.objects) == (0, [{"added": 3, "already_here": 0}])
    with Database(Settings.from_environment()) as database:
        brought = Drawings(database).find()
    assert {each.importer for each in brought} == {""}, "nobody's who is here"
    assert len({each.writer for each in brought}) == len({each.writer for each in kept.find()})
    assert [each.model_copy(update=dict(writer="", importer=None, import_id=None)) for each in brought] == [
        each.model_copy(update=dict(writer="")) for each in kept.find()
    ]
    assert run("drawings", "import", file, **elsewhere).out == "0 drawings were added; 3 were here already\n"
    assert [path.name for path in tmp_path.glob("*.part")] == []


def test_a_drawing_that_no_archive_can_hold_is_left_out_and_told(
    run: Run, kept: Drawings, tmp_path: Path
) -> None:
    other = {"id": "z" * 10, "writer": "0" * 16, "label": 12}
    file, bad = tmp_path / "drawings.zip", kept.find()[0].model_copy(update=other)
    kept.add([bad])
    answer = run("drawings", "export", file)
    assert (answer.code, answer.out) == (0, f"3 drawings are in {file}\n")
    assert "1 item was left out" in answer.err and "A 12 by Zoë: its label is no digit" in answer.err
    assert_one_line(answer.err)
    (told,) = run("drawings", "export", file, "--json").objects
    assert [each["id"] for each in told["left_out"]] == [bad.id]
    elsewhere = {"MNIST_APP_HOME": str(tmp_path / "elsewhere")}
    assert run("drawings", "import", file, **elsewhere).out == "3 drawings were added\n"
    assert kept.count() == 4


def test_a_file_that_is_no_archive_gets_one_line(run: Run, kept: Drawings, tmp_path: Path) -> None:
    file = tmp_path / "drawings.zip"
    file.write_bytes(b"no zip at all")
    answer = run("drawings", "import", file)
    assert (answer.code, answer.out) == (1, "")
    assert "Nothing was changed" in answer.err
    assert_one_line(answer.err)
    assert kept.count() == 3


@pytest.mark.parametrize("name", ["missing.zip", ""])
def test_a_file_that_is_not_there_gets_one_line(run: Run, tmp_path: Path, name: str) -> None:
    answer = run("drawings", "import", tmp_path / name)
    assert (answer.code, answer.out) == (2, "")
    assert "cannot be read" in answer.err
    assert_one_line(answer.err)


def test_a_file_that_cannot_be_written_gets_one_line(run: Run, kept: Drawings, tmp_path: Path) -> None:
    answer = run("drawings", "export", tmp_path / "no folder" / "drawings.zip")
    assert (answer.code, answer.out) == (1, "")
    assert "cannot be written" in answer.err
    assert_one_line(answer.err)


def test_a_command_without_a_file_says_so(run: Run) -> None:
    answer = run("drawings", "export")
    assert answer.code == 2
    assert "FILE" in answer.err
    assert_one_line(answer.err)


@pytest.mark.slow
def test_as_a_program(tmp_path: Path) -> None:
    home = {"MNIST_APP_HOME": str(tmp_path / "home")}
    answer = run_program("drawings", "export", tmp_path / "none.zip", "--json", **home)
    assert (answer.code, answer.err, answer.objects[0]["drawings"]) == (0, "", 0)
    answer = run_program("drawings", "import", tmp_path / "none.zip", "--json", **home)
    assert (answer.code, answer.err) == (0, "")
    assert answer.objects == [{"added": 0, "already_here": 0}]
