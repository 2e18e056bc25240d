"""Terms of the field, each explained where it stands: by hover, by a tap, by keyboard and by listening.

A marked term becomes a button, which browsers let open what explains it without any script of ours.
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
    """Show a Markdown text of ours whose marked terms explain themselves."""
    st.markdown(with_explanations(text), unsafe_allow_html=True)


def show_caption(text: str) -> None:
    """Show the same in small type."""
    st.caption(with_explanations(text), unsafe_allow_html=True)


def show_sentence(text: str) -> None:
    """Show a Markdown text that the app puts together, and explain each term at its first use."""
    show_text(mark_first_uses(text, glossary()))


def with_explanations(text: str) -> str:
    """Return the text with each marked term as HTML; as plain words where the glossary cannot be read."""
    return explain_terms(text, glossary())


def glossary() -> Glossary:
    """Return the glossary; an empty one where it cannot be read, which the Learn page then says."""
    try:
        return read_glossary(GLOSSARY)
    except MalformedText:
        return Glossary()


def explain_terms(text: str, known: Glossary) -> str:
    """Return the text with each marked term as HTML; one that the glossary lacks stays plain words."""
    # The same text has the same names on every rerun, so that what is open stays open.
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
