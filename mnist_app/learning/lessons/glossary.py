"""The glossary: terms of the field, and the marks of them in texts.

A text marks a term as `[[softmax]]`, or as `[[softmax|the softmax]]` in another form. The glossary is a
Markdown file: a heading `## term, another name` for each, and its explanation below.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mnist_app.errors import MalformedText

_MARK = re.compile(r"\[\[([^\[\]|]+)(?:\|([^\[\]|]+))?\]\]")
# Names in code, headings and links do not count as uses.
_NOT_READ = re.compile(r"`[^`]*`|^#+ .*$|\]\([^)]*\)", re.MULTILINE)
_BRACKETS = re.compile(r"\[\[|\]\]")


@dataclass(frozen=True)
class Term:
    """A term and its explanation."""

    names: tuple[str, ...]
    """The usual name first, then others: "dense layer", "fully connected layer"."""
    explanation: str
    """A few short sentences of plain text."""

    @property
    def name(self) -> str:
        """The usual name."""
        return self.names[0]


@dataclass(frozen=True)
class Glossary:
    """All terms, in the order of the file."""

    terms: tuple[Term, ...] = ()

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """A pattern that finds any name as a whole word, in any case; the longer of two that begin alike."""
        names = sorted((name for term in self.terms for name in term.names), key=len, reverse=True)
        return re.compile(
            rf"(?<![\w-])(?:{'|'.join(map(re.escape, names)) or '(?!)'})(?![\w-])", re.IGNORECASE
        )

    def find(self, name: str) -> Term | None:
        """Return the term that has this name, in any case; None if there is none."""
        wanted = name.casefold()
        return next((term for term in self.terms if wanted in map(str.casefold, term.names)), None)


def read_glossary(path: Path) -> Glossary:
    """Read the glossary from a file.

    Raises:
        MalformedText: The file cannot be read, or is malformed; the error names file and line.
    """
    headings: list[tuple[int, tuple[str, ...]]] = []
    explanations: list[list[str]] = []
    for number, line in enumerate(read_lines(path), 1):
        if line.startswith("## "):
            headings.append((number, tuple(name.strip() for name in line[3:].split(","))))
            explanations.append([])
        elif line.startswith("#") and number > 1:
            raise malformed(path, number, f"{line!r} is no heading of a term; one begins with '## '")
        elif line and explanations:
            explanations[-1].append(line)
        elif line and number > 1:
            raise malformed(path, number, "text before the first term; a term begins with '## '")
    terms = [Term(names, " ".join(lines)) for (_, names), lines in zip(headings, explanations, strict=True)]
    _check(path, [number for number, _ in headings], terms)
    return Glossary(tuple(terms))


def _check(path: Path, numbers: list[int], terms: list[Term]) -> None:
    seen: set[str] = set()
    for number, term in zip(numbers, terms, strict=True):
        if not all(term.names):
            raise malformed(path, number, "a term without a name")
        if not term.explanation:
            raise malformed(path, number, f"the term {term.name!r} has no explanation below it")
        for name in map(str.casefold, term.names):
            if name in seen:
                raise malformed(path, number, f"{name!r} is explained twice")
            seen.add(name)


def replace_marks(text: str, write: Callable[[str, str], str]) -> str:
    """Replace each mark of a text by `write(term, words as they stand)`."""
    return _MARK.sub(lambda mark: write(mark[1], mark[2] or mark[1]), text)


def marked_terms(text: str) -> list[str]:
    """Return the names of the terms that a text marks, in order."""
    return [mark[1] for mark in _MARK.finditer(text)]


@dataclass(frozen=True)
class Use:
    """A place in a text that uses a term."""

    start: int
    end: int
    term: Term
    is_marked: bool


def first_uses(text: str, glossary: Glossary) -> list[Use]:
    """Return the first use of each term in a Markdown text, marked or not, in order."""
    first: dict[Term, Use] = {}
    for use in sorted([*_marked(text, glossary), *_plain(text, glossary)], key=lambda use: use.start):
        first.setdefault(use.term, use)
    return list(first.values())


def mark_first_uses(text: str, glossary: Glossary) -> str:
    """Mark the first use of each term in a text that a program has put together."""
    for use in reversed(first_uses(text, glossary)):
        if not use.is_marked:
            words = text[use.start : use.end]
            text = f"{text[: use.start]}[[{use.term.name}|{words}]]{text[use.end :]}"
    return text


def _marked(text: str, glossary: Glossary) -> Iterator[Use]:
    for mark in _MARK.finditer(text):
        if term := glossary.find(mark[1]):
            yield Use(mark.start(), mark.end(), term, True)


def _plain(text: str, glossary: Glossary) -> Iterator[Use]:
    read = text
    for pattern in (_NOT_READ, _MARK):
        read = pattern.sub(lambda found: " " * len(found[0]), read)
    for found in glossary.pattern.finditer(read):
        term = glossary.find(found[0])
        assert term is not None
        yield Use(found.start(), found.end(), term, False)


def check_marks(path: Path, numbered: Iterable[tuple[int, str]]) -> None:
    """Raise `MalformedText` if double brackets do not form a mark within one line."""
    for number, line in numbered:
        if _BRACKETS.search(_MARK.sub("", line)):
            raise malformed(path, number, "'[[' and ']]' mark a term within one line: [[softmax]]")


def read_lines(path: Path) -> list[str]:
    """Return the lines of a file without trailing spaces; raise `MalformedText` if it cannot be read."""
    try:
        return [line.rstrip() for line in path.read_text(encoding="utf-8").splitlines()]
    except OSError as error:
        raise MalformedText(
            f"{path.name} cannot be read ({error.strerror}): put it back at {path}."
        ) from error
    except UnicodeDecodeError as error:
        raise MalformedText(f"{path.name} is not saved as UTF-8; save it as such.") from error


def malformed(path: Path, number: int, fault: str) -> MalformedText:
    """Return the error that names the place of a fault."""
    return MalformedText(f"{path.name}, line {number}: {fault}.")
