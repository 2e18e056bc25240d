"""Whose a session is: asked on whichever page is opened first, and nothing is anybody else's meanwhile."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from answering import answer, open_directly, questions
from own_home import pages_use
from shown import session_of
from streamlit.testing.v1 import AppTest
from taught import TEACHER_CODE
from trained import KERAS_WARNING, finished_run

from mnist_app.ink.drawing import Drawing
from mnist_app.learning.training.fine_tuning import FEWEST_DRAWINGS
from mnist_app.settings import Settings
from mnist_app.ui.frame import navigation
from mnist_app.ui.frame.person import LABEL
from mnist_app.ui.parts.canvas_controls import written_strokes
from mnist_app.ui.shared import resources
from mnist_app.workspace.classroom.people import People
from mnist_app.workspace.drawings.drawing_store import Drawings
from mnist_app.workspace.runs.run_store import Store

TOKEN, OTHER = "the-token-the-browser-keeps", "somebody-else-entirely-0000"
PAGES = [page.name for page in (navigation.ALWAYS_SEEN, *navigation.OTHERS, navigation.TEACHER)]
ACTS = {
    "train": ("Train", {"dataset": "synthetic"}),
    "learn": ("Train on 500 images", {"chapter": "training", "preset": "dense"}),
    "class_drawings": ("Train", {}),
}
"""The buttons that make a run at one press."""


@pytest.fixture(scope="module")
def store(settings: Settings, warm: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store with a run and enough drawings to train with, which the pages use; no worker."""
    home = tmp_path_factory.mktemp("identity")
    for name in ("datasets", "evaluations"):  # what takes long to make
        (settings.home / name).mkdir(exist_ok=True)
        (home / name).symlink_to(settings.home / name, target_is_directory=True)
    with pages_use(replace(settings, home=home, database=None), MNIST_APP_TEACHER_CODE=TEACHER_CODE) as store:
        finished_run(store, resources.model_files(), owner=OTHER)
        random = np.random.default_rng(3)
        for number in range(FEWEST_DRAWINGS):
            digit = number % 10
            drawing = Drawing.from_strokes(written_strokes(digit, 20, random))
            Drawings(store).keep(drawing, digit, OTHER)
        yield store


def press(test: AppTest, label: str) -> None:
    """Press a button; the page is not run yet."""
    next(button for button in test.main.button if button.label == label).click()


def owners(store: Store) -> set[str]:
    """Everybody who has a run, by their tokens."""
    return {run.owner for run in store.runs()}


@pytest.mark.parametrize("page", PAGES)
def test_each_page_asks_the_browser_until_it_has_answered(page: str, store: Store) -> None:
    test = open_directly(page)
    assert len(questions(test)) == 1
    test.run()
    assert len(questions(test)) == 1, "no answer has come"
    answer(test, TOKEN, "Zoë")
    assert session_of(test).owner == TOKEN
    assert session_of(test).identity.name == "Zoë"
    if page != navigation.ALWAYS_SEEN.name:
        assert questions(test) == [], "it is not asked again"


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.filterwarnings(KERAS_WARNING)
def test_nothing_is_made_or_removed_before_the_answer(page: str, store: Store) -> None:
    before = (store.runs(), len(Drawings(store).find()))
    test = open_directly(page, **ACTS.get(page, ("", {}))[1])
    for button in [*test.button]:
        if not button.disabled and not button.label.startswith(("Back", "A random", "Show")):
            button.click()
    test.run()
    assert (store.runs(), len(Drawings(store).find())) == before
    assert People(store).name(session_of(test).owner) == ""


@pytest.mark.parametrize("page", ACTS)
@pytest.mark.parametrize("at_once", [True, False])
def test_what_is_pressed_before_the_answer_is_done_after_it(page: str, at_once: bool, store: Store) -> None:
    label, address = ACTS[page]
    before = {run.id for run in store.runs()}
    test = open_directly(page, **address)
    press(test, label)
    if not at_once:
        test.run()
        assert not test.exception
    answer(test, TOKEN)
    made = [run for run in store.runs() if run.id not in before]
    assert [run.owner for run in made] == [TOKEN]
    assert owners(store) <= {OTHER, TOKEN}
    resources.queue().cancel(made[0].id)


def test_a_name_given_before_the_answer_is_the_browser_s(store: Store) -> None:
    test = open_directly("runs")
    next(field for field in test.text_input if field.label == LABEL).set_value("Mia")
    next(button for button in test.button if button.label == "Save").click()
    test.run()
    assert not session_of(test).identity.is_new_to_browser, "or the browser would lose its token"
    answer(test, TOKEN, "Zoë")
    assert session_of(test).identity.name == "Mia"
    assert People(store).name(TOKEN) == "Mia"
    assert People(store).name(session_of(test).owner) == "Mia"


def test_an_answer_is_acted_on_wherever_its_visitor_has_gone(store: Store) -> None:
    test = open_directly("test_images")
    test.switch_page(f"{navigation.PAGES}/runs.py").run()
    assert len(questions(test)) == 1, "the answer to the page that was left is dropped"
    answer(test, TOKEN)
    assert session_of(test).owner == TOKEN
