"""The table of visitors who have the app open, refreshed by itself."""

import html
import time
from collections.abc import Sequence
from functools import partial

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from mnist_app.ui.frame.fragments import fragment
from mnist_app.ui.shared import resources
from mnist_app.ui.shared.presence import Visitor

_REFRESH_SECONDS = 3.0
_HEIGHT = 300


@partial(fragment, every=_REFRESH_SECONDS)
def show_visitors() -> None:
    """Show the open tabs, each with its visitor's name and page."""
    here = resources.presence().here()
    context = get_script_run_ctx()
    st.markdown(
        f"#### Who is here: {len(here)}",
        help="Tabs in which the app is open now, yours among them. It is not stored.",
    )
    with st.container(height=_HEIGHT, key="visitors"):
        st.html(visitors_html(here, context.session_id if context else "", time.time()))


def visitors_html(here: Sequence[Visitor], own_session: str, now: float) -> str:
    """Return a table with a row for each tab, as HTML. Names are escaped.

    Args:
        here: The open tabs.
        own_session: Id of the teacher's own session.
        now: The present time, in seconds since 1970.
    """
    rows = "".join(
        f"<tr><td><bdi>{_name(each, own_session)}</bdi></td><td>{html.escape(each.page)}</td>"
        f"<td>{_minutes(now - each.since)}</td></tr>"
        for each in here
    )
    return (
        '<table class="facts visitors"><thead><tr><th>Name</th><th>Page</th><th>Here for</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _name(visitor: Visitor, own_session: str) -> str:
    name = html.escape(visitor.name) or "<i>no name yet</i>"
    return f"{name} (you)" if visitor.session == own_session else name


def _minutes(seconds: float) -> str:
    """Return a duration in hours and minutes, as HTML."""
    minutes = max(int(seconds // 60), 0)
    if minutes < 60:
        return f"{minutes} min" if minutes else "&lt; 1 min"
    return f"{minutes // 60} h {minutes % 60} min"
