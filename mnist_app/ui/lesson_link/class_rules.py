"""The rules for this visitor: the settings of the class together with those of the lesson link.

A lesson link applies only to the tab that it was opened in.
"""

from dataclasses import dataclass, replace

import streamlit as st

from mnist_app.errors import NotAllowed, RunNotFound, StorageUnavailable
from mnist_app.learning.inference.shipped import SHIPPED
from mnist_app.ui.lesson_link.rules_link import read_rules
from mnist_app.ui.session.session import session
from mnist_app.ui.shared import resources
from mnist_app.workspace.classroom.class_settings import ClassSettings
from mnist_app.workspace.classroom.permissions import HIDDEN

MODEL_MISSING = "The lesson link names a model that is not here. The usual model answers instead."


@dataclass(frozen=True)
class Control:
    """A part of a page that the teacher can hide from the class."""

    name: str
    """Name in the settings of the class and in lesson links."""
    page: str
    """Title of its page."""
    title: str


CONTROLS = (
    Control("picture", "Draw", "Pictures"),
    Control("camera", "Draw", "Camera"),
    Control("keep_drawings", "Draw", "Keeping drawings"),
    Control("look_inside", "Draw", "Look inside"),
    Control("network", "Train", "Choice of network"),
    Control("epochs", "Train", "Epochs and batch size"),
    Control("optimiser", "Train", "Optimiser and learning rate"),
    Control("data", "Train", "Data and validation"),
    Control("download_runs", "Runs", "Download"),
    Control("delete_runs", "Runs", "Delete"),
)


def is_shown(control: str) -> bool:
    """Return whether this visitor sees a control. The teacher sees all of them.

    Raises:
        ValueError: there is no control of that name.
    """
    if session().is_teacher:
        return True
    if control not in {each.name for each in CONTROLS}:
        raise ValueError(f"There is no control {control!r}.")
    return control not in rules().hidden_controls


def check_page_is_shown() -> None:
    """Check that this visitor's page is not hidden.

    Fragments and callbacks run without the navigation, so a tab may still show a page that the teacher has
    hidden since.

    Raises:
        NotAllowed: it is hidden.
    """
    if not session().is_teacher:
        check_shown(session().page, rules())


def check_shown(page: str, settings: ClassSettings) -> None:
    """Check that these settings do not hide a page.

    Raises:
        NotAllowed: they do.
    """
    if page in settings.hidden_pages:
        raise NotAllowed(HIDDEN)


def rules() -> ClassSettings:
    """Return the rules in this tab: the settings of the class, and those of its lesson link on top."""
    return resources.class_settings().combined(lesson_rules())


def lesson_rules() -> ClassSettings:
    """Return the rules of the lesson link that opened this tab; the defaults without one."""
    known = session().lesson_rules
    if known is None:
        asked, messages = read_rules(st.query_params)
        known = asked if _has_start_model(asked) else replace(asked, start_model=SHIPPED)
        if known != asked:
            session().notice = MODEL_MISSING
        session().lesson_rules = known
        session().link_messages += messages
    return known


def _has_start_model(asked: ClassSettings) -> bool:
    """Return whether the model that a link names exists; True while the store is away."""
    if asked.start_model == SHIPPED:
        return True
    try:
        return resources.store().run(asked.start_model).model_sha256 is not None
    except RunNotFound:
        return False
    except StorageUnavailable:  # the pages say so, and look for the model again when they use it
        return True
