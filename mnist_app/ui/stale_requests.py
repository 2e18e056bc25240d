"""Requests that come too late: from a page that its visitor has just left.

A component, a timer or a button of the old page may ask for its fragment in the moment between the
click on another page and that page's appearing. Streamlit 1.67 keeps such a request, runs it after
the new page, finds the fragment gone, and leaves the visitor with the old page, empty. Nobody misses
it: it is dropped here.
"""

from weakref import WeakKeyDictionary

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession

_asked_pages: WeakKeyDictionary[AppSession, str] = WeakKeyDictionary()
"""The page that a session was last asked for by its visitor, until that page starts."""
_original = AppSession.request_rerun


def drop_stale_requests() -> None:
    """Have every session drop what comes from a page that was left. May be called any number of times."""
    AppSession.request_rerun = _request_rerun  # type: ignore[assignment,method-assign]


def _request_rerun(session: AppSession, client_state: ClientState | None) -> None:
    if client_state is not None:
        if client_state.fragment_id and _is_left(session, client_state.page_script_hash):
            return
        if not client_state.fragment_id and client_state.page_script_hash:
            _asked_pages[session] = client_state.page_script_hash
    _original(session, client_state)


def _is_left(session: AppSession, page: str) -> bool:
    """Whether the visitor is on another page than this one, or on the way to one."""
    asked = _asked_pages.get(session)
    if asked == session.page_script_hash:
        del _asked_pages[session]  # it has started: what pages switch to by themselves counts from now on
        asked = None
    return page != (asked or session.page_script_hash)
