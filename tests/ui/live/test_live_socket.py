"""The socket that answers while the pen moves: who is let in, and what is answered."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from mnist_app.ui.live.live_sessions import LiveSession, LiveSessions, Objects
from mnist_app.ui.live.live_socket import IDLE_SECONDS, MOST_CHARACTERS, LiveSocket, Refused, read_question
from mnist_app.ui.live.pace import Pace


def count(objects: Objects) -> dict[str, Any]:
    return {"strokes": len(objects)}


class Server(uvicorn.Server):
    """Tells when it serves."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.serves = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.serves.set()


@contextmanager
def served(
    sessions: LiveSessions, pace: Pace | None = None, idle_seconds: float = IDLE_SECONDS
) -> Iterator[str]:
    """A server with the socket alone; its host and port."""
    app = Starlette(routes=[WebSocketRoute("/live", LiveSocket(sessions, pace, idle_seconds))])
    server = Server(uvicorn.Config(app, log_level="warning", ws="websockets-sansio"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            assert server.serves.wait(60)
            yield f"127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(60)


@pytest.fixture
def sessions() -> LiveSessions:
    return LiveSessions()


@pytest.fixture
def host(sessions: LiveSessions) -> Iterator[str]:
    with served(sessions) as host:
        yield host


def opened(host: str, ticket: str, origin: str | None = "") -> ClientConnection:
    """A socket as a page opens it; an origin of None is not sent."""
    own = f"http://{host}" if origin == "" else origin
    return connect(f"ws://{host}/live?ticket={ticket}", origin=own, max_size=None)  # type: ignore[arg-type]


def closing_code(page: ClientConnection) -> int | None:
    """The code with which the server closes."""
    with pytest.raises(ConnectionClosed) as closed:
        page.recv(60)
    return closed.value.rcvd.code if closed.value.rcvd else None


def answer_to(page: ClientConnection, question: str) -> dict[str, Any]:
    page.send(question)
    answer: dict[str, Any] = json.loads(page.recv(60))
    return answer


def question(drawing: int = 1, strokes: int = 1) -> str:
    return json.dumps({"drawing": drawing, "strokes": [{}] * strokes})


def test_a_question_is_answered_with_the_strokes_that_the_page_knew_and_those_since(
    host: str, sessions: LiveSessions
) -> None:
    tab = sessions.admit("a", [{}, {}], count)
    with opened(host, tab.ticket) as page:
        answer = answer_to(page, question(strokes=3))
    assert answer["strokes"] == 5 and answer["wait"] >= 0


def test_a_question_about_an_older_page_run_waits_for_the_next(host: str, sessions: LiveSessions) -> None:
    tab = sessions.admit("a", [], count)
    with opened(host, tab.ticket) as page:
        assert set(answer_to(page, question(drawing=7))) == {"wait"}
        assert answer_to(page, question())["strokes"] == 1


def test_a_fault_in_an_answer_leaves_the_socket_open(host: str, sessions: LiveSessions) -> None:
    def fail(_: Objects) -> dict[str, Any]:
        raise ZeroDivisionError

    tab = sessions.admit("a", [], fail)
    with opened(host, tab.ticket) as page:
        assert set(answer_to(page, question())) == {"wait"}
        sessions.admit("a", [], count)
        assert answer_to(page, question())["strokes"] == 1


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example", "http://127.0.0.1.evil.example"])
def test_another_site_s_page_is_not_let_in(host: str, sessions: LiveSessions, origin: str | None) -> None:
    tab = sessions.admit("a", [], count)
    with pytest.raises(InvalidStatus):
        opened(host, tab.ticket, origin)


@pytest.mark.parametrize("ticket", ["", "x", "a" * 32, "%00"])
def test_nobody_is_let_in_without_a_ticket(host: str, sessions: LiveSessions, ticket: str) -> None:
    sessions.admit("a", [], count)
    with pytest.raises(InvalidStatus):
        opened(host, ticket)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("", 1003),
        ("{", 1003),
        ("[" * 100_000, 1003),
        ("[]", 1003),
        ("null", 1003),
        ('{"drawing": 1}', 1003),
        ('{"drawing": true, "strokes": []}', 1003),
        ('{"drawing": "1", "strokes": []}', 1003),
        ('{"drawing": 1, "strokes": {}}', 1003),
        (" " * (MOST_CHARACTERS + 1), 1009),
        (b'{"drawing": 1, "strokes": []}', 1003),
    ],
)
def test_garbage_closes_that_socket_and_no_other(
    host: str, sessions: LiveSessions, message: str | bytes, code: int
) -> None:
    hostile, pupil = sessions.admit("a", [], count), sessions.admit("b", [], count)
    with opened(host, pupil.ticket) as page:
        with opened(host, hostile.ticket) as other:
            other.send(message)
            assert closing_code(other) == code
        assert answer_to(page, question())["strokes"] == 1


def test_a_tab_has_one_socket(host: str, sessions: LiveSessions) -> None:
    tab = sessions.admit("a", [], count)
    with opened(host, tab.ticket) as first, opened(host, tab.ticket) as second:
        assert closing_code(first) == 1000
        assert answer_to(second, question())["strokes"] == 1


class Slow(Pace):
    """Lets each page wait for a second, in which its socket does not notice that the page has gone."""

    def note(self, ticket: str, seconds: float) -> float:
        return 1.0


@pytest.mark.parametrize("is_abrupt", [True, False])
def test_a_tab_whose_connection_broke_is_answered_on_the_next(
    sessions: LiveSessions, is_abrupt: bool
) -> None:
    tab = sessions.admit("a", [], count)
    with served(sessions, Slow()) as host:
        for _ in range(2):
            with opened(host, tab.ticket) as page:
                assert answer_to(page, question())["strokes"] == 1
                if is_abrupt:
                    page.socket.shutdown(socket.SHUT_RDWR)


def test_a_socket_ends_with_its_tab(host: str, sessions: LiveSessions) -> None:
    tab = sessions.admit("a", [], count)
    with opened(host, tab.ticket) as page:
        sessions.keep_only(set())
        page.send(question())
        assert closing_code(page) == 1000


def test_a_silent_socket_is_closed(sessions: LiveSessions) -> None:
    tab = sessions.admit("a", [], count)
    with served(sessions, idle_seconds=0.05) as host, opened(host, tab.ticket) as page:
        assert closing_code(page) == 1000


class Costs(Pace):
    """Remembers what each tab's last answer took, in seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.of_tab: dict[str, float] = {}

    def note(self, ticket: str, seconds: float) -> float:
        self.of_tab[ticket] = seconds
        return super().note(ticket, seconds)


class ReadDrawings(dict[int, Objects]):
    """Tells when a question about one of them has come."""

    def __init__(self) -> None:
        super().__init__({1: []})
        self.are_read = threading.Event()

    def get(self, number: int, default: Any = None) -> Any:
        self.are_read.set()
        return super().get(number, default)


def test_waiting_for_one_s_turn_costs_nothing(sessions: LiveSessions) -> None:
    costs, may_end = Costs(), threading.Event()

    def hold(_: Objects) -> dict[str, Any]:
        assert may_end.wait(60)
        return {}

    slow, quick, third = (
        sessions.admit("a", [], hold),
        sessions.admit("b", [], count),
        sessions.admit("c", [], count),
    )
    quick.drawings = drawings = ReadDrawings()
    with (
        served(sessions, costs) as host,
        opened(host, slow.ticket) as first,
        opened(host, quick.ticket) as second,
    ):
        first.send(question())
        second.send(question())
        assert drawings.are_read.wait(60)
        with opened(
            host, third.ticket
        ) as page:  # the server is beyond the second question once this is answered
            answer_to(page, question(drawing=7))
        let_go = time.perf_counter()
        may_end.set()
        second.recv(60)
        assert costs.of_tab[quick.ticket] < time.perf_counter() - let_go


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(
    st.text()
    | st.builds(
        json.dumps, json_values | st.fixed_dictionaries({"drawing": json_values, "strokes": json_values})
    )
)
def test_any_text_is_a_question_or_refused(text: str) -> None:
    tab = LiveSession("a")
    tab.show([], count)
    try:
        objects = read_question(text, tab)
    except Refused:
        return
    assert objects is None or isinstance(objects, list)
