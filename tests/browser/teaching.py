"""The app with a teacher's code, and the teacher's way in."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page
from visiting import serve

CODE = "seven quills"


@contextmanager
def serve_with_teacher(home: Path) -> Iterator[str]:
    """The app on a port of its own, with the teacher's code; its address."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("MNIST_APP_TEACHER_CODE", CODE)
        with serve(home) as address:
            yield address


def open_teacher_page(served: str, context: BrowserContext, address: str = "/teacher") -> Page:
    """The teacher's page, or what that address shows of it, opened with the code."""
    page = context.new_page()
    page.goto(f"{served}{address}")
    page.get_by_label("Teacher's code").fill(CODE)
    page.get_by_role("button", name="Open").click()
    return page
