"""The two buttons of a dialog that asks before something is destroyed."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st


@dataclass(frozen=True)
class Choice:
    """Which of the two buttons was pressed in this run of the dialog."""

    is_kept: bool
    is_destroyed: bool

    @property
    def is_made(self) -> bool:
        """Whether either was pressed, which closes the dialog."""
        return self.is_kept or self.is_destroyed


def choose_keep_or(
    destroy: str,
    icon: str = ":material/delete:",
    on_destroy: Callable[[], None] | None = None,
    on_keep: Callable[[], None] | None = None,
) -> Choice:
    """Show "Keep", which changes nothing, and after it the button that destroys, in the colour of danger.

    Args:
        destroy: what the second button is called.
        icon: its icon.
        on_destroy: called when it is pressed, before the page runs again.
        on_keep: the same for "Keep".
    """
    with st.container(horizontal=True, key="keep_or_destroy"):
        is_kept = st.button("Keep", key="keep", on_click=on_keep)
        is_destroyed = st.button(destroy, icon=icon, key="destroy", on_click=on_destroy)
    return Choice(is_kept, is_destroyed)
