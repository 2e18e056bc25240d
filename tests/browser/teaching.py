"""The app with a teacher's code, and the way to the teacher's page."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page
from visiting import at_rest, serve

CODE = "seven quills"


@contextmanager
def serve_with_teacher(home: Path) -> Iterator[str]:
    """Serve the app with the teacher's code on a port of its own; yield its address."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("MNIST_APP_TEACHER_CODE", CODE)
        with serve(home) as address:
            yield address


def open_teacher_page(served: str, context: BrowserContext, address: str = "/teacher") -> Page:
    """Open the teacher's page, or that address of it, with the code."""
    page = context.new_page()
    page.goto(f"{served}{address}")
    page.get_by_label("Teacher's code").wait_for()
    at_rest(page)
    page.get_by_label("Teacher's code").fill(CODE)
    page.get_by_role("button", name="Open").click()
    return page
