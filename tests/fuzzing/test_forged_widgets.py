"""Widget states that no page of ours sends: each page goes on, and the log has no traceback."""

import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import pytest
from damage import PATIENCE
from quick import only_first_is_quick
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.testing.v1 import AppTest

from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.settings import PROJECT, Settings
from mnist_app.workspace.runs.queue import Queue

sys.path.insert(0, str(PROJECT / "tests" / "ui"))

from opened import new_tab, open_page
from own_home import pages_use
from shown import drawn, session_of
from taught import TEACHER_CODE, visit

from mnist_app.ui.frame import navigation
from mnist_app.ui.session.draw_page import DrawPage
from mnist_app.ui.session.page_memory import LookInside
from mnist_app.ui.shared import resources

pytestmark = [
    pytest.mark.timeout(PATIENCE),
    pytest.mark.usefixtures("components_found_once", "streamlit_repaired"),
]
PAGES = [page.name for page in (navigation.ALWAYS_SEEN, *navigation.OTHERS, navigation.TEACHER)]
NUMBERS = (float("nan"), float("inf"), -1e308, 1e19, -1.0, 0.5)
SELECTIONS = (
    "{",
    "null",
    "[]",
    '"text"',
    '{"selection": null}',
    '{"selection": {"rows": [-7, "x", 1e300, null], "columns": 3, "cells": [[1]]}}',
    '{"selection": {"cell": [{"truth": "x", "answer": -4}], "rows": {}}}',
    '{"selection": {"cell": 7, "rows": "ab"}}',
)
"""What tables, charts and components are told to have chosen."""
Forge = Callable[[WidgetState], None]
FORGERIES: dict[str, Forge] = {
    **{
        f"number {value}": lambda state, value=value: setattr(state, "double_value", value)
        for value in NUMBERS
    },
    **{
        f"numbers {value}": lambda state, value=value: state.double_array_value.data.append(value)
        for value in NUMBERS[:3]
    },
    "int": lambda state: setattr(state, "int_value", 2**62),
    "ints": lambda state: state.int_array_value.data.extend([-1, 2**40]),
    "text": lambda state: setattr(state, "string_value", "<b>forged</b>\x00"),
    "texts": lambda state: state.string_array_value.data.extend(["forged", "\ud7ff"]),
    "no texts": lambda state: state.string_array_value.data.extend([]),
    "bytes": lambda state: setattr(state, "bytes_value", b"\xff"),
    "flag": lambda state: setattr(state, "bool_value", True),
    "nothing": lambda state: None,
    **{f"json {text}": lambda state, text=text: setattr(state, "json_value", text) for text in SELECTIONS},
    **{
        f"selected {text}": lambda state, text=text: setattr(state, "string_value", text)
        for text in SELECTIONS
    },
}


@pytest.fixture(scope="module")
def _class(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A class with a teacher and some runs that wait."""
    for name in ("datasets", "evaluations"):
        (settings.home / name).mkdir(exist_ok=True)
    home = tmp_path_factory.mktemp("forged")
    for name in ("datasets", "evaluations"):
        (home / name).symlink_to(settings.home / name, target_is_directory=True)
    with pages_use(replace(settings, home=home, database=None), MNIST_APP_TEACHER_CODE=TEACHER_CODE) as store:
        for _ in range(3):
            Queue(store).submit(TrainingConfig(preset="dense", dataset="synthetic"), "owner")
        yield


def widget_ids(test: AppTest) -> list[str]:
    """The ids of all widgets on the page: Streamlit's begin alike."""
    protos = [getattr(element, "proto", None) for element in test]
    return [proto.id for proto in protos if str(getattr(proto, "id", "")).startswith("$$ID")]


def assert_withstands(
    test: AppTest, forgeries: Mapping[str, Forge], caplog: pytest.LogCaptureFixture
) -> None:
    """Send every widget of the page each forged value; the page goes on, and the log has no traceback."""
    ids = widget_ids(test)
    assert ids
    for name, forge in forgeries.items():
        caplog.clear()
        states = WidgetStates()
        for each in ids:
            forge(states.widgets.add(id=each))
        with caplog.at_level(logging.INFO):
            test._run(states)
        assert not test.exception, (name, [each.value for each in test.exception])
        assert not any(record.exc_info or "Traceback" in record.getMessage() for record in caplog.records), (
            name,
            caplog.text,
        )
        assert test.title, name


@pytest.mark.usefixtures("_class")
@pytest.mark.parametrize("page", only_first_is_quick("train", PAGES))
def test_forged_values_leave_the_page_and_the_log_alone(page: str, caplog: pytest.LogCaptureFixture) -> None:
    assert_withstands(visit(page, is_teacher=True), FORGERIES, caplog)


def chosen_run() -> AppTest:
    """Runs, where one is chosen."""
    test = visit("runs", is_teacher=True)
    session_of(test).runs.chosen = (resources.store().runs()[0].id,)
    return test.run()


def open_view(view: str) -> AppTest:
    """Draw, with a digit on the canvas and a view of Look inside."""
    test = new_tab(DrawPage(is_restored=True, canvas=drawn(7)))
    session_of(test).look_inside = LookInside(view)
    return open_page(test)


STATES: dict[str, Callable[[], AppTest]] = {
    "a run chosen": chosen_run,
    "what if": lambda: open_view("What if"),
    "two models": lambda: open_view("Two models"),
    **{
        f"chapter {name}": lambda name=name: visit("learn", chapter=name, preset="dense")
        for name in ("layers", "training")
    },
}
"""States of pages, other than the first, that have number fields and sliders."""


@pytest.mark.usefixtures("_class")
@pytest.mark.parametrize("state", only_first_is_quick("a run chosen", STATES))
def test_forged_numbers_do_so_in_other_states(state: str, caplog: pytest.LogCaptureFixture) -> None:
    numbers = {name: forge for name, forge in FORGERIES.items() if name.startswith(("number", "int"))}
    assert_withstands(STATES[state](), numbers, caplog)


@pytest.mark.usefixtures("_class")
@pytest.mark.parametrize("foreign", ["", "x", "person", "owner", "$$ID", "$$ID-0-y"])
def test_a_value_with_an_id_of_no_widget_is_dropped(foreign: str, caplog: pytest.LogCaptureFixture) -> None:
    test = visit("train", is_teacher=True)
    states = WidgetStates()
    states.widgets.add(id=foreign, bool_value=True)
    with caplog.at_level(logging.INFO):
        for sent in (states, WidgetStates()):  # the damage used to show in the next run, too
            test._run(sent)
            assert not test.exception
            assert test.title
    assert not any(record.exc_info or "Traceback" in record.getMessage() for record in caplog.records)
