"""In a real Chromium: a lesson link in two people's tabs; a class taken away, reset and brought back."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from teaching import open_teacher_page, serve_with_teacher
from visiting import canvas_of, visitor

from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.learning.training.presets import build_model
from mnist_app.settings import Settings
from mnist_app.workspace.classroom.people import People
from mnist_app.workspace.runs.model_files import ModelFiles
from mnist_app.workspace.runs.records import Status
from mnist_app.workspace.runs.run_store import Store

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"),
]
LINK = "/train?preset=dense&dataset=synthetic&epochs=50&most_epochs=4&hide=learn&put_away=camera,optimiser"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Iterator[str]:
    """The app with a teacher's code and a network that somebody has trained."""
    home = tmp_path_factory.mktemp("taught")
    store = Store(replace(settings, home=home, database=None))
    People(store.database).rename("ada", "Ada")
    files, network = ModelFiles(home), build_model("cnn")
    for _ in range(3):  # 2 MB each
        lease = store.start(TrainingConfig(preset="cnn", name="Ada's"), "test", owner="ada")
        sha256 = files.save_model(lease.run_id, network)
        store.finish(lease, Status.FINISHED, test_accuracy=0.9876, model_sha256=sha256)
    store.close()
    with serve_with_teacher(home) as address:
        yield address


def test_a_link_sets_a_pupil_s_tab_and_the_class_when_the_teacher_says_so(
    served: str, browser: Browser
) -> None:
    with visitor(browser, 1280, 720) as teacher, visitor(browser, 1280, 720) as pupil:
        desk = pupil.new_page()
        desk.goto(f"{served}{LINK}")
        expect(desk.get_by_role("textbox", name="Epochs", exact=True)).to_have_value("4")
        expect(desk.get_by_role("textbox", name="Learning rate")).to_have_count(0)
        expect(desk.get_by_role("link", name="Learn")).to_have_count(0)
        desk.reload()
        expect(desk.get_by_role("textbox", name="Epochs", exact=True)).to_have_value("4")
        desk.get_by_role("link", name="Draw", exact=True).click()
        canvas_of(desk).wait_for()
        expect(desk.get_by_role("radio", name="Picture")).to_be_visible()
        expect(desk.get_by_role("radio", name="Camera")).to_have_count(0)
        other = pupil.new_page()
        other.goto(f"{served}/train")
        expect(other.get_by_role("textbox", name="Learning rate")).to_be_visible()
        page = open_teacher_page(served, teacher, LINK.replace("/train", "/teacher"))
        expect(page.get_by_text("It asks for at most 4 epochs")).to_be_visible()
        page.get_by_role("button", name="Use for the whole class").click()
        expect(page.get_by_role("button", name="Use for the whole class")).to_have_count(0)
        other.reload()
        expect(other.get_by_text("Your teacher allows at most 4 epochs.")).to_be_visible()
        expect(other.get_by_role("textbox", name="Learning rate")).to_have_count(0)


def test_a_class_is_downloaded_reset_and_brought_back(served: str, browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "class.zip"
    with visitor(browser, 1280, 720) as context:
        page = open_teacher_page(served, context)
        page.get_by_role("button", name="Write an archive").click()
        expect(page.get_by_text("holds 3 runs, 0 drawings and 1 name")).to_be_visible()
        reset = page.get_by_role("button", name="Reset the class")
        expect(reset).to_have_count(0)
        with page.expect_download() as download:
            page.get_by_role("button", name="Download it").click()
        download.value.save_as(file)
        assert file.stat().st_size > 5_000_000, "more than Streamlit is told to take of a picture"
        reset.click()
        page.get_by_role("dialog").get_by_role("button", name="Keep").click()
        expect(page.get_by_role("dialog")).to_have_count(0)
        reset.click()
        page.get_by_role("dialog").get_by_role("button", name="Reset").click()
        expect(page.get_by_text("The class is reset")).to_be_visible()
        page.get_by_role("button", name="Import an archive").click()
        page.locator("input[type=file]").last.set_input_files(file)
        expect(page.get_by_text("Added: 3 runs and 0 drawings.")).to_be_visible()
        page.keyboard.press("Escape")
        page.get_by_role("link", name="Runs", exact=True).click()
        expect(page.get_by_role("heading", name="Runs")).to_be_visible()
        expect(page.get_by_text("There are no runs yet")).to_have_count(0)
