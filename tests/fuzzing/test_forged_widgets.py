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
from mnist_app.workspace.classroom.class_settings import CLASS_LIMITS, ClassSettings

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


def send(test: AppTest, states: WidgetStates, name: str, caplog: pytest.LogCaptureFixture) -> None:
    """Send the page values of that name; it goes on, and the log has no traceback."""
    caplog.clear()
    with caplog.at_level(logging.INFO):
        test._run(states)
    assert not test.exception, (name, [each.value for each in test.exception])
    assert not any(record.exc_info or "Traceback" in record.getMessage() for record in caplog.records), (
        name,
        caplog.text,
    )
    assert test.title, name


def assert_withstands(
    test: AppTest, forgeries: Mapping[str, Forge], caplog: pytest.LogCaptureFixture
) -> None:
    """Send every widget of the page each forged value; the page goes on, and the log has no traceback."""
    ids = widget_ids(test)
    assert ids
    for name, forge in forgeries.items():
        states = WidgetStates()
        for each in ids:
            forge(states.widgets.add(id=each))
        send(test, states, name, caplog)


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


def saved(test: AppTest) -> AppTest:
    """The teacher's page, where other limits were saved in the form."""
    for place, field in enumerate(test.number_input):
        field.set_value(20 + place)
    next(button for button in test.button if button.label == SAVE).click().run()
    assert [each.value for each in test.success]
    return test


def left_and_opened(test: AppTest) -> AppTest:
    """The teacher's page, which was left with limits that were not saved, and opened again."""
    for field in test.number_input:
        field.set_value(30)
    session_of(test).is_teacher = False
    assert not test.run().number_input
    session_of(test).is_teacher = True
    return test.run()


def begun_anew(test: AppTest) -> AppTest:
    """The teacher's page, where an import or a reset had the form begin anew."""
    session_of(test).teacher.begin_rules_form()
    return test.run()


def changed_elsewhere(test: AppTest) -> AppTest:
    """The teacher's page, where another tab has saved other settings since the form was shown."""
    lowest = {name: int(limit.minimum) for name, limit in CLASS_LIMITS.items()}
    resources.keep_class_settings(ClassSettings(**lowest, hidden_pages=frozenset({"learn"})))
    return test


def with_unknown_model(test: AppTest) -> AppTest:
    """The teacher's page, where everyone starts with a model that was deleted."""
    resources.keep_class_settings(ClassSettings(start_model="abcdefghij"))
    return test.run()


def opened_by_link(test: AppTest) -> AppTest:
    """The teacher's page, opened by a lesson link that the class could take over."""
    return visit("teacher", is_teacher=True, most_epochs="7")


SAVE = "Save for the class"
FORMS: dict[str, Callable[[AppTest], AppTest]] = {
    each.__name__: each
    for each in (saved, left_and_opened, begun_anew, changed_elsewhere, with_unknown_model, opened_by_link)
}
"""States of the teacher's form, other than the first."""
SOUND: Forge = lambda state: setattr(state, "double_value", 25.0)  # noqa: E731
ENTRIES: dict[str, Forge] = {
    **{name: forge for name, forge in FORGERIES.items() if name.startswith(("number", "int", "text"))},
    "number 1e400": lambda state: setattr(state, "double_value", float("1e400")),
    "number -1e400": lambda state: setattr(state, "double_value", float("-1e400")),
    "number as text": lambda state: setattr(state, "string_value", "1e400"),
    "number in json": lambda state: setattr(state, "json_value", "NaN"),
    "the smallest number": lambda state: setattr(state, "double_value", 5e-324),
    "a negative int": lambda state: setattr(state, "int_value", -(2**62)),
}


@pytest.fixture
def _own_class(_class: None) -> Iterator[None]:
    """The class, whose settings are again those from before when the test has ended."""
    before = resources.class_settings()
    yield
    resources.keep_class_settings(before)


@pytest.mark.usefixtures("_own_class")
@pytest.mark.parametrize("form", only_first_is_quick("saved", FORMS))
def test_forged_limits_that_are_saved_leave_the_class_within_its_limits(
    form: str, caplog: pytest.LogCaptureFixture
) -> None:
    test = FORMS[form](visit("teacher", is_teacher=True))
    fields = [field.id for field in test.number_input]
    (save,) = (button.id for button in test.button if button.label == SAVE)
    assert len(fields) == len(CLASS_LIMITS)
    for name, forge in {**ENTRIES, "25": SOUND}.items():
        states = WidgetStates()
        for each in fields:
            forge(states.widgets.add(id=each))
        states.widgets.add(id=save, trigger_value=True)
        send(test, states, name, caplog)
        now = resources.class_settings()
        for limited, limit in CLASS_LIMITS.items():
            value = getattr(now, limited)
            assert type(value) is int and limit.minimum <= value <= limit.maximum, (name, limited, value)
    assert now.most_epochs == now.most_waiting_per_person == 25, "a sound number is saved in the same way"


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
