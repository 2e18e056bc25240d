"""The choice of network and chapter on the Learn page, synchronised with the address."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mnist_app.learning.lessons.chapters import PRESETS_EXPLAINED, Lessons
from mnist_app.learning.training.presets import PRESETS
from mnist_app.ui.server.content_policy import SCROLL_TO_TOP
from mnist_app.ui.session.session import session
from mnist_app.ui.session.widgets import Key

GLOSSARY = "glossary"
"""Name of the glossary in the choice of chapters."""
# Scrolls to the top, where a chapter begins, and moves the focus there, which screen readers announce. The
# number makes the HTML differ each time; the browser would not run the same script twice.
_SCROLL_UP = "<span hidden>%d</span><script>" + SCROLL_TO_TOP + "</script>"


def choose_preset(messages: DeltaGenerator) -> str:
    """Show the choice of the network whose program is explained, and return its preset.

    Args:
        messages: Place for a message if the address names a network without lessons.
    """
    page = session().learn
    carried = st.query_params.get("preset")
    wanted = page.preset_in_address.wanted(carried) or page.preset
    if wanted not in PRESETS_EXPLAINED:
        messages.info(
            f"This link names a network without lessons. Lessons exist for {' and '.join(PRESETS_EXPLAINED)}."
        )
    elif wanted != page.preset or Key.LEARN_PRESET not in st.session_state:
        st.session_state[Key.LEARN_PRESET] = wanted
    chosen = st.segmented_control(
        "Network",
        PRESETS_EXPLAINED,
        format_func=lambda name: PRESETS[name].title,
        key=Key.LEARN_PRESET,
        required=True,
    )
    page.preset = chosen or page.preset
    page.preset_in_address.note(page.preset, carried)
    return page.preset


def choose_chapter(lessons: Lessons, messages: DeltaGenerator) -> str:
    """Show the choice of a chapter or the glossary, and return its name.

    Args:
        lessons: All chapters.
        messages: Place for a message if the address names an unknown chapter.
    """
    page = session().learn
    titles = {chapter.name: f"{chapter.number}. {chapter.title}" for chapter in lessons.chapters}
    titles[GLOSSARY] = "Glossary"
    first = next(iter(titles))
    carried = st.query_params.get("chapter")
    wanted = page.chapter_in_address.wanted(carried) or page.chapter or first
    if wanted not in titles:
        messages.info("This link names a chapter that does not exist. This is the first chapter.")
        wanted = first
    if wanted != page.chapter or Key.LEARN_CHAPTER not in st.session_state:
        st.session_state[Key.LEARN_CHAPTER] = wanted
    chosen = st.selectbox(
        "Chapter", list(titles), format_func=titles.__getitem__, key=Key.LEARN_CHAPTER, width=320
    )
    page.chapter = chosen or first
    page.chapter_in_address.note(page.chapter, carried)
    return page.chapter


def go_to(chapter: str) -> None:
    """Open a chapter at its beginning."""
    st.session_state[Key.LEARN_CHAPTER] = chapter
    session().learn.turned += 1


def scroll_up() -> None:
    """Scroll to the beginning of a chapter that was opened from the end of another."""
    if turned := session().learn.turned:
        st.html(_SCROLL_UP % turned, unsafe_allow_javascript=True)
