"""Uploads: an honest one arrives, and no other fills the server's memory."""

import asyncio
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

import event_loops
import pytest
import serving
from small_app import SERVER_MEGABYTES
from uploading import (
    END,
    PATIENCE,
    START,
    begin,
    chunked,
    connection,
    status,
    token,
    trickle,
    upload,
)
from waiting import until

from bench.pupil import visit
from mnist_app.settings import PROJECT
from mnist_app.ui.server.upload_fields import MEGABYTE
from mnist_app.ui.server.upload_limits import FRAME_BYTES, MOST_AT_ONCE, SESSION_FILES

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The small app, whose pages take files of up to 1 MB."""
    address = f"http://localhost:{(port := serving.free_port())}"
    log = tmp_path_factory.mktemp("small") / "server.log"
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        str(HERE / "small_app.py"),
        "--server.port",
        str(port),
    ]
    environment = {
        **os.environ,
        "PYTHONPATH": str(PROJECT),
        "STREAMLIT_SERVER_HEADLESS": "true",
        "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    }
    with (
        log.open("wb") as output,
        subprocess.Popen(command, cwd=HERE, env=environment, stdout=output, stderr=output) as process,
    ):
        try:
            serving.wait_until_healthy(address, process, log)
            yield address
        finally:
            process.terminate()


def held(address: str) -> dict[str, dict[str, int]]:
    """The sizes of the files that each session holds."""
    with urllib.request.urlopen(f"{address}/held", timeout=PATIENCE) as answer:
        found: dict[str, dict[str, int]] = json.load(answer)
    return found


def total(address: str) -> int:
    return sum(size for files in held(address).values() for size in files.values())


def with_sessions(address: str, count: int, work: Callable[[list[str]], None], page: str = "") -> None:
    """Do something while so many sessions have a page open."""

    async def open_all() -> None:
        async with AsyncExitStack() as stack:
            pupils = [await stack.enter_async_context(visit(address)) for _ in range(count)]
            for pupil in pupils:
                await pupil.open(page)
            await asyncio.to_thread(work, [pupil.session for pupil in pupils])

    event_loops.run(open_all())


def test_a_file_of_the_size_that_the_page_takes_arrives(address: str) -> None:
    def give(sessions: list[str]) -> None:
        assert upload(address, token(address), sessions[0], MEGABYTE) == 204
        assert list(held(address)[sessions[0]].values()) == [MEGABYTE]

    with_sessions(address, 1, give)


def test_what_the_page_does_not_take_is_refused_by_its_length(address: str) -> None:
    def give(sessions: list[str]) -> None:
        xsrf = token(address)
        for length in (str(MEGABYTE + FRAME_BYTES + 1), "9" * 15):
            with connection(address) as connected:
                begin(connected, xsrf, sessions[0], Content_Length=length)
                assert connected.getresponse().status == 413, "before a byte of it has come"
        assert sessions[0] not in held(address)

    with_sessions(address, 1, give)


def test_a_page_without_a_field_takes_nothing(address: str) -> None:
    def give(sessions: list[str]) -> None:
        assert upload(address, token(address), sessions[0], 10) == 403

    with_sessions(address, 1, give, page="without_field")


def test_a_session_that_is_left_or_never_was_takes_nothing(address: str) -> None:
    left: list[str] = []
    with_sessions(address, 1, left.extend)
    for session in (*left, "nobody", ".."):
        assert upload(address, token(address), session, 10) in (400, 403)
    assert not held(address).get(left[0])


def test_an_upload_of_unknown_length_ends_where_it_is_too_large(address: str) -> None:
    def give(sessions: list[str]) -> None:
        with connection(address) as connected:
            begin(connected, token(address), sessions[0], Transfer_Encoding="chunked")
            sent = 0
            try:
                for part in chunked(iter([START, *[bytes(100_000)] * 200])):
                    connected.send(part)
                    sent += len(part)
            except (BrokenPipeError, ConnectionResetError):
                assert sent < 15 * MEGABYTE, "it was not read to its end"
            assert status(connected) in (413, 0)
        assert sessions[0] not in held(address)

    with_sessions(address, 1, give)


def test_an_honest_upload_of_unknown_length_arrives(address: str) -> None:
    def give(sessions: list[str]) -> None:
        with connection(address) as connected:
            begin(connected, token(address), sessions[0], Transfer_Encoding="chunked")
            for part in chunked(iter([START, bytes(MEGABYTE), END])):
                connected.send(part)
            assert connected.getresponse().status == 204

    with_sessions(address, 1, give)


def test_an_upload_that_stops_on_its_way_is_given_up(address: str) -> None:
    def give(sessions: list[str]) -> None:
        with connection(address) as connected:
            begin(connected, token(address), sessions[0], Content_Length=str(MEGABYTE))
            assert status(connected, START) == 408

    with_sessions(address, 1, give)


@pytest.mark.slow
def test_an_upload_that_only_trickles_is_given_up(address: str) -> None:
    def give(sessions: list[str]) -> None:
        with connection(address) as connected:
            begin(connected, token(address), sessions[0], Content_Length=str(MEGABYTE))
            assert trickle(connected) == 408

    with_sessions(address, 1, give)


def test_an_upload_ends_with_its_session(address: str) -> None:
    with connection(address) as connected, ThreadPoolExecutor(1) as thread:
        answers: list[Future[int]] = []

        def give(sessions: list[str]) -> None:
            begin(connected, token(address), sessions[0], Content_Length=str(MEGABYTE))
            answers.append(thread.submit(trickle, connected))

        with_sessions(address, 1, give)
        assert [answer.result() for answer in answers] == [403]


def test_a_session_has_few_uploads_at_once(address: str) -> None:
    def give(sessions: list[str]) -> None:
        xsrf = token(address)
        with ExitStack() as stack:
            statuses = []
            waiting = [stack.enter_context(connection(address)) for _ in range(MOST_AT_ONCE + 3)]
            for each in waiting:
                begin(each, xsrf, sessions[0], Content_Length=str(MEGABYTE))
            for each in waiting:
                statuses.append(each.getresponse().status)
        assert sorted(statuses) == [408] * MOST_AT_ONCE + [429] * 3

    with_sessions(address, 1, give)


def test_a_session_keeps_its_newest_files_alone(address: str) -> None:
    def give(sessions: list[str]) -> None:
        xsrf = token(address)
        assert [upload(address, xsrf, sessions[0], MEGABYTE) for _ in range(6)] == [204] * 6
        assert list(held(address)[sessions[0]].values()) == [MEGABYTE] * SESSION_FILES

    with_sessions(address, 1, give)


@pytest.mark.slow
def test_all_sessions_together_hold_no_more_than_the_server_may(address: str) -> None:
    def give(sessions: list[str]) -> None:
        xsrf = token(address)
        for session in sessions * 2:
            assert upload(address, xsrf, session, MEGABYTE) == 204, "the last who comes is served, too"
            assert total(address) <= SERVER_MEGABYTES * MEGABYTE

    with_sessions(address, SERVER_MEGABYTES + 2, give)


def test_what_was_uploaded_is_freed_when_its_session_ends(address: str) -> None:
    def give(sessions: list[str]) -> None:
        assert upload(address, token(address), sessions[0], MEGABYTE) == 204

    with_sessions(address, 1, give)
    until(lambda: not held(address))


# The app


def descriptors(server: serving.Server) -> int:
    return len(os.listdir(f"/proc/{server.process_id}/fd"))


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="File descriptors are read from /proc.")
def test_the_app_takes_what_its_pages_ask_for_and_sessions_leave_nothing_open(tmp_path: Path) -> None:
    """Streamlit keeps sessions that have left, each with three file descriptors."""
    with serving.serve(tmp_path, STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL="1") as server:
        with_sessions(server.address, 1, lambda _: None, "class_drawings")
        before = descriptors(server)

        def give(sessions: list[str]) -> None:
            xsrf = token(server.address)
            assert upload(server.address, xsrf, sessions[0], 50 * MEGABYTE) == 204
            with connection(server.address) as connected:
                begin(connected, xsrf, sessions[0], Content_Length=str(150 * MEGABYTE))
                assert connected.getresponse().status == 413

        with_sessions(server.address, 10, give, "class_drawings")

        def refuse(sessions: list[str]) -> None:
            assert upload(server.address, token(server.address), sessions[0], 10) == 403

        with_sessions(server.address, 1, refuse)
        until(lambda: descriptors(server) <= before + 6)
