"""The chapters of the Learn page, read from their Markdown files.

A file `4-layers.md` is chapter 4, `layers` in addresses. It is plain Markdown in which comments have a
meaning:

    # The layers                                  the chapter's title, the first line
    ## Max pooling                                begins a section
    <!-- lines: `model.fit(` to `)` -->           the lines of the program that the section explains
    <!-- live: pooling -->                        a part of the page to touch, by its name
    <!-- only: cnn --> … <!-- both -->            text for one preset only
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
"""The presets that the lessons explain: the two published networks."""
_FILE = re.compile(r"(\d+)-([a-z][a-z-]*)\.md")
_DIRECTIVE = re.compile(r"<!--\s*(\w+)(?::\s*(.*?))?\s*-->")
_RANGE = re.compile(r"`([^`]+)`(?: to `([^`]+)`)?")


@dataclass(frozen=True)
class Section:
    """A part of a chapter, for one preset."""

    heading: str
    lines: tuple[int, ...]
    """Line numbers, from 1, of the program that the section explains; may be empty."""
    text: str
    """Markdown, with marks of the glossary's terms."""
    comparison: str
    """Markdown: a comparison with everyday life; may be empty."""
    live: tuple[str, ...]
    """Names of the parts of the page to touch."""


@dataclass(frozen=True)
class Chapter:
    """A chapter, for one preset."""

    number: int
    name: str
    """Its name in addresses."""
    title: str
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Lessons:
    """The chapters in order, and the faults of those that could not be read."""

    chapters: tuple[Chapter, ...]
    faults: tuple[str, ...]

    def find(self, name: str) -> Chapter | None:
        """Return the chapter of this name; None if there is none."""
        return next((chapter for chapter in self.chapters if chapter.name == name), None)


def read_lessons(folder: Path, preset: str, program: tuple[str, ...], live_parts: Collection[str]) -> Lessons:
    """Read all chapters of a folder for a preset; collect the faults of malformed ones."""
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
    """Read one chapter for a preset and its program.

    Raises:
        MalformedText: The text is malformed; the error names file and line.
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
    """Reader of a chapter, line by line. Text for another preset is checked, but not kept."""

    path: Path
    preset: str
    program: tuple[str, ...]
    live_parts: Collection[str]
    drafts: list[_Draft] = field(default_factory=list)
    only: str | None = None
    has_section: bool = False

    def read(self, number: int, line: str) -> None:
        """Read the next line."""
        if line.startswith("## "):
            self.has_section = True
            if self.is_meant:
                self.drafts.append(_Draft(line[3:].strip()))
        elif line.startswith("<!--"):
            self.carry_out(number, line)
        elif line.startswith("# "):
            raise malformed(self.path, number, "a second title; a section begins with '## '")
        elif line and not self.has_section:
            raise malformed(self.path, number, "text before the first section; one begins with '## '")
        elif self.is_meant and self.drafts:
            self.keep(line)

    @property
    def is_meant(self) -> bool:
        """Return whether the present line is for this preset."""
        return self.only in (None, self.preset)

    def keep(self, line: str) -> None:
        """Add a line to the comparison or to the text."""
        draft = self.drafts[-1]
        if line.startswith(">"):
            draft.comparison.append(line[1:].strip())
        else:
            draft.text.append(line)

    def carry_out(self, number: int, line: str) -> None:
        """Carry out a comment's instruction."""
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
        """Return the section that a comment belongs to."""
        if not self.drafts:
            raise malformed(self.path, number, "it belongs into a section; one begins with '## '")
        return self.drafts[-1]

    def find(self, number: int, first: str, last: str) -> range:
        """Return the lines of the program that a comment names."""
        try:
            return find_lines(self.program, first, last)
        except ValueError as error:
            fault = f"no line of the program {self.preset} begins with {error.args[0]!r}"
            raise malformed(self.path, number, fault) from error

    def advice(self, line: str) -> str:
        """Return a list of the instructions that a comment can have."""
        return (
            f"{line!r} says nothing that is known here; there are 'only: cnn', 'only: dense', 'both', "
            f"'lines: `model.fit(` to `)`' and 'live: ' with one of {', '.join(sorted(self.live_parts))}"
        )
