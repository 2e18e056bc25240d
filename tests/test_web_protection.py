"""What a real server tells browsers to load and frame, which names it answers to, and what it keeps shut."""

import base64
import hashlib
import http.client
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import serving
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from mnist_app.errors import InvalidSetting
from mnist_app.settings import Settings
from mnist_app.ui.server.content_policy import SCROLL_TO_TOP
from mnist_app.ui.server.start_settings import check

SCHOOL = {
    "MNIST_APP_ALLOWED_HOSTS": "digits.school.example, *.lab.example",
    "MNIST_APP_FRAME_ANCESTORS": "https://moodle.school.example",
    "MNIST_APP_TRUSTED_PROXIES": "127.0.0.1",
    "MNIST_APP_METRICS": "on",
    "STREAMLIT_SERVER_BASE_URL_PATH": "digits",
    "STREAMLIT_SERVER_CORS_ALLOWED_ORIGINS": "https://digits.school.example https://old.school.example",
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app as `make run` serves it."""
    with serving.serve(tmp_path_factory.mktemp("home")) as server:
        yield server.address


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app of a school that has set all this."""
    with serving.serve(tmp_path_factory.mktemp("school"), **SCHOOL) as server:
        yield server.address


def get(address: str, path: str = "/", **headers: str) -> http.client.HTTPResponse:
    """The answer to that path, its body read."""
    place = urlsplit(address)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request("GET", place.path + path, headers=named)
        answer = connection.getresponse()
        answer.text = answer.read().decode("utf-8", "replace")  # type: ignore[attr-defined]
        return answer
    finally:
        connection.close()


def rules(answer: http.client.HTTPResponse) -> dict[str, list[str]]:
    """What the content security policy allows of each kind."""
    policy = answer.headers["Content-Security-Policy"]
    return {name: allowed for name, *allowed in (rule.split() for rule in policy.split(";"))}


def test_a_page_loads_and_runs_nothing_from_elsewhere(app: str) -> None:
    answer = get(app)
    allowed = rules(answer)
    port = urlsplit(app).port
    assert allowed["default-src"] == ["'self'"] and allowed["object-src"] == ["'none'"]
    assert allowed["connect-src"] == ["'self'", f"ws://localhost:{port}", f"wss://localhost:{port}"]
    everything = {source for sources in allowed.values() for source in sources}
    assert not {"'unsafe-eval'", "*", "http:", "https:"} & everything
    assert "'unsafe-inline'" not in allowed["script-src"]
    inline = re.findall(r"<script>(.*?)</script>", answer.text, re.DOTALL)  # type: ignore[attr-defined]
    inline.append(SCROLL_TO_TOP)
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in inline]
    assert {f"'sha256-{digest}'" for digest in digests} == set(allowed["script-src"][2:])


@pytest.mark.parametrize("name", ["digits", "old"])
def test_a_page_of_a_name_that_the_school_allows_is_let_in(school: str, name: str) -> None:
    stream = f"{school.replace('http', 'ws', 1)}/_stcore/stream"
    origin = Origin(f"https://{name}.school.example")
    with connect(stream, origin=origin, subprotocols=[Subprotocol("streamlit")]) as socket:
        assert socket.response and socket.response.status_code == 101
    with pytest.raises(InvalidStatus):
        connect(stream, origin=Origin("https://evil.example"), subprotocols=[Subprotocol("streamlit")])


def test_a_host_header_cannot_widen_the_policy(app: str) -> None:
    allowed = rules(get(app, Host="a.example wss://evil.example; script-src *"))
    assert allowed["connect-src"] == ["'self'"] and "*" not in allowed["script-src"]


@pytest.mark.parametrize("path", ["/", "/train", "/_stcore/health", "/_stcore/metrics", "/nothing/here.js"])
def test_every_answer_has_the_headers(app: str, path: str) -> None:
    headers = get(app, path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]


def test_a_learning_platform_may_frame_the_app_where_the_school_says_so(school: str) -> None:
    answer = get(school)
    assert rules(answer)["frame-ancestors"] == ["'self'", "https://moodle.school.example"]
    assert "X-Frame-Options" not in answer.headers


@pytest.mark.parametrize(
    ("headers", "is_secure"),
    [
        ({}, False),
        ({"X_Forwarded_Proto": "https"}, True),
        ({"X_Forwarded_Proto": "http"}, False),
        ({"X_Forwarded_Proto": "https, http"}, False),
    ],
)
def test_cookies_are_for_https_alone_behind_a_trusted_proxy_that_speaks_it(
    school: str, headers: dict[str, str], is_secure: bool
) -> None:
    cookie = get(school, "/_stcore/health", **headers).headers["Set-Cookie"]
    assert cookie.startswith("_streamlit_xsrf=") and ("; Secure" in cookie) == is_secure


def test_a_visitor_s_own_header_makes_no_cookie_secure(app: str) -> None:
    cookie = get(app, "/_stcore/health", X_Forwarded_Proto="https").headers["Set-Cookie"]
    assert "Secure" not in cookie


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/metrics/", "/_stcore/agent/openapi.json"])
def test_what_tells_of_the_server_is_closed(app: str, path: str) -> None:
    assert get(app, path).status == 404


@pytest.mark.parametrize("path", ["/auth/login", "/auth/logout", "/oauth2callback?state=a"])
def test_signing_in_is_closed_where_nobody_signs_in(app: str, path: str) -> None:
    answer = get(app, path)
    assert (answer.status, answer.text) == (404, "There is nothing here.")  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", ["/_stcore/agent/openapi.json", "/_stcore/script-health-check"])
def test_the_metrics_alone_can_be_opened(school: str, path: str) -> None:
    assert get(school, "/_stcore/metrics").status == 200
    assert get(school, path).status == 404


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("digits.school.example", 200),
        ("digits.school.example:8501", 200),
        ("pc7.lab.example", 200),
        ("localhost", 200),
        ("evil.example", 400),
        ("lab.example.evil.example", 400),
        ("192.0.2.7", 400),
        ("", 400),
    ],
)
def test_only_allowed_names_are_answered(school: str, host: str, status: int) -> None:
    assert get(school, "/", Host=host).status == status
    assert get(school, "/_stcore/health", Host=host).status == 200, "a proxy's check names no host"


def test_any_name_of_the_machine_is_answered_unless_the_school_lists_some(app: str) -> None:
    assert {get(app, Host=host).status for host in ("pc7", "192.0.2.7:8501", "[::1]", "localhost")} == {200}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MNIST_APP_ALLOWED_HOSTS", "https://digits.school.example"),
        ("MNIST_APP_ALLOWED_HOSTS", "digits.*.example"),
        ("MNIST_APP_ALLOWED_HOSTS", "*"),
        ("MNIST_APP_FRAME_ANCESTORS", "moodle.school.example"),
        ("MNIST_APP_FRAME_ANCESTORS", "https://a.example; script-src *"),
        ("MNIST_APP_FRAME_ANCESTORS", "https://a.example/path"),
        ("MNIST_APP_FRAME_ANCESTORS", "*"),
    ],
)
def test_a_setting_that_is_none_stops_the_server_with_a_sentence(name: str, value: str) -> None:
    with pytest.raises(InvalidSetting, match=f"{name} has “"):
        check(Settings.from_environment({name: value}))
