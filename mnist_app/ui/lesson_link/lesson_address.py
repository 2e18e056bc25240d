"""The address of a lesson, shown so that it can be copied."""

from urllib.parse import urlencode, urljoin, urlsplit

import streamlit as st

from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.ui.lesson_link.rules_link import write_rules
from mnist_app.ui.lesson_link.training_link import write_lesson
from mnist_app.ui.outside_text import escaped
from mnist_app.ui.session.page_address import page_address
from mnist_app.workspace.classroom.class_settings import ClassSettings

_ONLY_HERE = ("localhost", "127.0.0.1", "[::1]")


def lesson_address(here: str, config: TrainingConfig, rules: ClassSettings) -> str:
    """Return the address of a lesson on the server of which `here` is a page."""
    asked = {**write_lesson(config), **write_rules(rules)}
    return urljoin(here, f"train?{urlencode(asked, safe=',')}")


def show_lesson_address(config: TrainingConfig, rules: ClassSettings) -> None:
    """Show the address of a lesson, and say where other computers cannot open it."""
    address = lesson_address(page_address() or "", config, rules)
    st.code(address, language=None, wrap_lines=True)
    if (host := urlsplit(address).hostname) in _ONLY_HERE:
        st.caption(
            f"This link works only on this computer. For others, replace {escaped(host)} by the name or "
            "address that this computer has in the network."
        )
