"""A name of one's own, and the removal of what is one's own, in a real Chromium."""

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, WebSocketRoute, expect
from test_draw import SEVEN, draw, expect_answer
from visiting import at_rest, canvas_of, open_draw_page, visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LESSON = "train?preset=dense&dataset=synthetic&epochs=1&train_size=500"
KEPT = "['mnist-app.owner', 'mnist-app.person'].map((key) => localStorage.getItem(key))"


def open_train_page(app: str, context: BrowserContext) -> Page:
    page = context.new_page()
    page.goto(f"{app}/{LESSON}")
    page.get_by_role("heading", name="Train a network").wait_for()
    return page


def name_field(page: Page) -> Locator:
    """In the sidebar or, where that is not seen, on the page."""
    return page.get_by_label("Your name (for the class to see)").filter(visible=True)


def question(page: Page) -> Locator:
    """The button that only the question has."""
    return page.get_by_role("button", name="Rather not")


def see_you(page: Page) -> None:
    """Open what the sidebar tells of oneself."""
    page.get_by_test_id("stSidebar").locator("summary", has_text="You").click()


def give_name(page: Page, name: str) -> None:
    name_field(page).wait_for()
    at_rest(page)
    name_field(page).fill(name)
    page.get_by_role("button", name="Save").click()


def test_a_name_is_asked_for_once_and_is_known_after_a_refresh(app: str, context: BrowserContext) -> None:
    page = open_train_page(app, context)
    page.get_by_role("button", name="Train", exact=True).click()
    expect(question(page)).to_be_visible()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    give_name(page, "Zoë <b>")
    expect(question(page)).to_be_hidden()
    page.wait_for_function(f"() => {KEPT}[1] === 'Zoë <b>'")
    page.reload()
    see_you(page)
    expect(name_field(page)).to_have_value("Zoë <b>")
    give_name(page, "\u202eZoë")
    expect(page.get_by_text("This name has characters in it that cannot be seen")).to_be_visible()
    give_name(page, "Ada")
    page.wait_for_function(f"() => {KEPT}[1] === 'Ada'")
    tab = open_draw_page(app, context)
    see_you(tab)
    expect(name_field(tab)).to_have_value("Ada")


def test_a_kept_drawing_asks_and_nothing_moves(app: str, browser: Browser) -> None:
    with visitor(browser, 1280, 720) as first, visitor(browser, 1280, 720) as second:
        page = open_draw_page(app, first)
        draw(page, SEVEN)
        expect_answer(page, 7)
        before = [canvas_of(page).bounding_box(), page.get_by_test_id("digit").bounding_box()]
        page.get_by_role("button", name="Yes").click()
        expect(question(page)).to_be_visible()
        assert [canvas_of(page).bounding_box(), page.get_by_test_id("digit").bounding_box()] == before
        expect(page.get_by_text("Kept as a 7")).to_be_visible()
        give_name(page, "Mia")
        expect(question(page)).to_be_hidden()
        other = second.new_page()
        other.goto(f"{app}/class_drawings")
        expect(other.get_by_role("img", name="A 7, drawn by Mia")).to_be_visible()


def test_on_a_telephone_the_page_asks_and_nothing_moves(app: str, browser: Browser) -> None:
    with visitor(browser, 390, 844, touch=True) as context:
        page = open_draw_page(app, context)
        draw(page, SEVEN)
        expect_answer(page, 7)
        yes = page.get_by_role("button", name="Yes")
        yes.scroll_into_view_if_needed()
        before = page.get_by_test_id("digit").bounding_box()
        yes.click()
        main = page.get_by_test_id("stMain")
        field = main.get_by_label("Your name (for the class to see)")
        expect(field).to_be_in_viewport()
        assert page.get_by_test_id("digit").bounding_box() == before
        at_rest(page)
        field.fill("Mia")
        main.get_by_role("button", name="Save").click()
        expect(field).to_have_count(0)
        page.wait_for_function(f"() => {KEPT}[1] === 'Mia'")


def test_what_is_mine_is_deleted_and_the_browser_is_somebody_else_s(
    app: str, context: BrowserContext
) -> None:
    page = open_train_page(app, context)
    page.get_by_role("button", name="Train", exact=True).click()
    question(page).click()
    expect(question(page)).to_be_hidden()
    page.wait_for_function(f"() => {KEPT}[1] === ''")
    token = page.evaluate(KEPT)[0]
    see_you(page)
    page.get_by_role("button", name="Delete my runs and drawings").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("1 run and 0 drawings")).to_be_visible()
    expect(page.get_by_text("Done.", exact=True)).to_be_visible(timeout=240_000)  # the page runs anew for it
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Deleted: 1 run and 0 drawings.")).to_be_visible()
    expect(page.get_by_text("Press Train: the curves")).to_be_visible()
    page.wait_for_function(f"(before) => {KEPT}[0] !== before && {KEPT}[1] === null", arg=token)


def test_who_deletes_in_one_tab_is_somebody_new_in_the_others_too(app: str, context: BrowserContext) -> None:
    page, other = open_train_page(app, context), open_draw_page(app, context)
    draw(other, SEVEN)
    expect_answer(other, 7)
    see_you(page)
    page.get_by_role("button", name="Delete my runs and drawings").click()
    with other.expect_navigation():
        page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect_answer(other, 7)
    other.get_by_role("button", name="Yes").click()
    expect(other.get_by_text("You have kept 1 drawing")).to_be_visible()
    page.get_by_role("button", name="Delete my runs and drawings").click()
    expect(page.get_by_role("dialog").get_by_text("0 runs and 1 drawing")).to_be_visible()


def test_a_run_begun_on_a_page_opened_directly_is_one_s_own(app: str, context: BrowserContext) -> None:
    named = open_train_page(app, context)
    see_you(named)
    give_name(named, "Nia")
    named.wait_for_function(f"() => {KEPT}[1] === 'Nia'")
    token = named.evaluate(KEPT)[0]
    for place in ("learn?chapter=training&preset=dense", "test_images"):
        page = context.new_page()
        page.goto(f"{app}/{place}")
        see_you(page)
        expect(name_field(page)).to_have_value("Nia")
    page = context.pages[1]
    page.get_by_role("button", name="Train on 500 images").click(timeout=240_000)  # the data are loaded
    named.goto(f"{app}/runs")
    see_you(named)
    named.get_by_role("button", name="Delete my runs and drawings").click()
    expect(named.get_by_role("dialog").get_by_text("1 run and 0 drawings")).to_be_visible()
    assert named.evaluate(KEPT) == [token, "Nia"]


@pytest.mark.parametrize("path", ["", "/train"])
def test_an_answer_of_the_browser_that_is_lost_is_given_again(
    app: str, context: BrowserContext, path: str
) -> None:
    page = context.new_page()
    lost: list[str | bytes] = []

    def lose_the_first_answer(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def from_page(message: str | bytes) -> None:
            if not lost and isinstance(message, bytes) and b'"kept"' in message:
                lost.append(message)
            else:
                server.send(message)

        route.on_message(from_page)

    page.route_web_socket(re.compile("_stcore/stream"), lose_the_first_answer)
    page.goto(f"{app}{path}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    if path:
        at_rest(page)
    else:
        canvas_of(page).wait_for()
    assert lost
