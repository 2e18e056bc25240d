"""Protection against pages of other sites: it is on, and a real server refuses what comes from there."""

import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import event_loops
import pytest
import serving
from streamlit import net_util
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.web.server import server_util
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from mnist_app.settings import PROJECT
from mnist_app.ui.streamlit_fixes.own_address import ask_nobody_for_address


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving.serve(tmp_path_factory.mktemp("home")) as server:
        yield server.address


def test_the_configuration_says_so() -> None:
    with (PROJECT / ".streamlit" / "config.toml").open("rb") as file:
        server = tomllib.load(file)["server"]
    assert server["enableCORS"] is True and server["enableXsrfProtection"] is True
    assert server["address"] == "localhost", "another one is given by configuration"
    texts = [path.read_text(encoding="utf-8") for path in (PROJECT / "deploy").iterdir() if path.is_file()]
    texts.append((PROJECT / "Dockerfile").read_text(encoding="utf-8"))
    assert not [text for text in texts if "ENABLE_CORS" in text or "ENABLE_XSRF" in text]
    assert any("STREAMLIT_SERVER_ADDRESS=" in text for text in texts)


def status(app: str, origin: str) -> int:
    """Return the HTTP status that a page of that site gets when it asks for a connection."""

    async def ask() -> int:
        address = app.replace("http", "ws", 1) + "/_stcore/stream"
        try:
            async with connect(address, origin=origin, proxy=None):  # type: ignore[arg-type]  # any text
                return 101
        except InvalidStatus as refused:
            return refused.response.status_code

    return event_loops.run(ask())


def test_a_page_of_another_site_gets_no_connection(app: str) -> None:
    assert status(app, app) == 101
    assert status(app, "https://evil.example") == 403
    assert status(app, "https://localhost.evil.example") == 403


def test_another_site_cannot_read_an_answer(app: str) -> None:
    asked = urllib.request.Request(f"{app}/_stcore/health", headers={"Origin": "https://evil.example"})
    with urllib.request.urlopen(asked) as answer:
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_only_messages_of_pages_are_obeyed(app: str) -> None:
    """The first answer is that to the last message."""
    messages = BackMsg(clear_cache=True), BackMsg(set_run_on_save=True), BackMsg(app_heartbeat=True)

    async def first_answer() -> str | None:
        address = app.replace("http", "ws", 1) + "/_stcore/stream"
        async with connect(address, proxy=None) as connection:
            for message in messages:
                await connection.send(message.SerializeToString())
            answer = ForwardMsg()
            answer.ParseFromString(await connection.recv(decode=False))
            return answer.WhichOneof("type")

    assert event_loops.run(first_answer()) == "heartbeat_ack"


def test_nothing_is_uploaded_without_the_token(app: str) -> None:
    address = f"{app}/_stcore/upload_file/session/file"
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(urllib.request.Request(address, data=b"x", method="PUT"))
    refused.value.close()
    assert refused.value.code == 403


def test_nobody_is_asked_for_the_own_address(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def ask(*_: object, **__: object) -> None:
        pytest.fail("The internet was asked.")

    monkeypatch.setattr(net_util, "_make_blocking_http_get", ask)
    ask_nobody_for_address()
    assert not server_util.is_url_from_allowed_origins("https://evil.example")
