"""A real PostgreSQL for tests, from this machine's own packages: started, killed and started again."""

import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import serving

PATIENCE = 60.0
"""Seconds: how long a server may take to start. Machines that test are slow and busy."""


def find_programs() -> Path | None:
    """The folder of `initdb` and `postgres`, the newest of Debian's, or on the path; None without them."""
    if os.name == "nt":
        return None
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: path.parts[-3].zfill(3)
    )
    on_path = shutil.which("initdb")
    found = debian[-1] if debian else Path(on_path).resolve() if on_path else None
    return found.parent if found else None


class PostgreSQL:
    """A server of its own, in a folder of its own, on a free port of this machine.

    It forgets to ask the disk to write (`fsync`), which is quicker: a power cut is not tested. What it has
    committed outlives its process all the same.
    """

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        self._owner = _owner(folder)
        self._process: subprocess.Popen[bytes] | None = None
        self.port = serving.free_port()
        self._run(
            "initdb", "--pgdata", "data", "--username", "test", "--auth", "trust", "--no-sync", "-E", "UTF8"
        )

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "32MB", "port": self.port}
        options |= {"listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        deadline, pause = time.monotonic() + PATIENCE, threading.Event()
        while not self.answers():
            assert time.monotonic() < deadline, (self._folder / "log").read_text()
            # One that was killed may hold on to its shared memory for a moment, and a new one then ends.
            if self._process is None or self._process.poll() is not None:
                self._process = self._open("postgres", "-D", "data", *words)
            pause.wait(0.05)

    def answers(self) -> bool:
        """Whether somebody can connect."""
        try:
            with psycopg.connect(self._address(), connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False

    def kill(self) -> None:
        """Kill the server and all of its processes, as a power cut would."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """End the server, whoever is connected."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait()

    def empty_database(self) -> str:
        """The SQLAlchemy address of its database, with nothing in it and nobody connected."""
        with psycopg.connect(self._address(), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        return self.address

    @property
    def address(self) -> str:
        """The SQLAlchemy address of its database."""
        return self._address("postgresql+psycopg")

    def _address(self, scheme: str = "postgresql") -> str:
        return f"{scheme}://test@127.0.0.1:{self.port}/postgres"

    def _run(self, program: str, *arguments: str) -> None:
        process = self._open(program, *arguments)
        assert process.wait() == 0, (self._folder / "log").read_text()

    def _open(self, program: str, *arguments: str) -> "subprocess.Popen[bytes]":
        uid, gid = self._owner
        who = {"user": uid, "group": gid, "extra_groups": []} if uid != os.getuid() else {}
        with (self._folder / "log").open("ab") as log:
            return subprocess.Popen(
                [self._programs / program, *arguments],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **who,  # type: ignore[call-overload]
            )


def _owner(folder: Path) -> tuple[int, int]:
    """Whose server it is, user and group: one's own, but for root's, which it refuses to be."""
    if os.getuid():
        return os.getuid(), os.getgid()
    import pwd  # not on Windows

    user = pwd.getpwnam("postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return user.pw_uid, user.pw_gid


@contextmanager
def running(programs: Path) -> Iterator[PostgreSQL]:
    """A server that is running, and gone with all its files afterwards."""
    # Not in pytest's folder, which nobody but its owner may enter.
    with tempfile.TemporaryDirectory(prefix="postgresql-") as name:
        server = PostgreSQL(programs, Path(name))
        try:
            server.start()
            yield server
        finally:
            server.stop()
