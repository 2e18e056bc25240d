"""The chapters that ship, beside the program that they explain and the parts that they name."""

import re

import pytest

from mnist_app.learning.lessons.chapters import PRESETS_EXPLAINED, Lessons, read_lessons
from mnist_app.learning.lessons.program import program_lines
from mnist_app.ui.learn.parts import PARTS
from mnist_app.ui.parts.terms import LESSONS


@pytest.fixture(params=PRESETS_EXPLAINED)
def preset(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def lessons(preset: str) -> Lessons:
    return read_lessons(LESSONS, preset, program_lines(preset), PARTS)


def test_all_are_well_formed_and_numbered(lessons: Lessons) -> None:
    assert lessons.faults == ()
    assert [chapter.number for chapter in lessons.chapters] == list(range(1, len(lessons.chapters) + 1))


def test_each_line_of_the_program_is_explained_once(lessons: Lessons, preset: str) -> None:
    program = program_lines(preset)
    explained = [
        number for chapter in lessons.chapters for section in chapter.sections for number in section.lines
    ]
    written = [number for number, line in enumerate(program, 1) if line]
    assert sorted(number for number in explained if program[number - 1]) == written


def test_each_chapter_has_words_a_comparison_and_something_to_touch(lessons: Lessons) -> None:
    for chapter in lessons.chapters:
        assert all(section.text for section in chapter.sections), chapter.name
        assert any(section.comparison for section in chapter.sections), chapter.name
        assert any(section.live for section in chapter.sections), chapter.name


def test_each_part_is_in_some_chapter() -> None:
    named = {
        name
        for preset in PRESETS_EXPLAINED
        for chapter in read_lessons(LESSONS, preset, program_lines(preset), PARTS).chapters
        for section in chapter.sections
        for name in section.live
    }
    assert named == set(PARTS)


def test_the_sentences_are_short_and_calm(lessons: Lessons) -> None:
    for chapter in lessons.chapters:
        for section in chapter.sections:
            text = f"{section.text} {section.comparison}"
            assert "!" not in text.replace("[[", ""), section.heading
            for sentence in re.split(r"[.?:]\s+", text):
                assert len(sentence.split()) <= 30, sentence
