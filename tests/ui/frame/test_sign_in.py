"""Who gets in, and by what name; without the setting, and without a provider."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from opened import new_tab
from streamlit.testing.v1 import AppTest

from mnist_app.settings import Settings
from mnist_app.ui.frame.sign_in import NOT_SET_UP, is_member, proposed_name
from mnist_app.ui.session.draw_page import DrawPage
from mnist_app.ui.shared import resources
from mnist_app.workspace.classroom.person_name import check_person

ANY_CLAIM = st.none() | st.integers() | st.text(max_size=60)
MEMBERS = ("@school.example", "guest@elsewhere.example")


@pytest.fixture(autouse=True)
def _settings_read_anew() -> Iterator[None]:
    resources.settings.clear()
    yield
    resources.settings.clear()


def visit() -> AppTest:
    test = new_tab(DrawPage(is_restored=True))
    test.run()
    assert not test.exception
    return test


@pytest.mark.parametrize("value", ["", "off", "0", "No"])
def test_without_the_setting_everybody_comes_in(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("MNIST_APP_SIGN_IN", value)
    test = visit()
    assert any(button.label == "Delete my runs and drawings" for button in test.sidebar.button)
    assert not any(button.label in ("Sign in", "Sign out") for button in test.button)


def test_without_a_provider_nobody_comes_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNIST_APP_SIGN_IN", "on")
    test = visit()
    assert [error.value for error in test.error] == [NOT_SET_UP]
    assert not test.button and not test.sidebar.button


def test_the_settings_name_the_members() -> None:
    environment = {"MNIST_APP_SIGN_IN": "on", "MNIST_APP_MEMBERS": " @School.example, ada@a.example,, "}
    settings = Settings.from_environment(environment)
    assert settings.sign_in and settings.members == ("@school.example", "ada@a.example")
    assert Settings.from_environment({}).members == ()


@pytest.mark.parametrize(
    ("claims", "is_in"),
    [
        ({"email": "Ada@School.Example", "email_verified": True}, True),
        ({"email": "ada@school.example"}, True),
        ({"email": "guest@elsewhere.example"}, True),
        ({"email": "ada@school.example", "email_verified": False}, False),
        ({"email": "ada@notschool.example.evil"}, False),
        ({"email": "ada@evil-school.example"}, False),
        ({"email": "other-guest@elsewhere.example"}, False),
        ({"email": None}, False),
        ({"name": "Ada"}, False),
    ],
)
def test_only_members_get_in(claims: dict[str, Any], is_in: bool) -> None:
    assert is_member(claims, MEMBERS) is is_in
    assert is_member(claims, ()), "whom the provider knows, where no members are named"


@hypothesis_settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["name", "given_name"]), ANY_CLAIM))
def test_whatever_the_provider_says_gives_a_name_or_none(claims: dict[str, Any]) -> None:
    name = proposed_name(claims)
    assert check_person(name) == name


def test_the_name_that_is_proposed() -> None:
    assert proposed_name({"name": "Ada", "given_name": "A."}) == "Ada"
    assert proposed_name({"name": "", "preferred_username": "ada"}) == "ada"
    assert proposed_name({"name": "\u202eevil"}) == ""
