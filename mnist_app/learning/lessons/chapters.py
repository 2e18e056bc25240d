"""The chapters of the Learn page, from their Markdown files.

A file `4-layers.md` is chapter 4, `layers` in addresses. It is plain Markdown in which comments have a
meaning:

    # The layers                                  the chapter's title, the first line
    ## Max pooling                                begins a section
    <!-- lines: `model.fit(` to `)` -->           the lines of the program that the section is about
    <!-- live: pooling -->                        a part of the page to touch, by its name
    <!-- only: cnn --> … <!-- both -->            what stands between is for one preset only
    > A comparison with everyday life             a quotation

and `[[softmax]]` marks a term of the glossary.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from mnist_app.errors import MalformedText
from mnist_app.learning.lessons.glossary import check_marks, malformed, read_lines
from mnist_app.learning.lessons.program import find_lines

PRESETS_EXPLAINED = ("cnn", "dense")
"""The presets that have lessons: those of the two published programs."""
_FILE = re.compile(r"(\d+)-([a-z][a-z-]*)\.md")
_DIRECTIVE = re.compile(r"<!--\s*(\w+)(?::\s*(.*?))?\s*-->")
_RANGE = re.compile(r"`([^`]+)`(?: to `([^`]+)`)?")


@dataclass(frozen=True)
class Section:
    """A part of a chapter, as it is for one preset."""

    heading: str
    lines: tuple[int, ...]
    """Numbers, from 1, of the lines of the program that it is about; it may have none."""
    text: str
    """Markdown, with terms marked."""
    comparison: str
    """Markdown: what it is like in everyday life; may be empty."""
    live: tuple[str, ...]
    """Names of the parts to touch."""


@dataclass(frozen=True)
class Chapter:
    """A chapter, as it is for one preset."""

    number: int
    name: str
    """In addresses."""
    title: str
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Lessons:
    """The chapters in order, and what is wrong with those that could not be read."""

    chapters: tuple[Chapter, ...]
    faults: tuple[str, ...]

    def find(self, name: str) -> Chapter | None:
        """The chapter of that name; None where there is none."""
        return next((chapter for chapter in self.chapters if chapter.name == name), None)


def read_lessons(folder: Path, preset: str, program: tuple[str, ...], live_parts: Collection[str]) -> Lessons:
    """All chapters of a folder for a preset; a malformed one is left out and its fault told."""
    chapters, faults = [], []
    numbered = [
        (int(match[1]), path) for path in folder.glob("*.md") if (match := _FILE.fullmatch(path.name))
    ]
    for _, path in sorted(numbered):
        try:
            chapters.append(read_chapter(path, preset, program, live_parts))
        except MalformedText as error:
            faults.append(str(error))
    return Lessons(tuple(chapters), tuple(faults))


def read_chapter(path: Path, preset: str, program: tuple[str, ...], live_parts: Collection[str]) -> Chapter:
    """The chapter that a file holds, for a preset and its program.

    Raises:
        MalformedText: naming file and line.
    """
    name = _FILE.fullmatch(path.name)
    if name is None:
        raise MalformedText(f"{path.name} is no name of a chapter's file; one is called 4-layers.md.")
    lines = read_lines(path)
    if not lines or not lines[0].startswith("# "):
        raise malformed(path, 1, "the first line must be the chapter's title, such as '# The layers'")
    numbered = list(enumerate(lines, 1))
    check_marks(path, numbered)
    reader = _Reader(path, preset, program, live_parts)
    for number, line in numbered[1:]:
        reader.read(number, line)
    sections = tuple(draft.finish() for draft in reader.drafts)
    if not sections:
        raise malformed(path, len(lines), "a chapter needs a section; one begins with '## '")
    return Chapter(int(name[1]), name[2], lines[0][2:].strip(), sections)


@dataclass
class _Draft:
    """A section while it is being read."""

    heading: str
    lines: list[int] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    comparison: list[str] = field(default_factory=list)
    live: list[str] = field(default_factory=list)

    def finish(self) -> Section:
        text, comparison = ("\n".join(part).strip() for part in (self.text, self.comparison))
        return Section(self.heading, tuple(sorted(self.lines)), text, comparison, tuple(self.live))


@dataclass
class _Reader:
    """Reads a chapter line by line. What is for another preset is checked, but not kept."""

    path: Path
    preset: str
    program: tuple[str, ...]
    live_parts: Collection[str]
    drafts: list[_Draft] = field(default_factory=list)
    only: str | None = None
    has_section: bool = False

    def read(self, number: int, line: str) -> None:
        """Take in the next line."""
        if line.startswith("## "):
            self.has_section = True
            if self.is_meant:
                self.drafts.append(_Draft(line[3:].strip()))
        elif line.startswith("<!--"):
            self.obey(number, line)
        elif line.startswith("# "):
            raise malformed(self.path, number, "a second title; a section begins with '## '")
        elif line and not self.has_section:
            raise malformed(self.path, number, "text before the first section; one begins with '## '")
        elif self.is_meant and self.drafts:
            self.keep(line)

    @property
    def is_meant(self) -> bool:
        """Whether what is being read is for this preset."""
        return self.only in (None, self.preset)

    def keep(self, line: str) -> None:
        """A line of a comparison, or of the text."""
        draft = self.drafts[-1]
        if line.startswith(">"):
            draft.comparison.append(line[1:].strip())
        else:
            draft.text.append(line)

    def obey(self, number: int, line: str) -> None:
        """Do what a comment says."""
        directive = _DIRECTIVE.fullmatch(line)
        if directive is None:
            raise malformed(self.path, number, f"{line!r} is no comment that ends in its line")
        match directive[1], directive[2]:
            case "only", str(preset) if preset in PRESETS_EXPLAINED:
                self.only = preset
            case "both", None:
                self.only = None
            case "live", str(name) if name in self.live_parts:
                if self.is_meant:
                    self.section(number).live.append(name)
            case "lines", str(wanted) if found := _RANGE.fullmatch(wanted):
                if self.is_meant:
                    self.section(number).lines.extend(self.find(number, found[1], found[2] or found[1]))
            case _:
                raise malformed(self.path, number, self.advice(line))

    def section(self, number: int) -> _Draft:
        """The section that a comment belongs to."""
        if not self.drafts:
            raise malformed(self.path, number, "it belongs into a section; one begins with '## '")
        return self.drafts[-1]

    def find(self, number: int, first: str, last: str) -> range:
        """The lines of the program that a comment names."""
        try:
            return find_lines(self.program, first, last)
        except ValueError as error:
            fault = f"no line of the program {self.preset} begins with {error.args[0]!r}"
            raise malformed(self.path, number, fault) from error

    def advice(self, line: str) -> str:
        """What a comment may say."""
        return (
            f"{line!r} says nothing that is known here; there are 'only: cnn', 'only: dense', 'both', "
            f"'lines: `model.fit(` to `)`' and 'live: ' with one of {', '.join(sorted(self.live_parts))}"
        )
