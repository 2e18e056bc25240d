"""The Train page in a real Chromium: a network learns while one watches."""

import os
import re
import signal
from pathlib import Path

import pytest
import serving
from playwright.sync_api import Browser, BrowserContext, Page, expect
from test_draw import THREE, draw, expect_answer
from test_runs import button, tick
from visiting import PATIENCE, at_rest, open_draw_page, visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TRAINING = 4 * PATIENCE
"""Milliseconds for a worker to load TensorFlow and to train a small network, on a busy machine."""


def wait_for_third_epoch(page: Page) -> None:
    """Wait until a training of 200 epochs shows its third epoch, or a later one where the page was slower."""
    expect(page.get_by_text(re.compile(r"Epoch ([3-9]|\d{2,}) of 200 · "))).to_be_visible(timeout=TRAINING)


def walk_to_train_page(page: Page, epochs: int) -> None:
    """Walk from the Draw page to the training of the dense network, on MNIST if it is there."""
    page.get_by_role("link", name="Train").click()
    page.get_by_role("radio", name="Dense").click()
    field = page.get_by_role("textbox", name="Epochs")
    expect(field).to_have_value("5")  # this network's own
    at_rest(page)
    field.fill(str(epochs))
    field.press("Enter")
    page.wait_for_url(re.compile(rf"preset=dense&(dataset=synthetic&)?epochs={epochs}\b"))


def press_train(page: Page) -> None:
    """Begin; the address then names the run."""
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_url(re.compile("run=[a-z0-9]{10}"))


POINTS = """name => {
  const line = document.querySelector(`[aria-label^="${name}"] .mark-line path`)?.getAttribute("d") ?? "";
  return (line.match(/[ML]/g) ?? []).length;
}"""
"""How many points the first line of the chart of that name has; the browser draws the line anew each time."""


def wait_for_points(page: Page, name: str, count: int) -> int:
    """Wait until the first line of a chart has so many points; how many it has then."""
    page.wait_for_function(
        f"([name, count]) => ({POINTS})(name) >= count", arg=[name, count], timeout=TRAINING
    )
    return int(page.evaluate(POINTS, name))


def test_the_curves_grow_and_the_network_can_be_drawn_with(app: str, context: BrowserContext) -> None:
    page = open_draw_page(app, context)
    draw(page, THREE)
    expect_answer(page, 3)
    walk_to_train_page(page, epochs=2)
    tens = "[89]" if "dataset=synthetic" in page.url else "9"  # about 90 % of synthetic digits, 97 % of MNIST
    expect(page.get_by_role("checkbox", name="Watch my digit")).to_be_checked()
    press_train(page)
    first_look = wait_for_points(page, "Loss over 2 epochs", 1)
    wait_for_points(page, "Loss over 2 epochs", first_look + 10)
    expect(page.get_by_text("Done.")).to_be_visible(timeout=TRAINING)
    assert wait_for_points(page, "Accuracy over 2 epochs", 40) >= 40
    expect(page.locator(".watched").get_by_test_id("digit")).to_have_text("3")
    expect(page.get_by_test_id("test-accuracy")).to_have_text(re.compile(rf"{tens}\d\.\d\d %"))

    page.get_by_text("Only mistakes").click()
    expect(page.get_by_role("region", name="Test image")).to_contain_text("✗ wrong", timeout=TRAINING)

    page.get_by_role("button", name="Draw with it").click()
    expect(page.get_by_text("Your network", exact=True)).to_be_visible()
    expect_answer(page, 3)
    page.get_by_role("button", name="Draw one for me").click()
    expect(page.get_by_text(re.compile(r"The app drew this \d"))).to_be_visible()
    expect(page.get_by_test_id("digit")).to_have_text(re.compile(r"\d"))


def test_a_refresh_in_mid_run_finds_it_again_and_stop_stops_it(app: str, context: BrowserContext) -> None:
    page = open_draw_page(app, context)
    draw(page, THREE)
    expect_answer(page, 3)
    walk_to_train_page(page, epochs=200)
    press_train(page)
    expect(page.get_by_text(re.compile(r"Epoch \d+ of 200 · "))).to_be_visible(timeout=TRAINING)
    before = wait_for_points(page, "Loss over 200 epochs", 20)
    expect(page.locator(".watched").get_by_test_id("digit")).to_be_visible()

    page.reload()
    expect(page.get_by_text(re.compile(r"Epoch \d+ of 200 · "))).to_be_visible()
    assert wait_for_points(page, "Loss over 200 epochs", before) >= before
    page.get_by_role("button", name="Change").click()
    expect(page.get_by_role("checkbox", name="Watch my digit")).to_be_checked()  # the browser kept it
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Change")).to_be_visible()
    at_rest(page)

    # While one looks back, the training goes on and what is seen stays.
    slider = page.get_by_role("slider", name="Look back, in epochs")
    slider.focus()
    page.keyboard.press("Home")
    caption = page.locator(".watched figcaption")
    expect(caption).to_have_text(re.compile(r"after 0\.\d\d epochs"))
    seen = caption.inner_text()
    wait_for_points(page, "Loss over 200 epochs", before + 1)
    expect(caption).to_have_text(seen)

    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text(re.compile(r"Stopped after \d+\.\d epochs\."))).to_be_visible()
    expect(page.get_by_role("button", name="Draw with it")).to_be_visible()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Nothing is killed outright on this system.")
def test_a_run_outlives_the_server_that_was_killed_and_can_be_continued(
    tmp_path: Path, browser: Browser
) -> None:
    with serving.serve(tmp_path) as server, visitor(browser, 1280, 720) as context:
        page = open_draw_page(server.address, context)
        walk_to_train_page(page, epochs=200)
        press_train(page)
        expect(page.get_by_text(re.compile(r"Epoch [2-9] of 200 · "))).to_be_visible(timeout=TRAINING)
        token = page.evaluate("localStorage.getItem('mnist-app.owner')")
        run = page.url.split("run=")[1][:10]
        page.close()  # it would complain of the server's end
        os.kill(server.process_id, signal.SIGKILL)
    with serving.serve(tmp_path) as server, visitor(browser, 1280, 720) as context:
        context.add_init_script(
            f"if (location.protocol === 'http:') localStorage.setItem('mnist-app.owner', '{token}')"
        )
        page = context.new_page()
        page.goto(f"{server.address}/train?run={run}")
        expect(page.get_by_text("Interrupted.")).to_be_visible()
        assert wait_for_points(page, "Loss over 200 epochs", 20) >= 20
        page.get_by_role("link", name="Runs").click()
        tick(page, 0)
        button(page, "Continue")
        button(page, "Train further")
        expect(page.get_by_text(re.compile(r"Epoch \d+ of \d+ · "))).to_be_visible(timeout=TRAINING)
        button(page, "Stop")
        expect(page.get_by_text(re.compile(r"Stopped after \d+\.\d epochs\."))).to_be_visible(
            timeout=TRAINING
        )
