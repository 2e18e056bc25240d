"""What holds for this visitor: what the teacher has set for the class and, with it, what a lesson link asks.

A lesson link sets the tab that it was opened in and nothing else.
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
    """Something on a page that the teacher can put away for the class."""

    name: str
    """What the settings of the class and lesson links call it."""
    page: str
    """The title of its page."""
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
    """Whether this visitor sees the control of that name; the teacher sees all of them."""
    if session().is_teacher:
        return True
    if control not in {each.name for each in CONTROLS}:
        raise ValueError(f"There is no control {control!r}.")
    return control not in rules().hidden_controls


def check_page_is_shown() -> None:
    """Return where the page that this visitor is on is shown to them.

    A fragment and a button's callback run without the navigation, so a tab that was opened before the teacher
    hid the page has to be asked here.

    Raises:
        NotAllowed: the teacher has hidden the page since.
    """
    if not session().is_teacher:
        check_shown(session().page, rules())


def check_shown(page: str, settings: ClassSettings) -> None:
    """Return where these settings do not hide a page.

    Raises:
        NotAllowed: they do.
    """
    if page in settings.hidden_pages:
        raise NotAllowed(HIDDEN)


def rules() -> ClassSettings:
    """What holds here: both what the teacher has set and what the link asks that this tab was opened by."""
    return resources.class_settings().combined(lesson_rules())


def lesson_rules() -> ClassSettings:
    """What the link asks that this tab was opened by; nothing where it was none."""
    known = session().lesson_rules
    if known is None:
        asked, messages = read_rules(st.query_params)
        known = asked if _has_start_model(asked) else replace(asked, start_model=SHIPPED)
        if known != asked:
            session().notice = MODEL_MISSING
        session().lesson_rules = known
        session().train.lesson_messages += messages
    return known


def _has_start_model(asked: ClassSettings) -> bool:
    """Return whether the model that a link names is here, as far as the store can tell now."""
    if asked.start_model == SHIPPED:
        return True
    try:
        return resources.store().run(asked.start_model).model_sha256 is not None
    except RunNotFound:
        return False
    except StorageUnavailable:  # which the pages say; the model is looked for again when it is used
        return True
