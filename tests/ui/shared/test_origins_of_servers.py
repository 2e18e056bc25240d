"""The key by which servers tell addresses apart: one for all where a secret is set, else a random one."""

import os
import subprocess
import sys

import pytest

from mnist_app.settings import PROJECT

PROGRAM = """
from mnist_app.ui.shared import resources
print(resources.origins().of("a tab", "192.0.2.7").address)
"""


def digest_of_a_server(**environment: str) -> str:
    """What a server, which is a process of its own, makes of an address."""
    own = {name: value for name, value in os.environ.items() if name != "STREAMLIT_SERVER_COOKIE_SECRET"}
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=PROJECT,
        env={**own, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    return ended.stdout.strip()


@pytest.mark.slow
def test_servers_with_one_secret_know_an_address_again_and_others_do_not() -> None:
    secret = "the same on all servers of these tests"
    first, second = (digest_of_a_server(STREAMLIT_SERVER_COOKIE_SECRET=secret) for _ in range(2))
    alone = digest_of_a_server()
    assert first == second and len(first) == len(alone) == 16
    assert alone != first
    assert secret not in first and "192.0.2.7" not in first
