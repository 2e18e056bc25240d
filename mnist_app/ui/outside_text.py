"""Text from outside, shown as text: names, addresses, archives, and messages that quote them.

Streamlit renders Markdown nearly everywhere: images, links, formulas, colours, icons and emoji. Options of
select boxes, cells of data frames and `st.text` are plain; HTML of our own takes `html.escape`.
"""

import re

import streamlit as st

from mnist_app.errors import AppError

_JOINER = "\u2060"
"""Seen by nobody. Links and emoji are looked for after backslashes are gone, so these alone do not help."""
_BROKEN = re.compile(r":(?=\S)|(?=@)|(?<=www)(?=\.)|(?<=[<~>-])(?=[=>-])|^\d+(?=[.)])", re.IGNORECASE)
"""Where addresses (`https://`, `www.`, `@`), shortcodes (`:red[`, `:smile:`) arrows (`->`) and
numbers of lists (`1.`) are broken up."""
_MARKS = re.compile(r"[\\`*_\[\]<>$~#&|]|^[-+=]")


def escaped(text: object) -> str:
    """Return Markdown that Streamlit shows as this text, in one line.

    Args:
        text: a text, or an error whose message is meant.
    """
    line = " ".join(str(text).split())
    broken = _BROKEN.sub(lambda found: found[0] + _JOINER, line)
    return _MARKS.sub(lambda found: "\\" + found[0], broken)


def show_error(error: AppError | str) -> None:
    """Show an error's message as text."""
    st.error(escaped(error))


def show_warning(warning: AppError | str) -> None:
    """Show a warning as text."""
    st.warning(escaped(warning))


def show_success_or_error(sentence: str, is_good: bool) -> None:
    """Show what came of something as text, as a success or as an error."""
    if is_good:
        st.success(escaped(sentence))
    else:
        st.error(escaped(sentence))
