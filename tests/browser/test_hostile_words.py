"""HTML, Markdown, marks that turn the writing, 10,000 characters, nulls, wherever text comes in: are text."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect
from teaching import CODE, serve_with_teacher
from visiting import FIRST_EVALUATION, at_rest, visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MARKUP = "<img src=x onerror=window.hit=1>**b**"
MARKDOWN = (
    "![](//host.test/a) [in](//host.test/a) :red[x] :smile: :material/home: $x$ www.host.test a@host.test"
)
WORDS = (MARKUP, MARKDOWN, "\u202egnihtyreve \u2066turns", "x" * 10_000, "a\x00b")
PLACES = (
    ("train?preset=", "Train a network"),
    ("train?epochs=", "Train a network"),
    ("train?name=", "Train a network"),
    ("train?run=", "Train a network"),
    ("runs?run=", "Runs"),
    ("test_images?model=", "Test images"),
    ("class_drawings?run=", "Class drawings"),
    ("learn?chapter=", "Learn"),
    ("learn?preset=", "Learn"),
    ("teacher?view=", "Teacher"),
)
"""Addresses that take words, and the title of the page that they open."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app with a teacher's code."""
    with serve_with_teacher(tmp_path_factory.mktemp("words")) as address:
        yield address


def assert_is_text(page: Page) -> None:
    """Nothing that came as text was taken for a part of the page, and no error of the program is shown."""
    assert page.evaluate("window.hit") is None
    assert page.locator("img[src=x]").count() == 0
    assert page.locator("[src*='host.test'], [href*='host.test']").count() == 0
    assert page.get_by_text("😄").count() == page.locator(".katex, .stMarkdownColoredText").count() == 0
    assert page.get_by_test_id("stException").count() == 0


@pytest.mark.parametrize("word", WORDS, ids=["markup", "markdown", "turned", "long", "null"])
def test_any_word_in_an_address_opens_the_page(served: str, browser: Browser, word: str) -> None:
    with visitor(browser, 1280, 720) as context:
        page = context.new_page()
        for place, title in PLACES:
            page.goto(f"{served}/{place}{quote(word)}")
            expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
            expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=FIRST_EVALUATION)
            assert_is_text(page)


def test_a_name_and_a_run_of_markup_are_text_for_the_teacher(served: str, browser: Browser) -> None:
    with visitor(browser, 1280, 720) as teacher, visitor(browser, 1280, 720) as pupil:
        desk = pupil.new_page()
        desk.goto(f"{served}/train?preset=accurate&dataset=synthetic&name={quote(MARKUP)}")
        desk.get_by_role("button", name="Train", exact=True).click()
        sidebar = desk.get_by_test_id("stSidebar")  # the page asks too, for where it is collapsed
        field = sidebar.get_by_label("Your name (for the class to see)")
        field.wait_for()
        at_rest(desk)
        field.fill("\u202eZoë")
        sidebar.get_by_role("button", name="Save").click()
        expect(sidebar.get_by_text("This name has characters in it that cannot be seen")).to_be_visible()
        field.fill(MARKUP)
        sidebar.get_by_role("button", name="Save").click()
        page = teacher.new_page()
        for word in (MARKUP, MARKDOWN, *WORDS[2:4]):
            page.goto(f"{served}/teacher")  # a new session: a wrong code delays the next one of its session
            page.get_by_label("Teacher's code").wait_for()
            at_rest(page)
            page.get_by_label("Teacher's code").fill(word)
            page.get_by_role("button", name="Open").click()
            expect(page.get_by_text("That is not the teacher's code")).to_be_visible()
        page.goto(f"{served}/teacher")
        page.get_by_label("Teacher's code").wait_for()
        at_rest(page)
        page.get_by_label("Teacher's code").fill(CODE)
        page.get_by_role("button", name="Open").click()
        expect(page.get_by_text(MARKUP).first).to_be_visible()
        assert_is_text(page)
        for other, title in (("runs", "Runs"), ("class_drawings", "Class drawings")):
            page.goto(f"{served}/{other}")
            expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
            assert_is_text(page)
        assert_is_text(desk)
        desk.get_by_role("button", name="Stop").click()
