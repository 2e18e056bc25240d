"""The messages of Streamlit's menu for developers: whoever sends one changes nothing of what all share."""

import pytest
import streamlit as st
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime.app_session import AppSession

from mnist_app.ui.streamlit_fixes.developer_messages import OF_PAGES, drop_developer_messages


class EmptySession(AppSession):
    """A session in which whatever obeys a message finds nothing to work with."""

    def __init__(self) -> None:
        pass

    def __del__(self) -> None:
        pass


@st.cache_resource
def shared() -> object:
    """What all sessions share."""
    return object()


@pytest.mark.parametrize("kind", ["clear_cache", "load_git_info", "set_run_on_save"])
def test_what_all_share_stays(kind: str) -> None:
    drop_developer_messages()
    before = shared()
    message = BackMsg()
    setattr(message, kind, True)
    EmptySession().handle_backmsg(message)
    assert shared() is before


def test_streamlit_knows_the_messages_of_pages() -> None:
    assert {field.name for field in BackMsg.DESCRIPTOR.oneofs_by_name["type"].fields} >= OF_PAGES
