"""The escaping of text from outside, such as names, addresses and messages that quote them.

Streamlit renders Markdown nearly everywhere: images, links, formulas, colours, icons and emoji. Options of
select boxes, cells of data frames and `st.text` are plain text. The app's own HTML uses `html.escape`.
"""

import re

import streamlit as st

from mnist_app.errors import AppError

_JOINER = "\u2060"
"""An invisible character. Backslashes do not stop links and emoji, because Streamlit finds these later."""
_BROKEN = re.compile(r":(?=\S)|(?=@)|(?<=www)(?=\.)|(?<=[<~>-])(?=[=>-])|^\d+(?=[.)])", re.IGNORECASE)
"""Places for a joiner: addresses (`https://`, `www.`, `@`), shortcodes (`:red[`, `:smile:`), arrows (`->`)
and numbers of lists (`1.`)."""
_MARKS = re.compile(r"[\\`*_\[\]<>$~#&|]|^[-+=]")


def escaped(text: object) -> str:
    """Return Markdown that Streamlit shows as this text, in one line.

    Args:
        text: A text, or an error for its message.
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
    """Show a sentence as text, as a success or as an error."""
    if is_good:
        st.success(escaped(sentence))
    else:
        st.error(escaped(sentence))
