"""Choices whose options change: a page of many items, and an option that has disappeared."""

from collections.abc import Collection
from math import ceil

import streamlit as st


def replace_lost_choice(key: str, options: Collection[object], default: object) -> None:
    """Set a widget to its default if it has no value, or a value that is not an option any more."""
    if st.session_state.get(key) not in options:
        st.session_state[key] = default


def to_first_page(key: str) -> None:
    """Go back to the first page, because the choice of items has changed."""
    st.session_state[key] = 1


def choose_page(count: int, size: int, key: str) -> int:
    """Show the choice of a page if there are several.

    Args:
        count: The number of items.
        size: The number of items on a page.
        key: The key of the widget.

    Returns:
        The number of items before the chosen page.
    """
    pages = ceil(count / size)
    if pages <= 1:
        return 0
    if st.session_state.get(key, 1) > pages:
        to_first_page(key)
    page: int = st.pagination(pages, key=key)
    return (page - 1) * size
