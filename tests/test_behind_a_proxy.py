"""Wrong codes behind the proxy of `deploy/`: one visitor's never keep another out, whatever headers say."""

import asyncio
import re
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import urlsplit

import event_loops
import pytest
import serving
from haproxy import LOG, haproxy

from bench.pupil import Pupil, visit
from mnist_app.ui.shared.teacher_access import BURST

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Elsewhere 127.0.0.2 is no address."),
]
CODE = "nine purple quills"
GUESS = "nine purple guess"
GUESSERS = BURST + 25
IS_OPEN = "Show the leaderboard"
"""A button that the teacher alone sees."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("behind_a_proxy")


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[serving.Server]:
    """The app with a teacher's code, which trusts proxies on this machine."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("MNIST_APP_TEACHER_CODE", CODE)
        monkeypatch.setenv("MNIST_APP_TRUSTED_PROXIES", "127.0.0.1")
        with serving.serve(home) as server:
            yield server


async def at_the_door(stack: AsyncExitStack, address: str, source: str, **headers: str) -> Pupil:
    """Somebody who comes from an address of this machine and has opened the teacher's page."""
    pupil = await stack.enter_async_context(
        visit(address, local_addr=(source, 0), additional_headers=list(headers.items()))
    )
    pupil.heard = []
    await pupil.open("teacher")
    return pupil


async def give(pupil: Pupil, code: str) -> None:
    await pupil.fill("Teacher's code", code)
    await pupil.press("Open")


async def stay_until_open(pupil: Pupil) -> None:
    while IS_OPEN not in pupil.labels:
        await pupil.watch(1)


def told(pupil: Pupil) -> int:
    """The seconds that the page says a code waits."""
    found = re.search(r"yours has to wait: about (\d+) seconds", " ".join(pupil.notes))
    assert found, pupil.notes
    return int(found[1])


async def teacher_among_guessers(
    address: str, source: str, spoofed: list[dict[str, str]], teacher: str
) -> int:
    """Return the seconds that a teacher is told to wait after many have guessed; the page then opens.

    Args:
        address: Of the app.
        source: The address that all guessers come from.
        spoofed: The headers of each guesser.
        teacher: The address that the teacher comes from.
    """
    async with AsyncExitStack() as stack:
        desk = await at_the_door(stack, address, teacher)
        guessers = [await at_the_door(stack, address, source, **headers) for headers in spoofed]
        *early, late = guessers
        await asyncio.gather(*(give(guesser, GUESS) for guesser in early))
        await give(desk, CODE)
        seconds = told(desk)
        await give(late, GUESS)
        assert told(late) > 10, "The line is too short to show anything."
        await stay_until_open(desk)
        assert not any(IS_OPEN in guesser.labels for guesser in guessers)
        assert CODE.encode() not in b"".join(desk.heard or [])
        return seconds


def test_guessers_who_make_up_addresses_keep_a_teacher_waiting_for_two_seconds(
    server: serving.Server, home: Path
) -> None:
    port = urlsplit(server.address).port or 0
    spoofed = [{"X-Forwarded-For": f"198.51.100.{number}"} for number in range(GUESSERS)]
    with haproxy(home, [port, port]) as address:
        seconds = event_loops.run(teacher_among_guessers(address, "127.0.0.2", spoofed, "127.0.0.3"))
    assert seconds <= 2
    assert CODE.encode() not in (home / LOG).read_bytes()


def test_without_trusted_proxies_nobody_guesses_in_the_name_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNIST_APP_TEACHER_CODE", CODE)
    monkeypatch.delenv("MNIST_APP_TRUSTED_PROXIES", raising=False)
    spoofed = [{"X-Forwarded-For": "127.0.0.3"} for _ in range(GUESSERS)]
    with serving.serve(tmp_path) as server:
        # Of connections from 127.0.0.1, Uvicorn by itself would believe the header.
        seconds = event_loops.run(teacher_among_guessers(server.address, "127.0.0.1", spoofed, "127.0.0.3"))
    assert seconds <= 2


def descendants(process_id: int) -> list[int]:
    """The processes that a process has started, and those that these have started."""
    children = [
        int(child)
        for tasks in Path(f"/proc/{process_id}/task").glob("*/children")
        for child in tasks.read_text().split()
    ]
    return children + [each for child in children for each in descendants(child)]


async def open_teacher_page(server: serving.Server) -> None:
    async with AsyncExitStack() as stack:
        teacher = await at_the_door(stack, server.address, "127.0.0.4")
        await give(teacher, CODE)
        await stay_until_open(teacher)


def test_the_code_is_in_no_log_no_file_and_no_process_that_the_server_starts(
    home: Path, server: serving.Server
) -> None:
    event_loops.run(open_teacher_page(server))
    while not (started := descendants(server.process_id)):
        pass  # the page has a worker started
    places = [Path(f"/proc/{each}/{name}") for each in started for name in ("environ", "cmdline")]
    places += [Path(f"/proc/{server.process_id}/cmdline")]
    places += [each for each in home.rglob("*") if each.is_file()]
    assert home / "server.log" in places and home / "runs.sqlite" in places
    assert [place for place in places if CODE.encode() in place.read_bytes()] == []
