"""Who asks: what the ownership rule is told of the visitor of this tab."""

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
    """Return the visitor of this tab, as of now."""
    is_teacher = session().is_teacher
    return Visitor(
        token=session().owner,
        is_teacher=is_teacher,
        has_teacher=resources.settings().teacher_code is not None,
        hidden_controls=frozenset() if is_teacher else rules().hidden_controls,
    )


def may(action: Action, owner: str = "") -> bool:
    """Return whether this visitor may do something to what belongs to `owner`: then its control is shown."""
    return rule_allows(action, visitor(), owner)


def why_not(action: Action, owner: str = "") -> str:
    """Say why this visitor may not do something to what belongs to `owner`; empty where they may."""
    return rule_says(action, visitor(), owner)


def ask(action: Action, owner: str = "") -> None:
    """Return where this visitor may do something to what belongs to `owner`.

    Raises:
        NotAllowed: they may not, and it says who may; or the page that they are on is hidden by now.
    """
    if action is not Action.CHANGE_PERSON:  # which is done in the sidebar
        check_page_is_shown()
    check(action, visitor(), owner)


def ask_before(action: Action, read: Callable[[], T]) -> Callable[[], T]:
    """Return what asks as `ask` does, for the visitor and the page of now by the settings of then, and reads.

    For a download button: Streamlit calls it when that is pressed, on a thread that has no session.
    """
    asking, page, from_link = visitor(), session().page, lesson_rules()

    def ask_and_read() -> T:
        settings = ClassSettings() if asking.is_teacher else resources.class_settings().combined(from_link)
        check_shown(page, settings)
        check(action, replace(asking, hidden_controls=settings.hidden_controls))
        return read()

    return ask_and_read


def origin() -> Origin:
    """Return from which tab and address this visitor submits a run."""
    context = get_script_run_ctx()
    return resources.origins().of(context.session_id, visitor_address()) if context else Origin()
