"""The headers of answers that no page of the app gives."""

import event_loops
import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from mnist_app.settings import Settings
from mnist_app.ui.server.middleware import middleware_of


def fail(_: Request) -> PlainTextResponse:
    raise ZeroDivisionError


def get(settings: Settings, path: str, raises: bool = False) -> httpx.Response:
    """The answer of an app whose only address fails."""
    app = Starlette(routes=[Route("/fails", fail)], middleware=middleware_of(settings))

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=raises)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get(path)

    return event_loops.run(ask())


@pytest.mark.parametrize(("path", "status"), [("/fails", 500), ("/is_not_there", 404)])
def test_an_error_s_answer_has_the_headers(settings: Settings, path: str, status: int) -> None:
    answer = get(settings, path)
    assert answer.status_code == status
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_an_error_still_reaches_the_log(settings: Settings) -> None:
    with pytest.raises(ZeroDivisionError):
        get(settings, "/fails", raises=True)
