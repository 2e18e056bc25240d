"""Firefox and WebKit as Debian packages them, driven by the W3C's two protocols for browsers.

Playwright drives only engines that it has patched itself, which it would have to download. Firefox speaks
WebDriver BiDi (https://w3c.github.io/webdriver-bidi/), WebKit the older WebDriver
(https://w3c.github.io/webdriver/).
"""

import itertools
import json
import re
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest
import serving
from waiting import until
from websockets.sync.client import ClientConnection, connect

PATIENCE = 120
"""Seconds for one command, such as opening a page."""
VIEWPORT = (1280, 900)
Actions = list[dict[str, Any]]
"""Input of a mouse or of keys, in the form that both protocols share."""


class Engine(Protocol):
    """A browser with one window."""

    def open(self, address: str) -> None:
        """Open a page."""

    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression in the page, which JSON can express."""

    def perform(self, actions: Actions) -> None:
        """Use mouse or keys."""


@contextmanager
def firefox(folder: Path) -> Iterator[Engine]:
    """Start Firefox without a window; skip the test where it is not installed.

    Args:
        folder: Where its profile is written.
    """
    program = shutil.which("firefox-esr") or skip("Firefox", "firefox-esr")
    profile, log = folder / "profile", folder / "firefox.log"
    profile.mkdir()
    options = ["--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"]
    with log.open("wb") as output, subprocess.Popen([program, *options], stderr=output) as process:
        try:
            until(lambda: re.search(r"ws://\S+", log.read_text()), PATIENCE)
            (address,) = re.findall(r"ws://\S+", log.read_text())
            with connect(f"{address}/session", max_size=None) as connection:
                yield Firefox(connection)
        finally:
            process.terminate()


class Firefox:
    """Firefox's side of a connection for WebDriver BiDi."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._numbers = itertools.count(1)
        self._send("session.new", capabilities={})
        (window,) = self._send("browsingContext.getTree")["contexts"]
        self._window = window["context"]
        width, height = VIEWPORT
        viewport = {"width": width, "height": height}
        self._send("browsingContext.setViewport", context=self._window, viewport=viewport)

    def open(self, address: str) -> None:
        """Open a page."""
        self._send("browsingContext.navigate", context=self._window, url=address, wait="interactive")

    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression in the page, which JSON can express."""
        answer = self._send(
            "script.evaluate",
            expression=f"JSON.stringify(({expression}) ?? null)",
            target={"context": self._window},
            awaitPromise=False,
        )
        assert answer["type"] == "success", answer
        return json.loads(answer["result"]["value"])

    def perform(self, actions: Actions) -> None:
        """Use mouse or keys."""
        self._send("input.performActions", context=self._window, actions=actions)

    def _send(self, method: str, **parameters: object) -> Any:
        number = next(self._numbers)
        self._connection.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while (answer := json.loads(self._connection.recv(timeout=PATIENCE))).get("id") != number:
            pass  # an event
        assert answer["type"] == "success", answer
        return answer["result"]


@contextmanager
def webkit(folder: Path) -> Iterator[Engine]:
    """Start WebKit on a screen that nobody sees; skip the test where it is not installed.

    Args:
        folder: Where its log is written.
    """
    driver = shutil.which("WebKitWebDriver") or skip("WebKit", "webkit2gtk-driver")
    screen = shutil.which("Xvfb") or skip("Xvfb", "xvfb")
    browsers = sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))
    port = serving.free_port()
    with (
        (folder / "webkit.log").open("wb") as output,
        subprocess.Popen(
            [screen, "-displayfd", "1", "-screen", "0", "1600x1200x24", "-nolisten", "tcp"],
            stdout=subprocess.PIPE,
            stderr=output,
        ) as xvfb,
    ):
        assert xvfb.stdout
        display = xvfb.stdout.readline().decode().strip()
        command = ["env", f"DISPLAY=:{display}", driver, f"--port={port}"]
        with subprocess.Popen(command, stdout=output, stderr=output) as process:
            try:
                until(lambda: is_served(f"http://127.0.0.1:{port}/status"), PATIENCE)
                session = WebKit(f"http://127.0.0.1:{port}", browsers[-1])
                yield session
                session.close()
            finally:
                process.terminate()
                xvfb.terminate()


class WebKit:
    """A session of WebKit's driver."""

    def __init__(self, driver: str, browser: Path) -> None:
        options = {"binary": str(browser), "args": ["--automation"]}
        capabilities = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
        session = send(f"{driver}/session", {"capabilities": capabilities})
        self._session = f"{driver}/session/{session['sessionId']}"
        width, height = VIEWPORT
        send(f"{self._session}/window/rect", {"width": width, "height": height})

    def open(self, address: str) -> None:
        """Open a page."""
        send(f"{self._session}/url", {"url": address})

    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression in the page, which JSON can express."""
        return send(f"{self._session}/execute/sync", {"script": f"return ({expression}) ?? null", "args": []})

    def perform(self, actions: Actions) -> None:
        """Use mouse or keys."""
        send(f"{self._session}/actions", {"actions": actions})

    def close(self) -> None:
        """End the browser."""
        with urllib.request.urlopen(urllib.request.Request(self._session, method="DELETE")):
            pass


def send(address: str, message: object) -> Any:
    """Send a command to WebKit's driver, and return the answer's value."""
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(address, json.dumps(message).encode(), headers)
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return json.load(answer)["value"]


def is_served(address: str) -> bool:
    """Return whether something answers at an address."""
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE):
            return True
    except OSError:
        return False


def skip(program: str, package: str) -> Any:
    """Skip the test for want of a program."""
    pytest.skip(f"{program} is not installed here: on Debian and Ubuntu it is the package {package}.")
