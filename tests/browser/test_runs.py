"""The Runs page in a real Chromium: runs opened, compared, taken away, renamed, continued, deleted."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, WebSocketRoute, expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from visiting import at_rest, canvas_of, serve, visitor

from mnist_app.settings import PROJECT

pytestmark = [pytest.mark.browser, pytest.mark.slow]
NAMES = ("first", "<b>bold</b>", "second **too**")
CHECKBOX, ROW = 18, 35
"""Pixels: where a row's box is in the table, and how high rows are."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app with three runs, the last of `NAMES` the newest."""
    home = tmp_path_factory.mktemp("runs")
    for seed, name in enumerate(NAMES):
        settings = ["--preset", "dense", "--dataset", "synthetic", "--epochs", "2", "--train-size", "600"]
        subprocess.run(
            [sys.executable, "-m", "mnist_app", "train", *settings, "--seed", str(seed), "--name", name],
            cwd=PROJECT,
            env={**os.environ, "MNIST_APP_HOME": str(home)},
            check=True,
            capture_output=True,
        )
    with serve(home) as address:
        yield address


def open_runs(address: str, context: BrowserContext) -> Page:
    """Walk to the Runs page and wait for its table."""
    page = context.new_page()
    page.goto(address)
    expect(page.get_by_role("region", name="Answer")).not_to_contain_text("warming up", timeout=240_000)
    is_narrow = page.viewport_size is not None and page.viewport_size["width"] < 700
    if is_narrow:
        page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_role("link", name="Runs").click()
    expect(page.get_by_role("heading", name="Runs")).to_be_attached()
    if is_narrow and page.get_by_test_id("stSidebarCollapseButton").is_visible():
        page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
    expect(cell(page, NAMES[0])).to_be_attached()
    return page


def cell(page: Page, text: str) -> Locator:
    """Cells of a table with exactly this text, which the canvas it is painted on has for screen readers."""
    return page.locator("canvas td[role=gridcell]").filter(has_text=re.compile(f"^{re.escape(text)}$"))


def tick(page: Page, row: int) -> None:
    """Tick the box of a row, counted from 0, once it is there and the table is not about to be built anew."""
    table = page.get_by_test_id("stDataFrameResizable").first
    expect(table.locator("canvas tbody tr").nth(row)).to_be_attached()
    at_rest(page)
    table.click(position={"x": CHECKBOX, "y": ROW * (row + 1) + ROW // 2})


def button(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_several_runs_lie_over_each_other_with_what_differs(served: str, context: BrowserContext) -> None:
    page = open_runs(served, context)
    tick(page, 0)
    tick(page, 1)
    legend = page.get_by_role("list", name="Runs in the charts").get_by_role("listitem")
    expect(legend).to_have_count(2)
    expect(legend.nth(0)).to_contain_text(NAMES[2])
    expect(legend.nth(1)).to_contain_text(NAMES[1])
    expect(cell(page, "seed")).to_be_attached()
    expect(cell(page, "learning rate")).to_have_count(0)
    for chart in page.locator(".stVegaLiteChart").all():
        expect(chart.locator(".mark-line path")).to_have_count(4)


def test_a_run_is_opened_and_drawn_with(served: str, context: BrowserContext) -> None:
    page = open_runs(served, context)
    tick(page, 2)
    button(page, "Open")
    expect(page.get_by_role("heading", name="Train a network")).to_be_visible()
    expect(page).to_have_url(re.compile(r"\brun="))
    page.get_by_role("link", name="Runs").click()
    expect(page.get_by_role("heading", name=NAMES[0])).to_be_visible()
    button(page, "Draw with it")
    expect(page.get_by_role("heading", name="Draw a digit")).to_be_visible()
    expect(page.get_by_test_id("stSidebar")).to_contain_text(NAMES[0])


def test_what_the_browser_answers_late_does_not_bring_back_a_page_that_was_left(
    served: str, context: BrowserContext
) -> None:
    page = open_runs(served, context)
    tick(page, 2)
    button(page, "Open")
    page.wait_for_url(re.compile(r"/train\?.*run="))
    address = page.url
    page.close()
    page = context.new_page()
    held: list[str | bytes] = []
    released: list[str | bytes] = []

    def hold_answer(route: WebSocketRoute) -> None:
        """Keep the browser's answer for the first page back until the app says that it goes on to another."""
        server = route.connect_to_server()

        def from_page(message: str | bytes) -> None:
            request = BackMsg.FromString(message).rerun_script if isinstance(message, bytes) else None
            widgets = request.widget_states.widgets if request else []
            is_answer = any(widget.id.endswith("-browser") for widget in widgets) and not any(
                widget.trigger_value for widget in widgets
            )
            if is_answer and not released:
                held[:] = [message]  # the browser answers again when it is not heard
            else:
                server.send(message)

        def from_server(message: str | bytes) -> None:
            said = ForwardMsg.FromString(message) if isinstance(message, bytes) else None
            if held and said and said.WhichOneof("type") == "page_info_changed":
                released.append(held.pop())
                server.send(released[0])
            route.send(message)

        route.on_message(from_page)
        server.on_message(from_server)

    page.route_web_socket(re.compile("_stcore/stream"), hold_answer)
    page.goto(address)
    expect(page.get_by_role("button", name="Draw with it")).to_be_visible()
    while not held:  # the test's time limit ends this
        page.wait_for_function("() => true")
    button(page, "Draw with it")
    canvas_of(page).wait_for()
    at_rest(page)
    expect(page.get_by_role("heading", name="Draw a digit")).to_be_visible()
    assert released


def test_model_history_and_script_are_taken_away(served: str, context: BrowserContext) -> None:
    page = open_runs(served, context)
    tick(page, 0)
    button(page, "Download")
    contents: dict[str, bytes] = {}
    for name in ("Model (.keras)", "History (.csv)", "Keras script (.py)"):
        with page.expect_download() as download:
            button(page, name)
        path = Path(download.value.path())
        contents[Path(download.value.suggested_filename).suffix] = path.read_bytes()
    assert contents[".keras"].startswith(b"PK")
    assert contents[".csv"].startswith(b"split,step,epoch,loss,accuracy")
    assert contents[".csv"].count(b"validation") == 2
    compile(contents[".py"], "script.py", "exec")


def test_the_page_fits_a_telephone(served: str, browser: Browser) -> None:
    with visitor(browser, 390, 844, touch=True) as context:
        page = open_runs(served, context)
        tick(page, 0)
        expect(page.get_by_role("button", name="Delete", exact=True)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        for name in ("Open", "Draw with it", "Download", "Continue", "Rename", "Delete"):
            box = page.get_by_role("button", name=name, exact=True).bounding_box()
            assert box and box["x"] >= 0 and box["x"] + box["width"] <= 390 and box["height"] >= 44


def test_a_run_is_renamed_continued_and_deleted_after_a_question(
    served: str, context: BrowserContext
) -> None:
    page = open_runs(served, context)
    tick(page, 2)
    button(page, "Rename")
    at_rest(page)
    page.get_by_role("textbox", name="Name", exact=True).fill("renamed <i>x</i>")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="renamed <i>x</i>")).to_be_visible()
    page.keyboard.press("Escape")
    button(page, "Continue")
    at_rest(page)
    page.get_by_role("spinbutton", name="More epochs").fill("1")
    button(page, "Train further")
    expect(page.get_by_text("Done.", exact=True)).to_be_visible(timeout=240_000)
    page.get_by_role("link", name="Runs").click()
    expect(cell(page, "renamed <i>x</i>")).to_have_count(2)
    expect(page.get_by_role("heading", name="renamed <i>x</i>")).to_be_visible()
    button(page, "Delete")
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("renamed <i>x</i>")
    question.get_by_role("button", name="Keep").click()
    expect(question).to_have_count(0)
    expect(cell(page, "renamed <i>x</i>")).to_have_count(2)
    button(page, "Delete")
    question.get_by_role("button", name="Delete").click()
    expect(cell(page, "renamed <i>x</i>")).to_have_count(1)
    expect(question).to_have_count(0)
