"""The hosts that are answered where a school has listed its own, by HTTP and by WebSocket."""

from dataclasses import replace

import event_loops
import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import Message

from mnist_app.settings import Settings
from mnist_app.ui.server.allowed_hosts import AllowedHosts
from mnist_app.ui.server.middleware import middleware_of

LISTED = ("digits.school.example", "*.lab.example")


def greet(_: Request) -> PlainTextResponse:
    return PlainTextResponse("hello")


def status(settings: Settings, host: str, path: str = "/") -> int:
    """The status of an answer for a host."""
    routes = [Route("/", greet), Route("/_stcore/health", greet)]
    middleware = middleware_of(replace(settings, allowed_hosts=LISTED))
    app = Starlette(routes=routes, middleware=middleware)

    async def ask() -> int:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://any") as client:
            return (await client.get(path, headers={"Host": host})).status_code

    return event_loops.run(ask())


@pytest.mark.parametrize(
    "host",
    [
        *("digits.school.example", "digits.school.example.:8501", "a.lab.example", "a.lab.example."),
        *("localhost", "localhost.", "LOCALHOST:8501", "127.0.0.1", "127.0.0.1:8501", "[::1]", "[::1]:8501"),
    ],
)
def test_a_listed_host_and_this_machine_are_answered(settings: Settings, host: str) -> None:
    assert status(settings, host) == 200


@pytest.mark.parametrize(
    "host",
    [
        *("", "evil.example", "evil.digits.school.example", "digits.school.example.evil.example"),
        *(
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "[::1].evil.example",
            "[::2]",
            "[",
            "localhost:x",
        ),
    ],
)
def test_any_other_host_is_refused(settings: Settings, host: str) -> None:
    assert status(settings, host) == 400


def test_a_health_check_may_name_any_host(settings: Settings) -> None:
    assert status(settings, "10.0.0.7:8501", "/_stcore/health") == 200


@pytest.mark.parametrize(("host", "is_answered"), [(b"[::1]:8501", True), (b"evil.example", False)])
def test_a_websocket_follows_the_same_rule(host: bytes, is_answered: bool) -> None:
    passed = []

    async def app(*_: object) -> None:
        passed.append(host)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(_: Message) -> None: ...

    scope = {"type": "websocket", "path": "/_stcore/stream", "headers": [(b"host", host)], "extensions": {}}
    scope["extensions"] = {"websocket.http.response": {}}
    event_loops.run(AllowedHosts(app, LISTED)(scope, receive, send))
    assert bool(passed) == is_answered
