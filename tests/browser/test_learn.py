"""The Learn page in a real Chromium: chapters, what can be touched, and terms."""

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from visiting import at_rest, visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def open_chapter(app: str, context: BrowserContext, chapter: str, preset: str = "cnn") -> Page:
    """Open a chapter by its address, and wait until nothing on it moves any more."""
    page = context.new_page()
    page.goto(f"{app}/learn?chapter={chapter}&preset={preset}")
    page.get_by_role("heading", level=3).first.wait_for()
    page.get_by_role("button", name=re.compile(r"^(\d\. |Glossary)")).last.wait_for()
    at_rest(page)
    return page


def slider(page: Page, label: str) -> Locator:
    """The slider of that label, a pattern, which it has once as its name."""
    return page.get_by_role("slider", name=re.compile(f"^{label}$"))


def press(slider: Locator, key: str, times: int = 1) -> None:
    """Move a slider by keyboard."""
    slider.focus()
    for _ in range(times):
        slider.press(key)


def test_the_data(app: str, context: BrowserContext) -> None:
    page = open_chapter(app, context, "data")
    number = page.get_by_role("spinbutton", name=re.compile("Training image"))
    number.fill("3")
    number.press("Enter")
    expect(page.get_by_role("img", name=re.compile("Training image 3: a"))).to_be_visible()
    page.get_by_role("radio", name="Test images").click()
    expect(page.get_by_label("Test images of each digit")).to_be_visible()


def test_reshape_and_normalise(app: str, context: BrowserContext) -> None:
    page = open_chapter(app, context, "normalise", "dense")
    press(slider(page, "Row"), "ArrowLeft", 2)
    expect(page.get_by_text("28 × 12 + 14 = 350")).to_be_visible()
    before = page.get_by_text("The ten sums behind it").text_content() or ""
    page.get_by_text("Divide by 255", exact=True).click()
    expect(page.get_by_text("The ten sums behind it")).not_to_have_text(before)


def test_one_hot(app: str, context: BrowserContext) -> None:
    page = open_chapter(app, context, "one-hot")
    page.get_by_role("radio", name="0", exact=True).click()
    expect(
        page.get_by_role("img", name="The digit 0 as ten numbers: 1, 0, 0, 0, 0, 0, 0, 0, 0, 0.")
    ).to_be_visible()


def test_the_layers(app: str, context: BrowserContext) -> None:
    page = open_chapter(app, context, "layers")
    press(slider(page, "Filter").first, "ArrowRight", 5)
    expect(page.get_by_text("filter 5", exact=True)).to_be_visible()
    press(slider(page, "Row").nth(1), "ArrowLeft", 3)
    expect(page.get_by_role("img", name=re.compile("after pooling"))).to_be_visible()
    press(slider(page, "Row").nth(2), "ArrowLeft", 6)
    expect(page.get_by_text("(0 × 13 + 6) × 32 + 0 = 192.")).to_be_visible()
    page.get_by_role("radio", name="tanh").click()
    expect(page.get_by_text(re.compile(r"^tanh\(1\.5\)"))).to_be_visible()
    press(slider(page, "Filters"), "ArrowRight")
    expect(page.get_by_text("3 × 3 × 1 × 33 + 33")).to_be_visible()


def test_the_layers_of_the_dense_network(app: str, context: BrowserContext) -> None:
    page = open_chapter(app, context, "layers", "dense")
    expect(page.get_by_role("row", name="all 101,770")).to_be_visible()
    sums = page.get_by_text("all 784 products together")
    before = sums.text_content() or ""
    press(slider(page, "Neuron"), "ArrowRight")
    expect(sums).not_to_have_text(before)
    press(slider(page, "by"), "ArrowLeft", 2)
    expect(page.get_by_text(re.compile("All ten shares together: 100 %"))).to_be_visible()


def test_loss_and_optimiser(app: str, context: BrowserContext) -> None:
    page = open_chapter(app, context, "loss")
    press(slider(page, r"How likely the guess finds the right digit, \d"), "ArrowRight")
    expect(page.get_by_text("loss = −ln(0.31) = 1.17")).to_be_visible()
    press(slider(page, "Learning rate"), "End")
    expect(page.get_by_text(re.compile("farther out than where it began: it diverges"))).to_be_visible()
    press(slider(page, "Learning rate of SGD"), "End")
    expect(page.get_by_text("SGD diverges").first).to_be_visible()


def test_training(app: str, context: BrowserContext) -> None:
    page = open_chapter(app, context, "training")
    expect(page.get_by_text("18,750", exact=True)).to_be_visible()
    press(slider(page, "Epochs"), "ArrowRight")
    expect(page.get_by_text("20,625", exact=True)).to_be_visible()


def test_testing(app: str, context: BrowserContext) -> None:
    page = open_chapter(app, context, "testing", "dense")
    number = page.get_by_role("spinbutton", name=re.compile("Test image"))
    number.fill("12")
    number.press("Enter")
    expect(page.get_by_text("Number 12 of the test images")).to_be_visible()
    press(slider(page, "Share of 1s in the test set"), "ArrowLeft")
    expect(page.get_by_role("row", name=re.compile(r"always says 1 85\.0 %"))).to_be_visible()


def test_your_own_digit(app: str, context: BrowserContext) -> None:
    page = open_chapter(app, context, "own-digit")
    picture = page.get_by_role("img", name=re.compile("Without: the canvas squeezed"))
    before = picture.get_attribute("src")
    press(slider(page, "To the right"), "ArrowRight", 5)
    expect(picture).not_to_have_attribute("src", before or "")


def test_one_walks_from_chapter_to_chapter_and_begins_at_the_top(app: str, context: BrowserContext) -> None:
    page = open_chapter(app, context, "data")
    page.get_by_role("button", name=re.compile(r"2\. ")).click()
    expect(page.get_by_role("heading", name=re.compile(r"^2\. "))).to_be_in_viewport()
    expect(page).to_have_url(re.compile("chapter=normalise&preset=cnn"))
    page.reload()
    expect(page.get_by_role("heading", name=re.compile(r"^2\. "))).to_be_visible()


def explanation(page: Page, term: str) -> tuple[Locator, Locator]:
    """The button of a marked term, and what explains it."""
    place = page.locator(".explained", has=page.get_by_role("button", name=term, exact=True)).first
    return place.get_by_role("button"), place.get_by_role("note", include_hidden=True)


def test_a_term_explains_itself_by_mouse_and_by_keyboard(app: str, context: BrowserContext) -> None:
    page = open_chapter(app, context, "data")
    button, note = explanation(page, "training images")
    expect(note).to_be_hidden()
    button.hover()
    expect(note).to_be_visible()
    page.mouse.move(0, 0)
    expect(note).to_be_hidden()
    button.focus()
    page.keyboard.press("Enter")
    expect(note).to_contain_text("learns from")
    page.keyboard.press("Escape")
    expect(note).to_be_hidden()
    expect(button).to_be_focused()


def test_a_term_explains_itself_by_a_tap_and_stays_on_the_screen(app: str, browser: Browser) -> None:
    with visitor(browser, 390, 844, touch=True) as context:
        page = open_chapter(app, context, "normalise")
        for button in page.locator("button.term").all():
            button.tap()
            note = page.locator(".explanation:popover-open")
            expect(note).to_have_count(1)
            box = note.bounding_box()
            assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390
            assert box["y"] >= 0 and box["y"] + box["height"] <= 844
            page.keyboard.press("Escape")
            expect(note).to_have_count(0)


def test_terms_explain_themselves_on_other_pages(app: str, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(f"{app}/train")
    button, note = explanation(page, "loss")
    button.click()
    expect(note).to_be_visible()


@pytest.mark.parametrize(
    "chapter", ["data", "normalise", "one-hot", "layers", "loss", "training", "testing", "own-digit"]
)
def test_a_chapter_fits_a_telephone(app: str, browser: Browser, chapter: str) -> None:
    with visitor(browser, 390, 844, touch=True) as context:
        page = open_chapter(app, context, chapter)
        main = page.get_by_test_id("stMain")
        assert main.evaluate("main => main.scrollWidth") <= 390
