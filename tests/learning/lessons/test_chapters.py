"""The chapters' texts: the ones that ship, and what is said of malformed ones."""

from pathlib import Path

import pytest

from mnist_app.errors import MalformedText
from mnist_app.learning.lessons.chapters import PRESETS_EXPLAINED, Chapter, read_chapter, read_lessons
from mnist_app.learning.lessons.program import find_lines, program_lines
from mnist_app.learning.training.keras_script import write_script
from mnist_app.learning.training.presets import PRESETS

PROGRAM = ("import keras", "", "model = keras.Sequential(", "    [", "    ]", ")", "model.fit(x)")
PARTS = {"pooling", "softmax"}
GOOD = """\
# The layers

## Max pooling
<!-- lines: `model = keras` to `)` -->
<!-- live: pooling -->

Of four numbers the largest [[max pooling|stays]].

> Only the best of each team
> goes on.
<!-- only: cnn -->

For the convolutional one.
<!-- only: dense -->

For the dense one.

## Only for dense
Another.
<!-- both -->

## The end
<!-- lines: `model.fit(` -->
<!-- live: softmax -->
For both.
"""


def read(folder: Path, text: str, preset: str = "cnn") -> Chapter:
    path = folder / "4-layers.md"
    path.write_text(text, encoding="utf-8")
    return read_chapter(path, preset, PROGRAM, PARTS)


def test_a_chapter_is_what_its_file_says(tmp_path: Path) -> None:
    chapter = read(tmp_path, GOOD)
    assert (chapter.number, chapter.name, chapter.title) == (4, "layers", "The layers")
    pooling, end = chapter.sections
    assert pooling.heading == "Max pooling"
    assert pooling.lines == (3, 4, 5, 6)
    assert pooling.live == ("pooling",)
    assert pooling.text.split("\n\n")[0] == "Of four numbers the largest [[max pooling|stays]]."
    assert pooling.comparison == "Only the best of each team\ngoes on."
    assert (end.lines, end.live, end.text, end.comparison) == ((7,), ("softmax",), "For both.", "")


def test_each_preset_has_what_is_for_both_and_what_is_for_it(tmp_path: Path) -> None:
    cnn, dense = read(tmp_path, GOOD, "cnn"), read(tmp_path, GOOD, "dense")
    assert "For the convolutional one." in cnn.sections[0].text
    assert "For the dense one." not in cnn.sections[0].text
    assert "For the dense one." in dense.sections[0].text
    assert [section.heading for section in cnn.sections] == ["Max pooling", "The end"]
    assert [section.heading for section in dense.sections] == ["Max pooling", "Only for dense", "The end"]


@pytest.mark.parametrize(
    ("line", "text", "fault"),
    [
        (1, "The layers\n## A\nText", "title"),
        (3, "# T\n\nText", "text before the first section"),
        (2, "# T\n<!-- live: pooling -->", "belongs into a section"),
        (4, "# T\n## A\nText\n# Another", "second title"),
        (3, "# T\n## A\n<!-- live: poling -->", "pooling, softmax"),
        (3, "# T\n## A\n<!-- only: accurate -->", "only: cnn"),
        (3, "# T\n## A\n<!-- lines: model.fit -->", "lines: `model.fit(`"),
        (3, "# T\n## A\n<!-- lines: `model.compile(` to `)` -->", "begins with 'model.compile('"),
        (3, "# T\n## A\n<!-- live: pooling", "ends in its line"),
        (4, "# T\n## A\nText\nan [[open mark", "[[softmax]]"),
        (3, "# T\n\n", "needs a section"),
    ],
)
def test_a_malformed_file_is_told_by_name_and_line(tmp_path: Path, line: int, text: str, fault: str) -> None:
    with pytest.raises(MalformedText) as error:
        read(tmp_path, text)
    assert str(error.value).startswith(f"4-layers.md, line {min(line, len(text.splitlines()))}: ")
    assert fault in str(error.value)


def test_what_is_for_another_preset_is_checked_too(tmp_path: Path) -> None:
    with pytest.raises(MalformedText, match="line 4"):
        read(tmp_path, "# T\n## A\n<!-- only: dense -->\n<!-- live: nothing -->", "cnn")


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "4-layers.md"
    path.write_bytes(b"# T\xff")
    with pytest.raises(MalformedText, match="4-layers.md is not saved as UTF-8"):
        read_chapter(path, "cnn", PROGRAM, PARTS)
    with pytest.raises(MalformedText, match="5-gone.md cannot be read"):
        read_chapter(tmp_path / "5-gone.md", "cnn", PROGRAM, PARTS)


def test_one_malformed_chapter_does_not_take_the_others_with_it(tmp_path: Path) -> None:
    read(tmp_path, GOOD)
    (tmp_path / "10-last.md").write_text("# Last\n## A\nText", encoding="utf-8")
    (tmp_path / "2-bad.md").write_text("Bad", encoding="utf-8")
    (tmp_path / "glossary.md").write_text("# Glossary", encoding="utf-8")
    lessons = read_lessons(tmp_path, "cnn", PROGRAM, PARTS)
    assert [chapter.name for chapter in lessons.chapters] == ["layers", "last"]
    assert len(lessons.faults) == 1 and "2-bad.md, line 1" in lessons.faults[0]
    assert lessons.find("last") and lessons.find("bad") is None


def test_lines_are_found_by_how_they_begin() -> None:
    assert list(find_lines(PROGRAM, "[", "]")) == [4, 5]
    assert list(find_lines(PROGRAM, "import", "import")) == [1]
    with pytest.raises(ValueError, match="nothing"):
        find_lines(PROGRAM, "import", "nothing")


@pytest.mark.parametrize("preset", PRESETS_EXPLAINED)
def test_the_program_is_the_one_that_script_writes(preset: str) -> None:
    assert "\n".join(program_lines(preset)) + "\n" == write_script(PRESETS[preset].defaults)
