"""What tests start is gone when they are, also when they were killed."""

import subprocess
import sys
from pathlib import Path

import leftovers
import postgresql as servers
import psycopg
import pytest
from debian_packages import go_without
from waiting import until

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Processes are read from /proc.")
SLEEPS = """
with leftovers.none_left():
    # A session of its own, and a child that its parent does not wait for.
    process = subprocess.Popen(["sh", "-c", "sleep 1000 & sleep 1000"], start_new_session=True)
    tell(os.environ[leftovers.MARK])
"""
SERVES = """
import postgresql
with leftovers.none_left(), postgresql.running(postgresql.find_programs()) as server:
    tell(server.port)
"""
BEFORE = "import leftovers, os, subprocess, sys\ndef tell(what): print(what, flush=True); sys.stdin.read()\n"


def start(program: str) -> "tuple[subprocess.Popen[str], str]":
    """A process that runs this, and the line that it says once it waits for its standard input to end."""
    process = subprocess.Popen(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{BEFORE}{program}"],
        cwd=Path(__file__).parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def answers(address: str) -> bool:
    try:
        psycopg.connect(address, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


@pytest.mark.parametrize("is_killed", [True, False])
def test_what_was_started_is_gone_with_who_started_it(is_killed: bool) -> None:
    process, word = start(SLEEPS)
    with process:
        until(lambda: len(leftovers.marked(word)) >= 2)
        if is_killed:
            process.kill()
    until(lambda: not leftovers.marked(word))


@pytest.mark.slow
def test_postgresql_is_gone_with_tests_that_were_killed() -> None:
    if servers.find_programs() is None:
        go_without("PostgreSQL", "postgresql")
    process, port = start(SERVES)
    address = f"postgresql://test@127.0.0.1:{port}/postgres"
    assert answers(address)
    with process:
        process.kill()
    until(lambda: not answers(address))
