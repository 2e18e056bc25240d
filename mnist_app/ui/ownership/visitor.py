"""The visitor of this tab, and what they may do."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from streamlit.runtime.scriptrunner import get_script_run_ctx

from mnist_app.ui.lesson_link.class_rules import check_page_is_shown, check_shown, lesson_rules, rules
from mnist_app.ui.session.session import session
from mnist_app.ui.shared import resources
from mnist_app.ui.shared.visitor_address import visitor_address
from mnist_app.workspace.classroom.class_settings import ClassSettings
from mnist_app.workspace.classroom.permissions import Action, Visitor, check
from mnist_app.workspace.classroom.permissions import may as rule_allows
from mnist_app.workspace.classroom.permissions import why_not as rule_says
from mnist_app.workspace.runs.origins import Origin

T = TypeVar("T")


def visitor() -> Visitor:
    """Return the visitor of this tab as the permissions see them."""
    is_teacher = session().is_teacher
    return Visitor(
        token=session().owner,
        is_teacher=is_teacher,
        has_teacher=resources.settings().teacher_code is not None,
        hidden_controls=frozenset() if is_teacher else rules().hidden_controls,
    )


def may(action: Action, owner: str = "") -> bool:
    """Return whether this visitor may do something to a thing of `owner`, and so sees the control for it."""
    return rule_allows(action, visitor(), owner)


def why_not(action: Action, owner: str = "") -> str:
    """Return why this visitor may not do something to a thing of `owner`; empty where they may."""
    return rule_says(action, visitor(), owner)


def ask(action: Action, owner: str = "") -> None:
    """Check that this visitor may do something to a thing of `owner`.

    Raises:
        NotAllowed: they may not, or their page is hidden by now. The message says who may.
    """
    if action is not Action.CHANGE_PERSON:  # the sidebar is never hidden
        check_page_is_shown()
    check(action, visitor(), owner)


def ask_before(action: Action, read: Callable[[], T]) -> Callable[[], T]:
    """Return a function for a download button that checks the permission again and then reads.

    Streamlit calls it when the button is pressed, on a thread without a session. So it remembers the visitor
    and their page, and reads the settings of the class anew.
    """
    asking, page, from_link = visitor(), session().page, lesson_rules()

    def ask_and_read() -> T:
        settings = ClassSettings() if asking.is_teacher else resources.class_settings().combined(from_link)
        check_shown(page, settings)
        check(action, replace(asking, hidden_controls=settings.hidden_controls))
        return read()

    return ask_and_read


def origin() -> Origin:
    """Return the tab and the address from which this visitor submits runs."""
    context = get_script_run_ctx()
    return resources.origins().of(context.session_id, visitor_address()) if context else Origin()
