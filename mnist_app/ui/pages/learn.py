"""The Learn page: chapters that explain the program of each published network, with interactive parts."""

from collections.abc import Mapping
from typing import Literal

import streamlit as st

from mnist_app.errors import AppError
from mnist_app.learning.lessons.chapters import Chapter, Lessons, Section, read_lessons
from mnist_app.learning.lessons.program import program_lines
from mnist_app.ui.learn.contents import GLOSSARY, choose_chapter, choose_preset, go_to, scroll_up
from mnist_app.ui.learn.glossary import show_glossary
from mnist_app.ui.learn.material import Material, choose_image, find_dataset
from mnist_app.ui.learn.network import choose_network, fresh_network
from mnist_app.ui.learn.parts import PARTS
from mnist_app.ui.learn.program import program_html, whole_program_html
from mnist_app.ui.outside_text import escaped, show_error
from mnist_app.ui.parts import terms
from mnist_app.ui.session.session import session
from mnist_app.ui.session.widgets import live_key


def show_page() -> None:
    """Show the choice of chapters, then the chapter or the glossary."""
    messages = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom", key="learn_contents"):
        preset = choose_preset(messages)
        program = program_lines(preset)
        lessons = read_lessons(terms.LESSONS, preset, program, PARTS)
        name = choose_chapter(lessons, messages)
        chapter = lessons.find(name)
        with st.popover("The whole program", icon=":material/code:"):
            st.html(whole_program_html(program, lines_of(chapter)))
    st.query_params.from_dict({"chapter": name, "preset": preset})
    for fault in lessons.faults:
        messages.error(escaped(f"A chapter cannot be shown. {fault}"))
    scroll_up()
    if chapter is None:
        show_glossary()
    else:
        show_chapter(chapter, preset, program)
    show_way_on(lessons, name)


def lines_of(chapter: Chapter | None) -> set[int]:
    """Return the numbers of the program's lines that a chapter explains; empty without a chapter."""
    return {number for section in chapter.sections for number in section.lines} if chapter else set()


def show_chapter(chapter: Chapter, preset: str, program: tuple[str, ...]) -> None:
    """Show the title, the choice of image and network if the chapter needs them, and the sections.

    Args:
        chapter: The chapter.
        preset: The network whose program is explained.
        program: The lines of the program.
    """
    st.header(f"{chapter.number}. {chapter.title}", anchor=False)
    try:
        dataset, sentence = find_dataset()
    except AppError as error:
        show_error(error)
        return
    if sentence:
        st.info(escaped(sentence))
    parts = [PARTS[name] for section in chapter.sections for name in section.live]
    needs_image, needs_network = (
        any(part.needs_image for part in parts),
        any(part.needs_network for part in parts),
    )
    index = choose_image(dataset) if needs_image else session().learn.image
    weights, network = choose_network(preset) if needs_network else fresh_network(preset)
    material = Material(preset, dataset, min(index, len(dataset.x_train) - 1), weights, network)
    for section in chapter.sections:
        show_section(section, material, program)


def show_section(section: Section, material: Material, program: tuple[str, ...]) -> None:
    """Show the section's lines and text, its interactive parts beside the text, and wide parts below it."""
    st.subheader(section.heading, anchor=False)
    if section.lines:
        st.html(program_html(program, section.lines))
    narrow = [PARTS[name] for name in section.live if not PARTS[name].is_wide]
    if narrow:
        words, touch = st.columns([5, 6], gap="large")
        with touch:
            for part in narrow:
                part.show(material)
    else:
        words = st.container(key=f"words-{section.heading}")
    with words:
        show_words(section)
    for name in section.live:
        if PARTS[name].is_wide:
            PARTS[name].show(material)


def show_words(section: Section) -> None:
    """Show the section's text and its comparison with everyday life."""
    terms.show_text(section.text)
    if section.comparison:
        terms.show_text(f"> **In everyday life:** {section.comparison}")


def show_way_on(lessons: Lessons, name: str) -> None:
    """Show buttons to the previous and the next chapter.

    Args:
        lessons: All chapters.
        name: The present chapter, or the glossary.
    """
    titles = {chapter.name: f"{chapter.number}. {chapter.title}" for chapter in lessons.chapters}
    titles[GLOSSARY] = "Glossary"
    names = list(titles)
    place = names.index(name)
    st.divider()
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        if place > 0:
            _turn_button(titles, names[place - 1], "left")
        if place + 1 < len(names):
            _turn_button(titles, names[place + 1], "right")


def _turn_button(titles: Mapping[str, str], name: str, side: Literal["left", "right"]) -> None:
    icon = ":material/arrow_back:" if side == "left" else ":material/arrow_forward:"
    key = live_key(f"go-{side}")
    st.button(titles[name], icon=icon, icon_position=side, on_click=go_to, args=(name,), key=key)


st.title("Learn", anchor=False)
try:
    show_page()
except AppError as error:
    show_error(error)
