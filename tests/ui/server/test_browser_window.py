"""The browser that opens when the server has started, and when it does not open."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import serving
from streamlit import config
from waiting import until

from mnist_app.ui.server.browser_window import open_browser_window

pytestmark = [
    pytest.mark.skipif(
        not sys.platform.startswith("linux"), reason="Elsewhere another program opens the browser."
    ),
    # Streamlit starts the browser and does not wait for it.
    pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning"),
]
PATIENCE = 60.0
"""Seconds to wait for what must come."""


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a stand-in for the desktop's own way to open an address writes that address."""
    file = tmp_path / "opened"
    program = tmp_path / "bin" / "xdg-open"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$1" > {file}.part && mv {file}.part {file}\n', encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    return file


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[serving.Server]:
    with serving.serve(tmp_path_factory.mktemp("home")) as server:
        yield server


@pytest.fixture
def options(server: serving.Server) -> Iterator[dict[str, object]]:
    """Streamlit's options in this process: what is put into the dictionary holds for one test."""
    options: dict[str, object] = {"server.port": int(server.address.rpartition(":")[2])}
    before = {name: config.get_option(name) for name in ("server.port", "server.headless")}
    yield options
    for name, value in before.items():
        config.set_option(name, value)


def open_with(options: dict[str, object]) -> None:
    for name, value in options.items():
        config.set_option(name, value)
    open_browser_window()


def content_of(file: Path) -> str:
    """Return what a file holds, once it is there."""
    until(file.exists)
    return file.read_text(encoding="utf-8").strip()


@pytest.mark.slow
def test_the_browser_opens_where_the_app_is(tmp_path: Path, opened: Path) -> None:
    with serving.serve(
        tmp_path, STREAMLIT_SERVER_HEADLESS="false", STREAMLIT_SERVER_BASE_URL_PATH="digits"
    ) as server:
        assert server.address.endswith("/digits") and content_of(opened) == server.address


def test_a_server_without_a_screen_opens_none(options: dict[str, object], opened: Path) -> None:
    open_with({**options, "server.headless": True})
    assert not opened.exists()
    open_with({**options, "server.headless": False})
    assert content_of(opened).startswith("http://localhost:")


def test_a_machine_without_a_browser_is_no_fault(
    options: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("BROWSER", str(tmp_path / "none"))
    open_with({**options, "server.headless": False})


def test_where_nobody_serves_nothing_is_opened(options: dict[str, object], opened: Path) -> None:
    open_with({"server.headless": False, "server.port": serving.free_port()})
    assert not opened.exists()
