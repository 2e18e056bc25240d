"""Texts whose marked terms open explanations, by mouse, touch, keyboard and screen reader.

A marked term becomes a button with a popover, which browsers open without a script.
"""

from html import escape
from itertools import count
from zlib import crc32

import streamlit as st

from mnist_app.errors import MalformedText
from mnist_app.learning.lessons.glossary import Glossary, mark_first_uses, read_glossary, replace_marks
from mnist_app.settings import ASSETS

LESSONS = ASSETS / "learn"
GLOSSARY = LESSONS / "glossary.md"


def show_text(text: str) -> None:
    """Show a Markdown text with explanations of its marked terms. It must not come from outside."""
    st.markdown(with_explanations(text), unsafe_allow_html=True)


def show_caption(text: str) -> None:
    """Show a Markdown text in small type, with explanations of its marked terms."""
    st.caption(with_explanations(text), unsafe_allow_html=True)


def show_sentence(text: str) -> None:
    """Show an unmarked Markdown text, and explain each term at its first use."""
    show_text(mark_first_uses(text, glossary()))


def with_explanations(text: str) -> str:
    """Return the text with each marked term as HTML; as plain words if the glossary cannot be read."""
    return explain_terms(text, glossary())


def glossary() -> Glossary:
    """Return the glossary; an empty one if it cannot be read. The Learn page shows that error."""
    try:
        return read_glossary(GLOSSARY)
    except MalformedText:
        return Glossary()


def explain_terms(text: str, known: Glossary) -> str:
    """Return the text with each marked term as HTML.

    Args:
        text: Markdown with marked terms.
        known: The glossary. Terms that it lacks stay plain words.
    """
    # Ids depend only on the text, so that an open explanation stays open over reruns.
    prefix, numbers = f"term-{crc32(text.encode()):x}", count()

    def write(name: str, words: str) -> str:
        term = known.find(name)
        if term is None:
            return words
        identifier = f"{prefix}-{next(numbers)}"
        return (
            f'<span class="explained"><button type="button" class="term" popovertarget="{identifier}">'
            f'{escape(words)}</button><span popover="auto" id="{identifier}" class="explanation" role="note">'
            f"<b>{escape(term.name)}</b> {escape(term.explanation)}</span></span>"
        )

    return replace_marks(text, write)
