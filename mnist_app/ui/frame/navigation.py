"""The navigation: the pages that a visitor sees. The teacher can hide some of them from the class."""

from dataclasses import dataclass
from typing import NoReturn

import streamlit as st
from streamlit.navigation.page import StreamlitPage
from streamlit.runtime.scriptrunner import get_script_run_ctx

from mnist_app.ui.lesson_link import class_rules
from mnist_app.ui.server import upload_fields
from mnist_app.ui.session.session import session
from mnist_app.ui.shared import resources
from mnist_app.ui.streamlit_fixes import stale_requests
from mnist_app.workspace.classroom.permissions import HIDDEN

PAGES = "../pages"
"""Their folder, seen from that of the page script."""


@dataclass(frozen=True)
class AppPage:
    """One entry of the navigation."""

    name: str
    """Name of its file in `pages/`, which the settings of the class use."""
    title: str
    icon: str


ALWAYS_SEEN = AppPage("draw", "Draw", ":material/draw:")
OTHERS = (
    AppPage("train", "Train", ":material/model_training:"),
    AppPage("runs", "Runs", ":material/stacked_line_chart:"),
    AppPage("test_images", "Test images", ":material/grid_on:"),
    AppPage("class_drawings", "Class drawings", ":material/groups:"),
    AppPage("learn", "Learn", ":material/school:"),
)
"""Pages that the teacher can hide."""
TEACHER = AppPage("teacher", "Teacher", ":material/co_present:")
"""Exists only where there is a teacher's code."""


@dataclass(frozen=True)
class Chosen:
    """The visitor's page."""

    page: AppPage
    script: StreamlitPage
    is_hidden: bool

    def run(self) -> None:
        """Show the page, or say that it is hidden."""
        if not self.is_hidden:
            self.script.run()
            return
        st.title(self.page.title, anchor=False)
        st.markdown(HIDDEN)
        st.page_link(f"{PAGES}/draw.py", label="Draw a digit", icon=ALWAYS_SEEN.icon)


def choose_page() -> Chosen:
    """Show the navigation, and return the page that was chosen there, by a link or by the address.

    Streamlit knows hidden pages, too, so that a link to one leads to a sentence and not to an error.
    """
    hidden = _hidden_pages()
    pages = [ALWAYS_SEEN, *OTHERS, *([TEACHER] if resources.settings().teacher_code else [])]
    scripts = {page.title: _script(page, is_hidden=page.name in hidden) for page in pages}
    script = st.navigation(list(scripts.values()))
    page = next(page for page in pages if page.title == script.title)
    session().begin_page(page.name)
    upload_fields.begin_page(page.name)
    return Chosen(page, script, page.name in hidden)


def _hidden_pages() -> frozenset[str]:
    """Return the names of the pages that are hidden from this visitor; none from the teacher."""
    return frozenset() if session().is_teacher else class_rules.rules().hidden_pages


def _script(page: AppPage, is_hidden: bool) -> StreamlitPage:
    return st.Page(
        f"{PAGES}/{page.name}.py",
        title=page.title,
        icon=page.icon,
        default=page == ALWAYS_SEEN,
        visibility="hidden" if is_hidden else "visible",
    )


def join_class(page: AppPage) -> None:
    """Take over the model that the class begins with. If there is a teacher, count the visitor as present.

    This also forgets old wrong codes and their addresses, because nobody may give a code for days.
    """
    session().start_model = class_rules.rules().start_model
    context = get_script_run_ctx()
    if context is None or resources.settings().teacher_code is None:
        return
    resources.presence().touch(context.session_id, name=session().person, page=page.title)
    if access := resources.teacher_access():
        access.forget_old()


def go_to(page: str, **query: str) -> NoReturn:
    """Open another page, by the name of its file, with these parameters in its address."""
    stale_requests.page_is_left()
    st.switch_page(f"{PAGES}/{page}.py", query_params=query)
