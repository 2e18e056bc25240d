"""A Ray cluster of this machine alone: a head that trains nothing, and nodes that can be killed."""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import serving
from waiting import until

from mnist_app.settings import PROJECT

RAY = (sys.executable, "-c", "from ray.scripts.scripts import main; main()")
LOOPBACK = "127.0.0.1"
PATIENCE = 400.0
"""Seconds that a node may take to start: five on an idle machine, minutes on a busy one."""
MEMORY = 80_000_000
"""Bytes for objects that tasks share, of which there are none; Ray wants so much."""


class RayCluster:
    """Started by entering it. Each node has one processor, and its processes are a session of their own."""

    def __init__(self) -> None:
        # Ray keeps sockets there, whose paths may not be long.
        self._folder = Path(tempfile.mkdtemp(prefix="ray"))
        self.port, self.client_port = serving.free_port(), serving.free_port()
        self.environment = {
            "RAY_ADDRESS": f"{LOOPBACK}:{self.port}",
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN": secrets.token_hex(32),
            "RAY_USAGE_STATS_ENABLED": "0",
            "RAY_worker_niceness": "0",  # of a node that has nothing else to do
            "RAY_gcs_rpc_server_reconnect_timeout_s": "5",  # until a node ends when its head is gone
            "RAY_CLIENT_RECONNECT_GRACE_PERIOD": "5",  # until a server gives a head up
            "PYTHONPATH": str(PROJECT),
        }
        self.nodes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "RayCluster":
        self.start_head()
        return self

    def __exit__(self, *_: object) -> None:
        for process in (*self.nodes, self._head):
            kill_session(process)
        shutil.rmtree(self._folder, ignore_errors=True)

    def start_head(self) -> None:
        """Start the head, or start it anew: another one, at the same place, that knows of no node."""
        self._head = self._start(
            *("--head", f"--port={self.port}", f"--ray-client-server-port={self.client_port}"),
            *("--num-cpus=0", "--include-dashboard=false", f"--temp-dir={self._folder}"),
        )
        until(lambda: listens(self.client_port))

    def kill_head(self) -> None:
        """Kill all processes of the head at once; its nodes are left."""
        kill_session(self._head)

    def add_node(self) -> None:
        """Have one more node join."""
        self.nodes.append(self._start(f"--address={LOOPBACK}:{self.port}", "--num-cpus=1"))

    def kill_node(self, node: "subprocess.Popen[bytes]") -> None:
        """Kill all processes of a node at once, as a power cut does."""
        self.nodes.remove(node)
        kill_session(node)

    def node_that_trains(self) -> "subprocess.Popen[bytes] | None":
        """The node one of whose processes trains now."""
        return next((node for node in self.nodes if "ray::train_next" in titles(node.pid)), None)

    def _start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        """Start a node and wait until it is there: two that start at once take each other's ports."""
        output = self._folder / f"output-{secrets.token_hex(4)}.txt"
        with output.open("wb") as stdout:
            process = subprocess.Popen(
                [*RAY, "start", "--block", f"--node-ip-address={LOOPBACK}", *arguments]
                + ["--disable-usage-stats", f"--object-store-memory={MEMORY}"],
                env={**os.environ, **self.environment},
                cwd=self._folder,
                stdout=stdout,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            until(lambda: "Ray runtime started" in output.read_text() or process.poll() is not None, PATIENCE)
            assert process.poll() is None, output.read_text()
        except BaseException:
            kill_session(process)
            raise
        return process


def listens(port: int) -> bool:
    """Whether somebody can be reached there."""
    with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), 1):
        return True
    return False


def titles(session: int) -> list[str]:
    """What the processes of a session call themselves."""
    found = []
    for process in processes_of(session):
        with contextlib.suppress(OSError):  # it has just ended
            command = Path(f"/proc/{process}/cmdline").read_bytes()
            found.append(command.partition(b"\0")[0].decode(errors="replace").strip())
    return found


def kill_session(leader: "subprocess.Popen[bytes]") -> None:
    """Kill all processes of a session, and wait until its leader is gone."""
    for process in processes_of(leader.pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    leader.wait()


def processes_of(session: int) -> list[int]:
    """The ids of a session's processes; a process of Ray's may have a group of its own."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(ProcessLookupError):
            if os.getsid(int(folder.name)) == session:
                found.append(int(folder.name))
    return found
