"""Markdown in names, reasons and addresses is rendered on no page, as a pupil and the teacher see it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from opened import new_tab
from own_home import pages_use
from shown import drawn, session_of
from streamlit.testing.v1 import AppTest
from taught import TEACHER_CODE, visit
from trained import KERAS_WARNING, finished_run

from mnist_app.ink.drawing import Drawing
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.settings import Settings
from mnist_app.ui.frame import navigation
from mnist_app.ui.parts.canvas_controls import written_strokes
from mnist_app.ui.session.draw_page import DrawPage
from mnist_app.ui.session.page_memory import LookInside
from mnist_app.ui.shared import resources
from mnist_app.workspace.drawings.drawing_store import Drawings
from mnist_app.workspace.runs.records import Status
from mnist_app.workspace.runs.run_store import Store

IMAGE, LINK, SHORTCODES = "![](//host/a.png)", "[Sign in](//host/a)", ":red[x] :smile: $x$ https://host/a"
HTML = "<img src=//host/a><a href=//host/a>in</a>"
REASON = f"{IMAGE} {LINK} {SHORTCODES} {HTML}"
PAGES = [page.name for page in (navigation.ALWAYS_SEEN, *navigation.OTHERS, navigation.TEACHER)]
PLAIN = {"text", "arrow_data_frame", "selectbox", "html", "code", "vega_lite_chart", "bidi_component"}
"""Elements that render no Markdown in what they show, or are looked at otherwise."""


class Tags(HTMLParser):
    """Remembers what links and images there are to another host."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        places = [value or "" for name, value in attributes if name in ("src", "href")]
        self.found += [tag for place in places if "//host" in place]


@pytest.fixture(scope="module")
def run_ids(settings: Settings, warm: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """A home in which all that can be named is named in Markdown; a finished and a failed run's ids."""
    for name in ("datasets", "evaluations"):
        (settings.home / name).mkdir(exist_ok=True)
    home = tmp_path_factory.mktemp("hostile")
    for name in ("datasets", "evaluations"):
        (home / name).symlink_to(settings.home / name, target_is_directory=True)
    with pages_use(replace(settings, home=home, database=None), MNIST_APP_TEACHER_CODE=TEACHER_CODE) as store:
        yield _fill(store)


def _fill(store: Store) -> list[str]:
    finished = finished_run(store, resources.model_files(), LINK, "owner-0")
    ids = [finished.id]
    for owner, status in (("owner-1", Status.FAILED), ("owner-2", Status.DIVERGED)):
        lease = store.start(TrainingConfig(preset="dense", name=IMAGE), "test", owner=owner)
        store.finish(lease, status, reason=REASON)
        ids.append(lease.run_id)
    for number, name in enumerate((IMAGE, LINK, ":red[x]")):
        resources.people().rename(f"owner-{number}", name)
        strokes = written_strokes(number, 20, np.random.default_rng(number))
        Drawings(store).keep(Drawing.from_strokes(strokes), number, f"owner-{number}", person=name)
    return ids


def rendered(test: AppTest) -> Iterator[str]:
    """All that the page has rendered as Markdown, with what escapes and breaks it."""
    for element in test:
        proto = getattr(element, "proto", None)
        if proto is not None and element.type not in PLAIN:
            for field, value in proto.ListFields():
                if isinstance(value, str) and field.name in ("body", "label", "help", "text", "caption"):
                    yield value


WORKS = re.compile(r"(?<!\\)\]\((?=//host)|https?://host|:red\[|:smile:|(?<!\\)\$x|(?<!\\)<img")
"""What works as Markdown, because it is neither escaped nor broken up."""


def assert_shown_as_text(test: AppTest) -> None:
    """No mark of Markdown from outside works, and no HTML from outside is there."""
    assert not test.exception
    for text in rendered(test):
        assert not WORKS.search(text), text
    for element in test.get("html"):
        tags = Tags()
        tags.feed(element.proto.body)
        assert not tags.found, element.proto.body


@pytest.mark.filterwarnings(KERAS_WARNING)
@pytest.mark.parametrize("is_teacher", [False, True])
@pytest.mark.parametrize("page", PAGES)
def test_nothing_from_outside_is_rendered(page: str, is_teacher: bool, run_ids: list[str]) -> None:
    for number, run_id in enumerate((*run_ids, IMAGE, LINK)):
        words = {"chapter": REASON} if page == "learn" else {"preset": LINK, "epochs": IMAGE, "hide": REASON}
        test = visit(page, is_teacher, run=run_id, model=run_id, **words)
        assert_shown_as_text(test)
        if page == "runs":
            session_of(test).runs.chosen = tuple(run_ids if number % 2 else run_ids[:1])
            assert_shown_as_text(test.run())
        if page not in ("train", "runs", "class_drawings"):
            break
    if is_teacher and page == "teacher":
        assert_shown_as_text(visit(page, True, view="leaderboard"))


def draw_page(is_teacher: bool, page: DrawPage) -> AppTest:
    """The Draw page with something to notice and two models compared."""
    test = new_tab()
    session_of(test).draw, session_of(test).is_teacher = page, is_teacher
    session_of(test).look_inside = LookInside("Two models")
    session_of(test).notice = REASON
    test.query_params["hide"] = REASON
    return test.run()


@pytest.mark.filterwarnings(KERAS_WARNING)
@pytest.mark.parametrize("is_teacher", [False, True])
def test_the_draw_page_renders_nothing_from_outside(is_teacher: bool, run_ids: list[str]) -> None:
    test = draw_page(is_teacher, DrawPage(is_restored=True, canvas=drawn(3)))
    assert_shown_as_text(test)
    assert any("Sign in" in warning.value for warning in test.warning), "the notice"
    compared = [each.proto.body for each in test.get("html") if 'class="two-models"' in each.proto.body]
    assert len(compared) == 1 and "Sign in" in compared[0], "the run's name"


@pytest.mark.filterwarnings(KERAS_WARNING)
def test_why_a_picture_cannot_be_read_is_text(run_ids: list[str]) -> None:
    page = DrawPage(is_restored=True, input_way="Picture", picture_error=REASON)
    test = draw_page(False, page)
    assert_shown_as_text(test)
    assert any("Sign in" in error.value for error in test.error)
