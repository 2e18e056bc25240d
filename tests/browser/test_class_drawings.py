"""The Class drawings page in a real Chromium."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from test_draw import SEVEN, THREE, draw, expect_answer
from visiting import at_rest, open_draw_page, serve, share_what_takes_long, visitor

from mnist_app.ink.drawing import Drawing
from mnist_app.ink.synthetic.synthesis import synthesise
from mnist_app.settings import Settings
from mnist_app.workspace.drawings.drawing_store import Drawings
from mnist_app.workspace.runs.run_store import Store

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TRAINED = 240_000
"""Milliseconds for TensorFlow, the test images twice and a short training, on a busy machine."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Iterator[str]:
    """The app with forty drawings of four people."""
    home = tmp_path_factory.mktemp("class")
    share_what_takes_long(home, settings)
    store = Store(replace(settings, home=home))
    images, labels = synthesise(40, seed=5)
    for number, (image, label) in enumerate(zip(images, labels, strict=True)):
        Drawings(store.database).keep(Drawing.from_ink(image), int(label), f"person {number % 4}")
    store.close()
    with serve(home) as address:
        yield address


def open_page(page: Page) -> None:
    if page.viewport_size and page.viewport_size["width"] < 700:
        page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_role("link", name="Class drawings").click()
    expect(page.get_by_role("heading", name="Class drawings")).to_be_visible()


def test_a_drawing_is_kept_seen_removed_after_a_question_and_put_back(served: str, browser: Browser) -> None:
    with visitor(browser, 1280, 720) as context:
        page = open_draw_page(served, context)
        draw(page, SEVEN)
        expect_answer(page, 7)
        page.get_by_role("button", name="Yes").click()
        expect(page.get_by_text("Kept as a 7")).to_be_visible()
        open_page(page)
        mine = page.get_by_role("img", name="A 7, drawn by You")
        expect(mine).to_be_visible()
        assert mine.evaluate("image => getComputedStyle(image).imageRendering") == "pixelated"
        page.get_by_role("button", name="Remove this 7").first.click()
        expect(page.get_by_role("dialog")).to_contain_text("drawn by You")
        page.get_by_role("button", name="Keep").click()
        expect(page.get_by_role("dialog")).to_have_count(0)
        page.get_by_role("button", name="Remove this 7").first.click()
        page.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
        expect(page.get_by_text("A drawing of a 7 was removed.")).to_be_visible()
        expect(mine).to_have_count(0)
        page.get_by_role("button", name="Undo").click()
        expect(mine).to_be_visible()


def test_what_is_exported_can_be_imported_and_a_bad_file_gets_a_sentence(
    served: str, browser: Browser, tmp_path: Path
) -> None:
    with visitor(browser, 1280, 720) as context:
        page = open_draw_page(served, context)
        open_page(page)
        with page.expect_download() as download:
            page.get_by_role("button", name="Export all").click()
        file = tmp_path / "drawings.zip"
        download.value.save_as(file)
        page.get_by_role("button", name="Import").click()
        page.locator("input[type=file]").set_input_files(file)
        expect(page.get_by_text(re.compile(r"^Added: 0 drawings\. Here already: 4\d"))).to_be_visible()
        bad = {"name": "bad.zip", "mimeType": "application/zip", "buffer": file.read_bytes()[:5_000]}
        page.locator("input[type=file]").set_input_files([bad])
        expect(page.get_by_role("alert")).to_contain_text("Nothing was changed")


def test_a_fine_tuning_shows_before_and_after_and_survives_a_refresh(served: str, browser: Browser) -> None:
    with visitor(browser, 1280, 720) as context:
        page = open_draw_page(served, context)
        open_page(page)
        page.get_by_role("spinbutton", name="Epochs").wait_for()
        at_rest(page)
        page.get_by_role("spinbutton", name="Epochs").fill("1")
        page.get_by_role("spinbutton", name="Epochs").press("Tab")
        page.get_by_role("button", name="Train", exact=True).click()
        # Another test's visitor, of a name given by chance, may have kept a drawing, and may be held out too.
        held_out = "(10 drawings of 1 person|(11|20) drawings of 2 people) it did not learn from"
        drawings = page.get_by_role("list", name=re.compile(held_out))
        expect(drawings).to_be_visible(timeout=TRAINED)
        page.reload()
        kept_aside = page.get_by_text(re.compile("of the (10|11|20) drawings kept aside"))
        expect(kept_aside).to_be_visible(timeout=TRAINED)
        for row in drawings.get_by_role("listitem").all():
            expect(row).to_contain_text(re.compile(r"\d+ of (10|11|20)"))
        page.get_by_role("button", name="Draw with it").click()
        draw(page, THREE)
        expect_answer(page, 3)
        expect(page.get_by_text("shipped + class")).to_be_visible()


def test_the_page_fits_a_telephone(served: str, browser: Browser) -> None:
    with visitor(browser, 390, 844, touch=True) as context:
        page = open_draw_page(served, context)
        draw(page, SEVEN)
        expect_answer(page, 7)
        page.get_by_role("button", name="Yes").click()
        expect(page.get_by_text("Kept as a 7")).to_be_visible()
        open_page(page)
        expect(page.get_by_role("button", name="Export all")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        button = page.get_by_role("button", name=re.compile("Remove this")).first.bounding_box()
        assert button and button["width"] >= 44 and button["height"] >= 44
