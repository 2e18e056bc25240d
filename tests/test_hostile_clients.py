"""Clients that send garbage, half messages or far too much, or open 500 sockets: others are served on."""

import asyncio
import contextlib
import json
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import numpy as np
import pytest
import websockets
from event_loops import run
from serving import Server, serve

from bench.memory import resident_memory
from bench.pupil import visit
from mnist_app.ui.parts.canvas_controls import message_of, written_strokes
from mnist_app.ui.session.draw_page import DEFAULT_BRUSH

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Memory is read from /proc."),
]
T = TypeVar("T")
SOCKETS = 500
LARGE = 30_000_000
"""Bytes of a message that is too large."""
MOST_GROWTH = 100.0
"""Megabytes that the server may have more after what is done to it here."""
GARBAGE = (b"\xff" * 100, b"\x00", bytes(range(256)), b"\x0a\xff\xff\xff\xff\x0f", "no bytes but text", b"")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app, with one who has drawn in it."""
    with serve(tmp_path_factory.mktemp("hostile")) as server:
        assert_others_are_served(server)
        yield server


async def reads_digits(server: Server) -> list[str | None]:
    """What is read of a 7 and a 3 that somebody draws now."""
    rng = np.random.default_rng(0)
    read = []
    async with visit(server.address) as pupil:
        await pupil.open()
        for digit in (7, 3):
            await pupil.draw(message_of(written_strokes(digit, DEFAULT_BRUSH, rng)))
            read.append(pupil.digit)
    return read


def assert_others_are_served(server: Server) -> None:
    assert run(reads_digits(server)) == ["7", "3"]


def connect(server: Server) -> websockets.connect:
    """A connection to where the pages speak with the server."""
    address = server.address.replace("http", "ws", 1)
    return websockets.connect(
        f"{address}/_stcore/stream", subprotocols=[websockets.Subprotocol("streamlit")], close_timeout=1
    )


async def code_of_closing(server: Server, message: bytes | str) -> int | None:
    """How the server closes a connection on which that was said; None where it does not."""
    async with connect(server) as connection:
        with contextlib.suppress(websockets.ConnectionClosed, TimeoutError):
            await connection.send(message)
            async with asyncio.timeout(5):
                await connection.wait_closed()
        return connection.close_code if connection.state is websockets.State.CLOSED else None


def test_what_is_no_message_ends_its_own_connection_alone(server: Server) -> None:
    codes = [run(code_of_closing(server, message)) for message in GARBAGE]
    assert codes[0] == 1002 and codes[4] is not None
    assert_others_are_served(server)


def test_a_message_of_30_mb_is_refused_before_it_is_kept(server: Server) -> None:
    before = resident_memory(server.process_id)
    for _ in range(10):
        assert run(code_of_closing(server, b"\x00" * LARGE)) in (1006, 1009)
    assert resident_memory(server.process_id) - before < MOST_GROWTH
    assert_others_are_served(server)


async def half_said(server: Server, then: Callable[[], Awaitable[T]]) -> T:
    """Do something while connections hang on which half a message came, and after others broke off there."""
    place = urlsplit(server.address)
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(10):
            connection = await stack.enter_async_context(connect(server))
            connection.transport.write(b"\x82\xfe\x7f\xff")  # 32,767 bytes to come, which never do
            stack.callback(connection.transport.abort)
            _, writer = await asyncio.open_connection(place.hostname, place.port)
            writer.write(b"GET / HTTP/1.1\r\nHost: ")
            stack.callback(writer.close)
        async with connect(server) as broken:
            broken.transport.write(b"\x82\xfe\x7f\xff half a mess")
            broken.transport.abort()
        return await then()


def test_half_messages_keep_nobody_waiting(server: Server) -> None:
    assert run(half_said(server, lambda: reads_digits(server))) == ["7", "3"]
    assert_others_are_served(server)


def open_sockets(server: Server, count: int) -> list[socket.socket]:
    """Connections that say nothing."""
    place = urlsplit(server.address)
    return [socket.create_connection((place.hostname, place.port), timeout=10) for _ in range(count)]


async def with_sessions(server: Server, count: int) -> list[str | None]:
    """What is read for one who draws while so many sessions are open that do nothing."""
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(count):
            await stack.enter_async_context(connect(server))
        return await reads_digits(server)


def test_five_hundred_sockets_keep_nobody_waiting(server: Server) -> None:
    memory, threads = resident_memory(server.process_id), threads_of(server)
    sockets = open_sockets(server, SOCKETS // 2)
    try:
        assert run(with_sessions(server, SOCKETS // 2)) == ["7", "3"]
    finally:
        for each in sockets:
            each.close()
    assert_others_are_served(server)
    assert resident_memory(server.process_id) - memory < MOST_GROWTH
    assert threads_of(server) <= threads + 2  # of the pool that answers files, which grows to its size


def threads_of(server: Server) -> int:
    return len(list(Path(f"/proc/{server.process_id}/task").iterdir()))


STRANGE_DRAWINGS = (
    5,
    [],
    {},
    {"drawing": None},
    {"drawing": {"raw": 5, "data": "no address"}},
    {"drawing": {"raw": {"objects": [{}, None]}, "data": "data:image/png;base64,AAAA"}},
    {"drawing": {"raw": {"objects": "x" * 10_000}, "data": "data:image/png;base64,*"}},
    {"drawing": {"raw": None, "data": "data:image/png;base64," + "A" * 1_000_000}},
)
"""What no canvas says."""
STRANGE_MEMORIES = (
    5,
    "\x00",
    [None],
    {"text": 7, "owner": ["\x00"], "person": {}},
    {"text": "[" * 100_000, "owner": "../" * 10, "person": "\u202e<b>"},
    {"text": json.dumps({"canvas": {"png": "AAAA", "json_data": {"objects": [{}]}}, "model": "../x"})},
)
"""What no browser kept."""


async def shows_no_error(server: Server, memory: object, drawing: object) -> None:
    """Open the page with such a memory and draw such a drawing; raises where an error is shown."""
    async with visit(server.address) as pupil:
        pupil.kept = memory
        await pupil.open()
        await pupil.say("canvas", json.dumps(drawing))


def test_what_no_browser_says_is_left_out(server: Server) -> None:
    for memory in STRANGE_MEMORIES:
        run(shows_no_error(server, memory, {}))
    for drawing in STRANGE_DRAWINGS:
        run(shows_no_error(server, {}, drawing))
    assert_others_are_served(server)
