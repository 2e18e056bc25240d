"""What the servers are told of a visitor by the proxy of `deploy/`, whatever the visitor writes."""

import http.client
import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from haproxy import haproxy

from mnist_app.ui.server.trusted_proxies import TrustedProxies

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="Elsewhere 127.0.0.2 is no address."
)
SPOOFED = {"X-Forwarded-For": "198.51.100.1, 127.0.0.1", "X-Forwarded-Proto": "https"}


@pytest.fixture
def port() -> Iterator[int]:
    """A server that answers with the headers that it was sent."""

    class Echo(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802 (the name that http.server calls)
            names = ("X-Forwarded-For", "X-Forwarded-Proto")
            body = json.dumps([self.headers.get_all(name, []) for name in names]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def seen(address: str, source: str, headers: dict[str, str]) -> tuple[str, list[str]]:
    """The visitor's address and the scheme that a server goes by which trusts the proxy."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, source_address=(source, 0))
    connection.request("GET", "/", headers=headers)
    forwarded_for, proto = json.loads(connection.getresponse().read())
    connection.close()
    return TrustedProxies.read(["127.0.0.1", "127.0.0.9"]).visitor_behind("127.0.0.1", forwarded_for), proto


def test_what_a_visitor_writes_is_dropped(port: int, tmp_path: Path) -> None:
    with haproxy(tmp_path, [port, port]) as address:
        for headers in ({}, SPOOFED):
            assert seen(address, "127.0.0.2", headers) == ("127.0.0.2", ["http"])
            assert seen(address, "127.0.0.9", headers) == ("127.0.0.9", ["http"])


def test_what_a_proxy_before_it_writes_is_passed_on(port: int, tmp_path: Path) -> None:
    with haproxy(tmp_path, [port, port], PROXIES="127.0.0.8 127.0.0.9") as address:
        written = {"X-Forwarded-For": "198.51.100.1, 192.0.2.7", "X-Forwarded-Proto": "https"}
        assert seen(address, "127.0.0.9", written) == ("192.0.2.7", ["https"])
        assert seen(address, "127.0.0.2", written) == ("127.0.0.2", ["http"])


def cookie(address: str, source: str, **headers: str) -> list[str]:
    """The cookie by which the proxy sends a visitor to the same server again, in its parts."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, source_address=(source, 0))
    connection.request("GET", "/", headers={name.replace("_", "-"): each for name, each in headers.items()})
    name, *attributes = (connection.getresponse().getheader("Set-Cookie") or "").split("; ")
    connection.close()
    assert name in ("mnist_app_server=one", "mnist_app_server=two")
    return sorted(each.lower() for each in attributes if not each.startswith("path="))


@pytest.mark.parametrize("same_site", ["lax", "none", "strict"])
def test_its_cookie_is_marked_as_the_app_s_own_are(port: int, tmp_path: Path, same_site: str) -> None:
    setting = {"STREAMLIT_SERVER_XSRF_COOKIE_SAME_SITE": same_site}
    with haproxy(tmp_path, [port, port], PROXIES="127.0.0.9", **setting) as address:
        plain = ["httponly", f"samesite={same_site}"]
        assert cookie(address, "127.0.0.2") == plain
        assert cookie(address, "127.0.0.2", X_Forwarded_Proto="https") == plain, "a visitor's own word"
        assert cookie(address, "127.0.0.9", X_Forwarded_Proto="https") == [*plain, "secure"]


def test_without_a_setting_its_cookie_stays_on_the_app_s_own_site(port: int, tmp_path: Path) -> None:
    with haproxy(tmp_path, [port, port]) as address:
        assert cookie(address, "127.0.0.2") == ["httponly", "samesite=lax"]
