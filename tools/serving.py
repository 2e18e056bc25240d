"""The app served on a port of its own, for tests and measurements from outside."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from set_up import SERVER_ENVIRONMENT

PROJECT = Path(__file__).resolve().parent.parent

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
"""Arguments for a Chromium that sends no requests of its own."""


@dataclass(frozen=True)
class Server:
    """A running server."""

    address: str
    process_id: int


def free_port() -> int:
    """Return a port of this machine on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_healthy(address: str) -> bool:
    """Return whether the server says that it is ready."""
    try:
        with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def wait_until_healthy(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Ask fifty times a second, which leaves the processor to the server, until it is ready.

    Raises:
        RuntimeError: The server's process has ended; the error holds its log.
    """
    while not is_healthy(address):
        if process.poll() is not None:
            raise RuntimeError(f"The server ended with exit code {process.returncode}:\n{log.read_text()}")
        time.sleep(0.02)


@contextmanager
def serve(home: Path, port: int | None = None, **environment: str) -> Iterator[Server]:
    """Serve the app on a free port, or on this one, with its models and its log in `home`.

    `environment` has further settings. Raises as `wait_until_healthy`.
    """
    port = port or free_port()
    address = f"http://localhost:{port}"
    base = environment.get("STREAMLIT_SERVER_BASE_URL_PATH")
    if base:
        address += f"/{base}"
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    own = {"MNIST_APP_HOME": str(home), "STREAMLIT_SERVER_HEADLESS": "true"}
    environment = {**SERVER_ENVIRONMENT, **os.environ, **own, **environment}
    log = home / "server.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command, cwd=PROJECT, env=environment, stdout=output, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            wait_until_healthy(address, process, log)
            yield Server(address, process.pid)
        finally:
            process.terminate()
