"""Requests that come too late: from a page that its visitor has just left.

A component, a timer or a button of the old page may ask for its fragment in the moment between the
click on another page and that page's appearing. Streamlit 1.67 keeps such a request, runs it after
the new page, finds the fragment gone, and leaves the visitor with the old page, empty. Nobody misses
it: it is dropped here.
"""

from dataclasses import dataclass
from weakref import WeakKeyDictionary, WeakValueDictionary

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import get_script_run_ctx


@dataclass
class _Whereabouts:
    """Where a visitor is, by the names that Streamlit has for pages."""

    asked: str | None = None
    """The page last asked for, until it begins."""
    shown: str | None = None
    """The page that last began; pages also begin by themselves."""


_sessions: WeakValueDictionary[str, AppSession] = WeakValueDictionary()
_whereabouts: WeakKeyDictionary[AppSession, _Whereabouts] = WeakKeyDictionary()
_original = AppSession.request_rerun


def drop_stale_requests() -> None:
    """Have every session drop what comes from a page that was left. May be called any number of times."""
    AppSession.request_rerun = _request_rerun  # type: ignore[assignment,method-assign]


def page_begins() -> None:
    """To be called whenever a page begins, once Streamlit knows which one: after `st.navigation`."""
    context = get_script_run_ctx()
    session = _sessions.get(context.session_id) if context else None
    if context and session:
        visitor = _whereabouts[session]
        visitor.shown = context.page_script_hash
        if visitor.asked == visitor.shown:
            visitor.asked = None


def _request_rerun(session: AppSession, client_state: ClientState | None) -> None:
    _sessions.setdefault(session.id, session)
    visitor = _whereabouts.setdefault(session, _Whereabouts())
    if client_state is not None:
        page = client_state.page_script_hash
        if client_state.fragment_id and page != (visitor.asked or visitor.shown or page):
            return
        if not client_state.fragment_id and page:
            visitor.asked = page
    _original(session, client_state)
