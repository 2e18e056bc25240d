"""Keys of widgets, by which Streamlit tells them apart, and what the Draw page's widgets show."""

from enum import StrEnum, auto, unique
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from mnist_app.ui.session.draw_page import DrawPage  # needs NumPy, which the server's start does not


@unique
class Key(StrEnum):
    """Keys that several functions use, or the style sheet. Each has its own name as its value."""

    BROWSER = auto()
    """Component that has the browser keep things."""
    PERSON_NAME = auto()
    PERSON_NAME_ON_PAGE = auto()
    """The same field on the page, for screens that hide the sidebar."""

    BRUSH_WIDTH = auto()
    INPUT_WAY = auto()
    IT_IS = auto()
    """Digit that a drawing is said to be."""
    LOOK_INSIDE_VIEW = auto()
    MAP_LAYER = auto()
    MAP_ORDER = auto()
    COMPARED_WITH = auto()
    WHAT_IF_CHART_OF = auto()
    FIRST_OF_TWO_MODELS = auto()
    SECOND_OF_TWO_MODELS = auto()

    PRESET = auto()
    WATCH_MINE = auto()
    WATCH_ANY = auto()
    ONLY_DIGIT = auto()
    ONLY_MISTAKES = auto()

    MODEL_TESTED = auto()
    DATASET_TESTED = auto()
    TRUTH = auto()
    ANSWER = auto()
    ORDER = auto()
    IMAGES_PAGE = auto()
    CONFUSION_MATRIX = auto()

    DRAWN_BY = auto()
    DRAWINGS_OF = auto()
    DRAWINGS_PAGE = auto()
    DRAWINGS_ARCHIVE = auto()
    MODEL_TUNED = auto()
    EPOCHS_TUNED = auto()

    LEARN_PRESET = auto()
    LEARN_CHAPTER = auto()
    LEARN_IMAGE = auto()

    TEACHER_CODE = auto()
    CLASS_ARCHIVE = auto()
    LEADERBOARD_DATASET = auto()
    LEADERBOARD_MEASURE = auto()


def setting_key(preset: str, setting: str) -> str:
    """Return the key of a training setting's control; each preset has its own, with its own values."""
    return f"{preset}-{setting}"


def live_key(name: str) -> str:
    """Return the key of something to touch on the Learn page."""
    return f"live-{name}"


def what_if_key(alteration: str) -> str:
    """Return the key of a slider of What if."""
    return f"what-if-{alteration}"


def set_draw_widgets(page: "DrawPage") -> None:
    """Set the Draw page's widgets to what the page remembers."""
    st.session_state[Key.BRUSH_WIDTH] = page.brush_width
    st.session_state[Key.INPUT_WAY] = page.input_way
