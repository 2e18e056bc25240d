"""Whose address a connection has: no header helps a visitor to another one."""

import event_loops
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest
from uvicorn import Config

from mnist_app.errors import InvalidSetting
from mnist_app.settings import Settings
from mnist_app.ui.server.real_peer import keep_real_peer
from mnist_app.ui.server.trusted_proxies import MOST_PROXIES, TrustedProxies

PROXIES = TrustedProxies.read(["10.0.0.5", "10.1.0.0/28", "::1", "2001:db8:5::/48", "::ffff:10.2.0.0/124"])
PUPIL = "192.0.2.7"


@pytest.mark.parametrize(
    ("peer", "lines", "visitor"),
    [
        (PUPIL, [], PUPIL),
        (PUPIL, ["198.51.100.1"], PUPIL),  # no proxy wrote this
        ("10.0.0.5", [], "10.0.0.5"),
        ("10.0.0.5", [PUPIL], PUPIL),
        ("10.0.0.5", [f"198.51.100.1, {PUPIL}"], PUPIL),
        ("10.0.0.5", ["198.51.100.1", PUPIL], PUPIL),
        ("10.0.0.5", [f"198.51.100.1, {PUPIL}, 10.1.0.3"], PUPIL),
        ("10.0.0.5", [f"10.1.0.3, {PUPIL}, 10.1.0.3", "10.1.0.4"], PUPIL),
        ("10.0.0.5", ["10.1.0.3"], "10.1.0.3"),
        ("10.1.0.16", [PUPIL], "10.1.0.16"),  # beside the network
        ("127.0.0.1", [PUPIL], PUPIL),  # ::1 is the same machine
        ("::1", [PUPIL], PUPIL),
        ("::ffff:127.0.0.1", [PUPIL], PUPIL),
        ("127.0.0.2", [PUPIL], "127.0.0.2"),
        ("::ffff:10.0.0.5", [f"::ffff:{PUPIL}"], PUPIL),
        ("10.2.0.15", [PUPIL], PUPIL),
        ("2001:db8:5:1::9", [f"[2001:db8:9:1::7]:50123, {PUPIL}:50123"], PUPIL),
        ("10.0.0.5", ["[2001:db8:9:1::7]:50123"], "2001:db8:9:1::/64"),
        ("10.0.0.5", ["2001:db8:9:1:ffff::8"], "2001:db8:9:1::/64"),
        ("fe80::1%eth0", [], "fe80::/64"),
        ("a socket", [PUPIL], "a socket"),
    ],
)
def test_headers_count_as_far_as_trusted_proxies_wrote_them(
    peer: str, lines: list[str], visitor: str
) -> None:
    assert PROXIES.visitor_behind(peer, lines) == visitor


@pytest.mark.parametrize(
    "garbage",
    ["", ",", "unknown", "192.0.2", "192.0.2.7:", "192.0.2.7:x", "[::1", "[::1]x", "1" * 100, "٣.0.2.7"],
)
def test_garbage_is_as_good_as_the_proxy_itself(garbage: str) -> None:
    assert PROXIES.visitor_behind("10.0.0.5", [f"{PUPIL}, {garbage}"]) == "10.0.0.5"


def test_a_very_long_header_is_read_from_the_right_and_not_to_its_end() -> None:
    long = ["198.51.100.1," * 5_000 + "10.1.0.3, " * (MOST_PROXIES + 5) + "10.1.0.4"]
    assert PROXIES.visitor_behind("10.0.0.5", long) == "10.1.0.3"


@given(st.lists(st.text(st.characters(codec="latin-1"), max_size=40), max_size=4))
def test_what_a_visitor_writes_changes_nothing(written: list[str]) -> None:
    assert TrustedProxies().visitor_behind(PUPIL, written) == PUPIL
    assert PROXIES.visitor_behind("10.0.0.5", [*written, PUPIL]) == PUPIL
    assert PROXIES.visitor_behind("10.0.0.5", [", ".join([*written, PUPIL])]) == PUPIL


def test_a_proxy_is_told_from_others() -> None:
    assert PROXIES.trusts("::ffff:10.1.0.9") and PROXIES.trusts("127.0.0.1")
    assert not any(PROXIES.trusts(peer) for peer in (PUPIL, "10.0.0.6", "2001:db8:6::1", "", "10.0.0.5, 1"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("proxy", "“proxy”, which is not an address"),
        ("10.0.0.5/24", "host bits"),
        ("10.0.0.300", "10.0.0.300"),
        ("0.0.0.0/0", "every address"),
        ("::/0", "every address"),
        ("::ffff:0.0.0.0/96", "every address"),
        ("*", "not an address"),
    ],
)
def test_what_is_no_address_and_what_is_everybody_is_refused(text: str, said: str) -> None:
    with pytest.raises(InvalidSetting, match="MNIST_APP_TRUSTED_PROXIES has") as refused:
        TrustedProxies.read([text])
    assert said in str(refused.value) and "List the addresses" in str(refused.value)


def test_the_setting_has_commas() -> None:
    settings = Settings.from_environment({"MNIST_APP_TRUSTED_PROXIES": " 10.0.0.5, 10.1.0.0/28,, ::1 "})
    assert settings.trusted_proxies == ("10.0.0.5", "10.1.0.0/28", "::1")
    assert Settings.from_environment({}).trusted_proxies == ()


def test_uvicorn_leaves_the_peer_of_a_connection_alone() -> None:
    seen: list[object] = []

    async def app(scope: dict[str, object], receive: object, send: object) -> None:
        seen.extend((scope["client"], scope["scheme"]))

    keep_real_peer()
    config = Config(app, lifespan="off", log_config=None)
    config.load()
    headers = [(b"x-forwarded-for", PUPIL.encode()), (b"x-forwarded-proto", b"https")]
    scope = {"type": "http", "client": ("127.0.0.1", 5), "scheme": "http", "headers": headers}
    event_loops.run(config.loaded_app(scope, None, None))
    assert seen == [("127.0.0.1", 5), "http"]


def test_a_page_without_a_connection_is_visited_from_this_machine() -> None:
    def page() -> None:
        import streamlit

        from mnist_app.ui.shared.visitor_address import visitor_address

        streamlit.text(visitor_address())

    assert AppTest.from_function(page).run().text[0].value == "127.0.0.1"
