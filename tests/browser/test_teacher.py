"""The teacher's page in a real Chromium: what a teacher sets, and what becomes of it in a pupil's window."""

import os
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from teaching import CODE, open_teacher_page, serve_with_teacher
from visiting import at_rest, open_draw_page, visitor

from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.settings import Settings
from mnist_app.workspace.classroom.people import People
from mnist_app.workspace.runs.records import Status
from mnist_app.workspace.runs.run_store import Store

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MARKUP = "<b>Ada</b> **L**"
WORKER = 240_000
"""Milliseconds for a worker to start or to stop, on a busy machine."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Iterator[str]:
    """The app with a teacher's code and a network that two people each have trained."""
    home = tmp_path_factory.mktemp("taught")
    store = Store(replace(settings, home=home, database=None))
    for owner, name, accuracy in (("ada", MARKUP, 0.9876), ("bob", "Bob", 0.9912)):
        People(store.database).rename(owner, name)
        lease = store.start(TrainingConfig(preset="dense", name=f"{owner}'s"), "test", owner=owner)
        store.finish(lease, Status.FINISHED, test_accuracy=accuracy, epoch=5.0)
    store.close()
    with serve_with_teacher(home) as address:
        yield address
    assert CODE not in (home / "server.log").read_text(encoding="utf-8")
    assert os.environ.get("MNIST_APP_TEACHER_CODE") != CODE


def number(page: Page, name: str) -> Locator:
    return page.get_by_role("spinbutton", name=name, exact=True)


def test_what_the_teacher_sets_holds_in_a_pupil_s_window(served: str, browser: Browser) -> None:
    with visitor(browser, 1280, 720) as teacher, visitor(browser, 1280, 720) as pupil:
        desk = open_draw_page(served, pupil)
        page = open_teacher_page(served, teacher)
        expect(page.get_by_role("heading", name="Who is here: 2")).to_be_visible()
        at_rest(page)
        number(page, "Epochs").fill("3")
        number(page, "Epochs").press("Tab")
        page.get_by_role("button", name="Learn", exact=True).click()
        page.get_by_role("button", name="Save for the class").click()
        expect(page.get_by_text("Saved. It applies to everyone")).to_be_visible()
        desk.get_by_role("link", name="Train", exact=True).click()
        expect(desk.get_by_text("Your teacher allows at most 3 epochs.")).to_be_visible()
        expect(desk.get_by_role("textbox", name="Epochs", exact=True)).to_have_value("3")
        expect(page.get_by_role("cell", name="Train", exact=True)).to_be_visible()
        expect(desk.get_by_role("link", name="Learn")).to_have_count(0)
        expect(page.get_by_role("link", name="Learn")).to_be_visible()
        desk.goto(f"{served}/learn")
        expect(desk.get_by_text("Your teacher has hidden this for now.")).to_be_visible()
        desk.close()
        expect(page.get_by_role("heading", name="Who is here: 1")).to_be_visible()


def test_a_run_that_waits_is_moved_to_the_front_and_taken_out(served: str, browser: Browser) -> None:
    with visitor(browser, 1280, 720) as teacher, visitor(browser, 1280, 720) as pupil:
        desk = pupil.new_page()
        desk.goto(f"{served}/train?preset=accurate&dataset=synthetic&epochs=3")
        for place in range(3):
            before = desk.url
            if place:
                desk.get_by_role("button", name="Change").click()
            desk.get_by_role("button", name="Train", exact=True).click()
            expect(desk).not_to_have_url(before)
        page = open_teacher_page(served, teacher)
        at_work = page.get_by_role("heading", name="Trainings: 1 running, 2 waiting")
        expect(at_work).to_be_visible(timeout=WORKER)
        last = page.get_by_text("Number 2 in the queue")
        expect(last).to_be_visible()
        page.get_by_role("button", name="To the front").last.click()
        expect(page.get_by_role("button", name="To the front").first).to_be_disabled()
        for left in (1, 0):
            page.get_by_role("button", name="Cancel").last.click()
            expect(page.get_by_role("heading", name=f"Trainings: 1 running, {left} waiting")).to_be_visible()
        page.get_by_role("button", name="Stop").last.click()
        nothing = page.get_by_role("heading", name="Trainings: 0 running, 0 waiting")
        expect(nothing).to_be_visible(timeout=WORKER)


def test_the_leaderboard_fills_the_screen_with_large_type(served: str, browser: Browser) -> None:
    with visitor(browser, 1280, 720) as context:
        page = open_teacher_page(served, context, "/teacher?view=leaderboard")
        rows = page.get_by_role("row")
        expect(rows.nth(1)).to_contain_text(re.compile("1.*Bob.*99.12 %"))
        expect(rows.nth(2)).to_contain_text(MARKUP)
        expect(page.get_by_test_id("stSidebar")).to_be_hidden()
        size = rows.nth(1).evaluate("row => parseFloat(getComputedStyle(row.cells[1]).fontSize)")
        assert size >= 720 / 25, "a line of text is at least a twenty-fifth of the screen's height"
        page.get_by_role("button", name="Back").click()
        expect(page.get_by_role("heading", name="Who is here")).to_be_visible()
        page.reload()
        expect(page.get_by_label("Teacher's code")).to_be_visible()


def test_wrong_codes_take_time_and_the_page_fits_a_telephone(served: str, browser: Browser) -> None:
    with visitor(browser, 390, 844, touch=True) as context:
        page = open_teacher_page(served, context)
        expect(page.get_by_role("button", name="Save for the class")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.get_by_role("button", name="Leave").click()
        field = page.get_by_label("Teacher's code")
        field.wait_for()
        at_rest(page)
        for wait in (None, 2, 4):
            field.fill("guess")
            field.press("Enter")
            told = (
                f"The next one is checked after {wait} seconds."
                if wait
                else "That is not the teacher's code."
            )
            expect(page.get_by_text(told)).to_be_visible()
            expect(field).to_have_value("")
        field.fill(CODE)
        field.press("Enter")
        expect(page.get_by_text(re.compile("so yours has to wait: about . seconds"))).to_be_visible()
        expect(page.get_by_role("button", name="Save for the class")).to_be_visible()
