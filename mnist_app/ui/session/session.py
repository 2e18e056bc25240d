"""All that one browser tab knows, in one object.

A reload begins a new session, which gets back what the browser kept (`ui/session/browser_storage.py`).
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

import streamlit as st

from mnist_app.learning.inference.shipped import SHIPPED
from mnist_app.ui.session.draw_page import DrawPage
from mnist_app.ui.session.page_memory import (
    ClassDrawingsPage,
    Identity,
    Keeping,
    LearnPage,
    LookInside,
    RunsPage,
    TeacherPage,
    TrainPage,
)
from mnist_app.ui.session.widgets import Key
from mnist_app.workspace.classroom.class_settings import ClassSettings

SESSION_KEY = "session"


@dataclass
class Session:
    """What one tab knows: its visitor, its model, and what each page remembers."""

    owner: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    """Token that owns what the visitor makes: a proposal until the browser has told its own."""
    identity: Identity = field(default_factory=Identity)
    is_teacher: bool = False
    """Whether the teacher's code was given in this tab."""
    page: str = ""
    """Name of the page that began last; empty before the first."""
    presses: set[str] = field(default_factory=set)
    """Keys of buttons that were pressed and not acted on yet."""
    waiting_acts: list[Callable[[], None]] = field(default_factory=list)
    """Callbacks that wait for the browser to tell whose session this is."""
    notice: str | None = None
    """Sentence to show once, about something that happened out of the page's sight."""
    toasts: list[str] = field(default_factory=list)
    """Messages of callbacks, which the next run shows as toasts."""
    lesson_rules: ClassSettings | None = None
    """Rules of the lesson link that opened this tab; None before the address was read."""
    link_messages: list[str] = field(default_factory=list)
    """What the link that opened this tab says wrongly, until another page is opened."""
    start_model: str = SHIPPED
    """Model for those who have chosen none."""
    chosen_model: str | None = None
    tested_model: str | None = None
    """Model that was chosen on the Test images page; None for none."""
    model_in_sidebar: str = SHIPPED
    """Model that the sidebar names. A fragment cannot change it."""
    draw: DrawPage = field(default_factory=DrawPage)
    keeping: Keeping = field(default_factory=Keeping)
    train: TrainPage = field(default_factory=TrainPage)
    runs: RunsPage = field(default_factory=RunsPage)
    class_drawings: ClassDrawingsPage = field(default_factory=ClassDrawingsPage)
    learn: LearnPage = field(default_factory=LearnPage)
    look_inside: LookInside = field(default_factory=LookInside)
    teacher: TeacherPage = field(default_factory=TeacherPage)

    @property
    def is_known(self) -> bool:
        """Whether the browser has said whose session this is."""
        return self.draw.is_restored

    @property
    def person(self) -> str:
        """The visitor's name; empty where none was given."""
        return self.identity.name or ""

    @property
    def model_in_use(self) -> str:
        """`SHIPPED`, or the id of the run whose model answers on the Draw page."""
        return self.chosen_model or self.start_model

    def begin_page(self, name: str) -> None:
        """Begin a page. Presses on another page that were not acted on are forgotten."""
        if self.page != name:
            if self.page:
                self.link_messages.clear()
            self.page = name
            self.presses.clear()
            self.train.submitted_run, self.train.is_asked_by_address = None, False
            self.teacher.entry_fault = self.teacher.rules_shown = None
            self.learn.begin()

    def press(self, key: str) -> None:
        """Remember the press of a button until it is acted on."""
        self.presses.add(key)

    def take_press(self, key: str) -> bool:
        """Return once whether that button was pressed."""
        is_pressed = key in self.presses
        self.presses.discard(key)
        return is_pressed

    def take_notice(self) -> str | None:
        """Return the notice, once."""
        notice, self.notice = self.notice, None
        return notice

    def become_somebody_new(self) -> None:
        """Give the visitor a new token without a name, and forget what was made under the old one."""
        self.owner = secrets.token_urlsafe(24)
        self.identity = Identity(is_new_to_browser=True)
        self.keeping = Keeping()
        self.class_drawings.removed = None
        self.runs.chosen = ()
        st.session_state.pop(Key.PERSON_NAME, None)


def session() -> Session:
    """Return this tab's session; the first call begins it."""
    if SESSION_KEY not in st.session_state:
        st.session_state[SESSION_KEY] = Session()
    known: Session = st.session_state[SESSION_KEY]
    return known
