"""The glossary of the Learn page, with a search."""

from html import escape

import streamlit as st

from mnist_app.errors import MalformedText
from mnist_app.learning.lessons.glossary import Term, read_glossary
from mnist_app.ui.outside_text import show_error
from mnist_app.ui.parts import terms
from mnist_app.ui.session.widgets import live_key


def show_glossary() -> None:
    """Show a search field and the matching terms with their meanings, in alphabetical order."""
    st.header("Glossary", anchor=False)
    try:
        glossary = read_glossary(terms.GLOSSARY)
    except MalformedText as error:
        show_error(f"The glossary cannot be shown. {error}")
        return
    wanted = st.text_input("Find a term", placeholder="softmax", key=live_key("term"), width=320).strip()
    found = [term for term in glossary.terms if _matches(term, wanted)]
    if not found:
        st.markdown("No term has these letters.")
        return
    entries = "".join(
        f"<dt>{escape(term.name)}</dt><dd>{escape(term.explanation)}</dd>"
        for term in sorted(found, key=lambda term: term.name.casefold())
    )
    st.html(f'<dl class="glossary">{entries}</dl>')


def _matches(term: Term, wanted: str) -> bool:
    return any(wanted.casefold() in name.casefold() for name in term.names)
