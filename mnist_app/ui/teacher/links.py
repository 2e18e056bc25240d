"""What the teacher hands on to the class: a link to a lesson, and the class's own drawings."""

from urllib.parse import urlencode, urljoin, urlsplit

import streamlit as st

from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.ui.frame.navigation import PAGES
from mnist_app.ui.lesson_link.rules_link import write_rules
from mnist_app.ui.lesson_link.training_link import read_lesson, write_lesson
from mnist_app.ui.session.session import session
from mnist_app.ui.shared import resources
from mnist_app.workspace.classroom.class_settings import ClassSettings

_ONLY_HERE = ("localhost", "127.0.0.1", "[::1]")


def show_lesson_link() -> None:
    """The address that opens the Train page with the settings that are chosen there now."""
    st.markdown("#### A lesson link")
    st.markdown(
        "It opens **Train** with the settings that you chose there last in this tab, and carries the limits, "
        "pages, controls and model that are saved here. A pupil who opens it sets that one tab; you are "
        "asked whether it is to hold for the class."
    )
    config = session().train.lesson or read_lesson({})[0]
    settings = resources.class_settings()
    address = lesson_address(st.context.url or "", settings.fit(config), settings)
    st.code(address, language=None, wrap_lines=True)
    if urlsplit(address).hostname in _ONLY_HERE:
        st.caption(
            "Other machines do not find this one as localhost: put its name or address in the network there."
        )
    st.page_link(f"{PAGES}/train.py", label="Choose settings", icon=":material/model_training:")


def lesson_address(here: str, config: TrainingConfig, rules: ClassSettings) -> str:
    """The address of a lesson on the server of which `here` is a page."""
    asked = {**write_lesson(config), **write_rules(rules)}
    return urljoin(here, f"train?{urlencode(asked, safe=',')}")


def show_drawings_link() -> None:
    """How many drawings the class has kept, and the way to them."""
    count = resources.drawings().count()
    st.markdown("#### The class's drawings")
    st.markdown(
        f"{count:,} {'drawing is' if count == 1 else 'drawings are'} kept. On their page any of them can be "
        "removed, and put back."
    )
    st.page_link(f"{PAGES}/class_drawings.py", label="Class drawings", icon=":material/groups:")
