"""Single sign-on with a real provider: only members get in, by the name that the school knows, and out."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from school import host_of, open_school, secrets_toml
from visiting import canvas_of, serve, visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app, with a school beside it whose members get in."""
    home = tmp_path_factory.mktemp("home")
    with open_school() as school, pytest.MonkeyPatch.context() as monkeypatch:
        (home / ".streamlit").mkdir()
        (home / ".streamlit" / "secrets.toml").write_text(secrets_toml(school), encoding="utf-8")
        monkeypatch.setenv("HOME", str(home))
        monkeypatch.setenv("MNIST_APP_SIGN_IN", "on")
        monkeypatch.setenv("MNIST_APP_MEMBERS", "@school.example")
        with serve(home) as address:
            yield address


@pytest.fixture
def page(app: str, browser: Browser) -> Iterator[Page]:
    with visitor(browser, 1280, 720) as context:
        page = context.new_page()
        page.goto(app)
        yield page


def sign_in(page: Page, person: str) -> None:
    """By the button, and at the school by one's name."""
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name=person).click()


def test_a_member_gets_in_and_out_again(page: Page, app: str) -> None:
    expect(page.get_by_text("This is for members of the school.")).to_be_visible()
    expect(canvas_of(page)).to_have_count(0)
    expect(page.get_by_role("link", name="Train")).to_have_count(0)
    sign_in(page, "ada")
    canvas_of(page).wait_for()
    assert host_of(page.url) == host_of(app)
    expect(page.get_by_text("ada@school.example")).to_be_visible()
    page.get_by_text("You", exact=True).click()
    expect(page.get_by_label("Your name (for the class to see)")).to_have_value("Ada <b>Lovelace</b>")
    page.reload()
    canvas_of(page).wait_for()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(canvas_of(page)).to_have_count(0)


def test_somebody_else_is_told_so(page: Page) -> None:
    sign_in(page, "eve")
    expect(page.get_by_text("not one of the school's")).to_be_visible()
    expect(canvas_of(page)).to_have_count(0)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_who_came_by_a_link_is_told_to_open_it_again(page: Page, app: str) -> None:
    again = page.get_by_text("open it again after you have signed in")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    expect(again).to_have_count(0)
    page.goto(f"{app}/train?preset=dense&epochs=2")
    expect(again).to_be_visible()


def test_every_page_has_the_same_door(page: Page, app: str) -> None:
    for name in ("train", "runs", "test_images", "class_drawings", "learn"):
        page.goto(f"{app}/{name}")
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        expect(page.get_by_role("link", name="Draw")).to_have_count(0)
