"""The repair that drops requests from a page that its visitor has just left.

Between the click on another page and that page's appearance, a component, a timer or a button of the old page
may request its fragment. Streamlit 1.67 keeps such a request, runs it after the new page, does not find the
fragment, and leaves the visitor with the old page, empty. In another case the app itself goes on to another
page ("Draw with it"), while the browser's component sends a request for the old page, which would then be
shown again. Nobody needs these requests, because the new page asks the browser again.
"""

from dataclasses import dataclass
from weakref import WeakKeyDictionary, WeakValueDictionary

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import get_script_run_ctx

from mnist_app.ui.session.widgets import Key
from mnist_app.ui.streamlit_fixes.patched import check_patched


@dataclass
class _Whereabouts:
    """The pages of a visitor, by Streamlit's hashes."""

    asked: str | None = None
    """The page that was requested last, until it begins."""
    shown: str | None = None
    """The page that began last; a page may begin without a request."""
    left: str | None = None
    """The page that was shown before it."""
    is_leaving: bool = False
    """Whether the app itself goes on to another page, which has not begun yet."""


_sessions: WeakValueDictionary[str, AppSession] = WeakValueDictionary()
_whereabouts: WeakKeyDictionary[AppSession, _Whereabouts] = WeakKeyDictionary()
ORIGINAL = AppSession.request_rerun


def drop_stale_requests() -> None:
    """Make every session drop requests from a page that was left. Further calls have no effect.

    Raises:
        RuntimeError: Streamlit has changed what is replaced.
    """
    uses = {"fragment_id", "page_script_hash", "widget_states"}
    check_patched(ORIGINAL, ("self", "client_state"), uses, __name__)
    AppSession.request_rerun = _request_rerun  # type: ignore[assignment,method-assign]


def page_begins() -> None:
    """Note that a page begins. Call this after `st.navigation`, when Streamlit knows the page."""
    context = get_script_run_ctx()
    session = _sessions.get(context.session_id) if context else None
    if context and session:
        visitor = _whereabouts[session]
        if visitor.shown != context.page_script_hash:
            visitor.left, visitor.shown = visitor.shown, context.page_script_hash
        visitor.is_leaving = False
        if visitor.asked == visitor.shown:
            visitor.asked = None


def page_is_left() -> None:
    """Note that the app itself goes on to another page."""
    context = get_script_run_ctx()
    session = _sessions.get(context.session_id) if context else None
    if session:
        _whereabouts[session].is_leaving = True


def _request_rerun(session: AppSession, client_state: ClientState | None) -> None:
    _sessions.setdefault(session.id, session)
    visitor = _whereabouts.setdefault(session, _Whereabouts())
    if client_state is not None:
        page = client_state.page_script_hash
        expected = visitor.asked or visitor.shown or page
        is_stale = visitor.is_leaving or page != expected
        if is_stale and client_state.fragment_id:
            return
        # Right after the browser's answer a click on another page has the component's state, too.
        is_of_a_page_left = visitor.is_leaving or page in (visitor.shown, visitor.left)
        if is_stale and is_of_a_page_left and _has_component_state(client_state):
            return
        if not client_state.fragment_id and page:
            visitor.asked = page
    ORIGINAL(session, client_state)


def _has_component_state(client_state: ClientState) -> bool:
    """Return whether a request has the state of the browser's component, as all have that it sends."""
    return any(widget.id.endswith(f"-{Key.BROWSER}") for widget in client_state.widget_states.widgets)
