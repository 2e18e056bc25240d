"""Single sign-on for schools, by Streamlit's `st.login` (OpenID Connect). Only members get in.

`MNIST_APP_SIGN_IN` switches it on. `.streamlit/secrets.toml` names the provider, as Streamlit's documentation
of `st.login` says.
"""

from collections.abc import Mapping
from typing import Any

import streamlit as st
from streamlit.auth_util import is_authlib_installed
from streamlit.errors import Error as StreamlitError

from mnist_app.errors import InvalidSetting
from mnist_app.ui.session.session import session
from mnist_app.ui.shared import resources
from mnist_app.workspace.classroom.person_name import LONGEST_PERSON, check_person

NOT_SET_UP = (
    "Sign-in is switched on here but not set up, so nobody can use this app yet. The person who looks after "
    "this server finds the steps in *For technicians*, under *Single sign-on*."
)
_SIGN_IN = "sign_in"
"""Key under which a press of the button is remembered."""
_NAMES = ("name", "given_name", "nickname", "preferred_username")
"""Claims that may hold the person's name, the best one first."""


def admit() -> None:
    """Return for members, or where nobody has to sign in. Show others how to get in, and stop the page."""
    if not resources.settings().sign_in:
        return
    if not st.user.get("is_logged_in", False):
        _show_entry()
        st.stop()
    if not is_member(st.user.to_dict(), resources.settings().members):
        _show_refusal()
        st.stop()
    session().identity.proposed = proposed_name(st.user.to_dict())


def is_member(claims: Mapping[str, Any], members: tuple[str, ...]) -> bool:
    """Return whether an identity is a member's. An address that the provider has not verified does not count.

    Args:
        claims: what the provider says of the person.
        members: addresses, and endings of addresses such as "@school.example"; without any, everybody whom
            the provider lets in is a member.
    """
    if not members:
        return True
    address = str(claims.get("email") or "").casefold()
    if not address or claims.get("email_verified") is False:
        return False
    return any(address.endswith(each) if each.startswith("@") else address == each for each in members)


def proposed_name(claims: Mapping[str, Any]) -> str:
    """Return the person's name according to the provider; empty if this app does not take it."""
    found = next((claims[name] for name in _NAMES if isinstance(claims.get(name), str) and claims[name]), "")
    try:
        return check_person(found[:LONGEST_PERSON])
    except InvalidSetting:
        return ""


def show_sign_out() -> None:
    """Show in the sidebar who has signed in, and the button to sign out."""
    if not resources.settings().sign_in:
        return
    claims = st.user.to_dict()
    with st.container(gap=None):
        st.caption("Signed in as")
        # A name is text from outside: it is shown as text, without any markup.
        st.text(str(claims.get("email") or proposed_name(claims) or "a member"))
    _sign_out_button()


def _sign_out_button() -> None:
    st.button("Sign out", icon=":material/logout:", on_click=st.logout)


def _show_entry() -> None:
    st.title("Draw a digit", anchor=False)
    if "is_logged_in" not in st.user or not is_authlib_installed():
        st.error(NOT_SET_UP)
        return
    st.markdown("This is for members of the school. You sign in as you do elsewhere at school.")
    if st.query_params:  # Streamlit forgets them on the way to the provider and back
        st.markdown("If you followed a link to a lesson, open it again after you have signed in.")
    st.button("Sign in", type="primary", icon=":material/login:", on_click=session().press, args=(_SIGN_IN,))
    if session().take_press(_SIGN_IN):  # even before the browser has answered
        try:
            st.login()
        except StreamlitError:
            st.error(NOT_SET_UP)


def _show_refusal() -> None:
    st.title("Draw a digit", anchor=False)
    st.markdown("This address is not one of the school's. Sign out, then sign in with your school address.")
    _sign_out_button()
