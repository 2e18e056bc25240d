"""The address of the page, as the browser tells it."""

from urllib.parse import urlsplit

import streamlit as st


def page_address() -> str | None:
    """Return the page's address in the browser; None if it is unknown or malformed."""
    return well_formed(st.context.url)


def well_formed(address: str | None) -> str | None:
    """Return an address that `urllib` can take apart; None for any other, which only a forged message has."""
    try:
        urlsplit(address or "")
    except ValueError:
        return None
    return address
