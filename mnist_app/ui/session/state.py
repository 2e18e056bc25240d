"""Every session key, its default and its meaning. The only place that names them.

A session is one browser tab; a refresh begins a new one, which gets back what the browser kept
(`ui/session/browser_storage.py`).
"""

import secrets
from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.ui.session.page_memory import (
    ClassExport,
    DrawPage,
    Identity,
    ImportResult,
    Keeping,
    LearnPage,
    LookInside,
)
from mnist_app.workspace.classroom.class_settings import ClassSettings
from mnist_app.workspace.drawings.kept_drawing import KeptDrawing

T = TypeVar("T")
RUNS_AT_ONCE = 200
"""Rows that the Runs page shows before older ones are asked for."""

BROWSER = "browser"
"""Key of the component that has the browser keep things."""
BRUSH_WIDGET = "brush_width"
"""Key of the brush's slider."""
INPUT_WAY_WIDGET = "input_way"
"""Key of the choice between pen, picture and camera."""
IT_IS_WIDGET = "it_is"
"""Key of the choice of the digit that a drawing is."""
GALLERY_PERSON_WIDGET = "drawn_by"
"""Key of the choice of a person on the Class drawings page."""
GALLERY_DIGIT_WIDGET = "drawings_of"
"""Key of the choice of a digit there."""
GALLERY_PAGE_WIDGET = "drawings_page"
"""Key of the choice of some of the drawings."""
TUNED_MODEL_WIDGET = "model_tuned"
"""Key of the choice of the model that is fine-tuned."""
TUNED_EPOCHS_WIDGET = "epochs_tuned"
"""Key of the choice for how many epochs."""
ARCHIVE_WIDGET = "archive"
"""Key of the place to give a zip with drawings."""
NAME_WIDGET = "name_of_person"
"""Key of the field for the visitor's name."""
NAME_HERE_WIDGET = "name_of_person_here"
"""Key of the same field on the page, where the sidebar is not seen."""
PRESET_WIDGET = "preset"
"""Key of the choice of a network on the Train page."""
TEST_MODEL_WIDGET = "model_tested"
"""Key of the choice of a model on the Test images page."""
TEST_DATASET_WIDGET = "dataset_tested"
"""Key of the choice of a data set there."""
TRUTH_WIDGET = "truth"
"""Key of the choice of the digit that the images shown there are."""
ANSWER_WIDGET = "answer"
"""Key of the choice of what the network said of them."""
ORDER_WIDGET = "order"
"""Key of the choice of their order."""
IMAGES_PAGE_WIDGET = "images_page"
"""Key of the choice of fifty of them."""
MATRIX_WIDGET = "confusion_matrix"
"""Key of the confusion matrix, whose cells can be clicked."""
WATCH_MINE_WIDGET = "watch_mine"
"""Key of the choice to watch what was drawn while a network trains."""
WATCH_ANY_WIDGET = "watch_any"
"""Key of the choice to watch some digit, where nothing was drawn."""
ONLY_DIGIT_WIDGET = "only_digit"
"""Key of the choice of one digit in the viewer of test images on the Train page."""
ONLY_MISTAKES_WIDGET = "only_mistakes"
"""Key of the choice to see mistakes alone there."""
SHIPPED = "shipped"
"""The model that ships, where a run's id names another."""
LEARN_PRESET_WIDGET = "learn_preset"
"""Key of the choice of a network on the Learn page."""
LEARN_CHAPTER_WIDGET = "learn_chapter"
"""Key of the choice of a chapter there."""
LEARN_IMAGE_WIDGET = "learn_image"
"""Key of the choice of a training image there."""
LOOK_INSIDE_WIDGET = "look_inside"
"""Key of the expander Look inside on the Draw page."""
VIEW_WIDGET = "look_inside_view"
"""Key of the choice of a view in it."""
MAP_LAYER_WIDGET = "map_layer"
"""Key of the choice of a layer whose maps are shown."""
MAP_ORDER_WIDGET = "map_order"
"""Key of the choice of the order of these maps."""
COMPARED_WITH_WIDGET = "compared_with"
"""Key of the choice of the digit that the answer is compared with in What mattered."""
WHAT_IF_CHART_WIDGET = "what_if_chart_of"
"""Key of the choice of a slider whose chart is shown in What if."""
TWO_MODELS_WIDGETS = ("first_of_two_models", "second_of_two_models")
"""Keys of the choices of two models to compare."""
LEADERBOARD_DATASET_WIDGET = "leaderboard_dataset"
"""Key of the choice of a data set on the leaderboard."""
LEADERBOARD_MEASURE_WIDGET = "leaderboard_measure"
"""Key of the choice of what its order goes by."""
CLASS_ARCHIVE_WIDGET = "class_archive"
"""Key of the place to give an archive of a class on the teacher's page."""
CODE_WIDGET = "teacher_code"
"""Key of the field for the teacher's code, which is emptied with each press."""
_DRAW_PAGE = "draw_page"
_KEEPING = "keeping"
_REMOVED_DRAWING = "removed_drawing"
_IMPORT_RESULT = "import_result"
_LEFT_OUT = "left_out"
_LESSON = "lesson"
_LESSON_MESSAGES = "lesson_messages"
_PAGE = "page"
_PRESSES = "presses"
_WAITING_ACTS = "waiting_acts"
_SUBMITTED_RUN = "submitted_run"
_OWNER = "owner"
_IDENTITY = "identity"
_MODEL = "model"
_CHOSEN_RUNS = "chosen_runs"
_RUNS_SHOWN = "runs_shown"
_MODEL_SHOWN = "model_shown"
_NOTICE = "notice"
_UNSEEN_DIGIT = "unseen_digit"
_VIEWER = "test_image_viewer"
_LEARN_PAGE = "learn_page"
_LOOK_INSIDE = "look_inside_memory"
_IS_TEACHER = "is_teacher"
_START_MODEL = "start_model"
_ENTRY_FAULT = "entry_fault"
_CLASS_EXPORT = "class_export"
_CLASS_IMPORT = "class_import"
_LESSON_RULES = "lesson_rules"


def draw_page() -> DrawPage:
    """The Draw page's memory in this session."""
    if _DRAW_PAGE not in st.session_state:
        st.session_state[_DRAW_PAGE] = DrawPage()
    page: DrawPage = st.session_state[_DRAW_PAGE]
    return page


def keeping() -> Keeping:
    """What was kept in this session."""
    if _KEEPING not in st.session_state:
        st.session_state[_KEEPING] = Keeping()
    remembered: Keeping = st.session_state[_KEEPING]
    return remembered


def removed_drawing() -> KeptDrawing | None:
    """The drawing that was removed last in this session, while it can be put back."""
    drawing: KeptDrawing | None = st.session_state.get(_REMOVED_DRAWING)
    return drawing


def set_removed_drawing(drawing: KeptDrawing | None) -> None:
    """Remember what was removed; None once it is back."""
    st.session_state[_REMOVED_DRAWING] = drawing


def import_result() -> ImportResult | None:
    """What came of the last import, while its file is there."""
    result: ImportResult | None = st.session_state.get(_IMPORT_RESULT)
    return result


def left_out() -> str:
    """Return what the last export of drawings left out, in sentences; empty for nothing."""
    sentence: str = st.session_state.get(_LEFT_OUT, "")
    return sentence


def set_left_out(sentence: str) -> None:
    """Remember what an export of drawings left out."""
    st.session_state[_LEFT_OUT] = sentence


def set_import_result(result: ImportResult | None) -> None:
    """Remember what came of it."""
    st.session_state[_IMPORT_RESULT] = result


def set_widgets(page: DrawPage) -> None:
    """Let the page's widgets show what the page remembers, whatever they show now."""
    st.session_state[BRUSH_WIDGET] = page.brush_width
    st.session_state[INPUT_WAY_WIDGET] = page.input_way


def remind_widgets(page: DrawPage) -> None:
    """Give back to the page's widgets what they forgot while they were not shown."""
    st.session_state.setdefault(BRUSH_WIDGET, page.brush_width)
    st.session_state.setdefault(INPUT_WAY_WIDGET, page.input_way)


def lesson() -> TrainingConfig | None:
    """What the Train page's settings are; None before it was opened."""
    config: TrainingConfig | None = st.session_state.get(_LESSON)
    return config


def set_lesson(config: TrainingConfig) -> None:
    """Remember the Train page's settings while one walks about the other pages."""
    st.session_state[_LESSON] = config


def lesson_messages() -> list[str]:
    """What had to be put right in the address that the settings came from."""
    messages: list[str] = st.session_state.get(_LESSON_MESSAGES, [])
    return messages


def set_lesson_messages(messages: list[str]) -> None:
    """Remember what had to be put right."""
    st.session_state[_LESSON_MESSAGES] = messages


def _presses() -> set[str]:
    pressed: set[str] = st.session_state.setdefault(_PRESSES, set())
    return pressed


def press(key: str) -> None:
    """Remember that the button of that key was pressed, until that is acted on."""
    _presses().add(key)


def take_press(key: str) -> bool:
    """Whether that button was pressed and nothing has come of it yet; only once."""
    is_pressed = key in _presses()
    _presses().discard(key)
    return is_pressed


def is_known() -> bool:
    """Return whether the browser has said whose this session is; until then `owner()` is a proposal."""
    return draw_page().is_restored


def act_later(act: Callable[[], None]) -> None:
    """Remember what was asked for before the browser said who asks."""
    st.session_state.setdefault(_WAITING_ACTS, []).append(act)


def take_waiting_acts() -> list[Callable[[], None]]:
    """Return what was remembered so, once."""
    acts: list[Callable[[], None]] = st.session_state.pop(_WAITING_ACTS, [])
    return acts


def current_page() -> str:
    """Return the name of the page that began last; empty before the first."""
    name: str = st.session_state.get(_PAGE, "")
    return name


def begin_page(name: str) -> None:
    """A page begins: what was pressed on another one, and not acted on, is over."""
    if st.session_state.get(_PAGE) != name:
        st.session_state[_PAGE] = name
        _presses().clear()
        set_entry_fault(None)


def set_submitted_run(run_id: str) -> None:
    """Remember which run the address is to name when the page next begins."""
    st.session_state[_SUBMITTED_RUN] = run_id


def take_submitted_run() -> str | None:
    """The id of the run that was submitted since the page last began; only once."""
    run_id: str | None = st.session_state.pop(_SUBMITTED_RUN, None)
    return run_id


def setting_widget(preset: str, field: str) -> str:
    """Key of a setting's control. Each preset has its own, so that another one brings its own values."""
    return f"{preset}-{field}"


def owner() -> str:
    """The token that owns what this visitor makes: the browser's, once it has told it."""
    token: str = st.session_state.setdefault(_OWNER, secrets.token_urlsafe(24))
    return token


def set_owner(token: str) -> None:
    """Take over the token that the browser keeps."""
    st.session_state[_OWNER] = token


def identity() -> Identity:
    """Who this visitor is."""
    known: Identity = st.session_state.setdefault(_IDENTITY, Identity())
    return known


def person() -> str:
    """The visitor's name; empty where none was given."""
    return identity().name or ""


def remind_name_widget() -> None:
    """Let the field for the visitor's name show the name, when that is another than it was."""
    known = identity()
    if known.name_in_field != person() or NAME_WIDGET not in st.session_state:
        known.name_in_field = person()
        st.session_state[NAME_WIDGET] = person() if known.name is not None else known.proposed


def become_somebody_new() -> None:
    """Give the visitor a fresh token, without a name, and forget what was made under the old one."""
    for key in (_OWNER, _IDENTITY, _KEEPING, _REMOVED_DRAWING, _CHOSEN_RUNS, NAME_WIDGET):
        st.session_state.pop(key, None)
    identity().is_new_to_browser = True


def model_in_use() -> str:
    """`shipped`, or the id of the run whose model answers on the Draw page."""
    start_model: str = st.session_state.get(_START_MODEL, SHIPPED)
    return chosen_model() or start_model


def chosen_model() -> str | None:
    """The model that this visitor has chosen; None for one who has left it at that of the class."""
    model: str | None = st.session_state.get(_MODEL)
    return model


def set_start_model(model: str) -> None:
    """Which model answers whoever has chosen none."""
    st.session_state[_START_MODEL] = model


def is_teacher() -> bool:
    """Whether the teacher's code was given in this session."""
    known: bool = st.session_state.get(_IS_TEACHER, False)
    return known


def set_teacher(is_teacher: bool) -> None:
    """Remember, in this session alone, whether it is the teacher's."""
    st.session_state[_IS_TEACHER] = is_teacher


def entry_fault() -> str | None:
    """Why the teacher's page stayed closed at the last try."""
    fault: str | None = st.session_state.get(_ENTRY_FAULT)
    return fault


def set_entry_fault(fault: str | None) -> None:
    """Remember it; None once the page is open."""
    st.session_state[_ENTRY_FAULT] = fault


def use_model(model: str) -> None:
    """Let another model answer on the Draw page."""
    st.session_state[_MODEL] = model


def set_notice(sentence: str) -> None:
    """Have a page say something once that happened out of its sight."""
    st.session_state[_NOTICE] = sentence


def take_notice() -> str | None:
    """What is to be said, once."""
    sentence: str | None = st.session_state.pop(_NOTICE, None)
    return sentence


def model_shown() -> str:
    """The model that the sidebar names, which a fragment cannot change."""
    model: str = st.session_state.get(_MODEL_SHOWN, SHIPPED)
    return model


def set_model_shown(model: str) -> None:
    """Remember which model the sidebar names."""
    st.session_state[_MODEL_SHOWN] = model


def chosen_runs() -> tuple[str, ...]:
    """The ids of the runs that are chosen on the Runs page."""
    runs: tuple[str, ...] = st.session_state.get(_CHOSEN_RUNS, ())
    return runs


def choose_runs(runs: tuple[str, ...]) -> None:
    """Remember which runs are chosen while one walks about the other pages."""
    st.session_state[_CHOSEN_RUNS] = runs


def runs_shown() -> int:
    """How many of the runs the Runs page shows, the newest."""
    count: int = st.session_state.get(_RUNS_SHOWN, RUNS_AT_ONCE)
    return count


def show_more_runs() -> None:
    """Let the Runs page show older runs too."""
    st.session_state[_RUNS_SHOWN] = runs_shown() + RUNS_AT_ONCE


def unseen_digit() -> int:
    """The number that decides which digit is watched where nothing was drawn."""
    number: int = st.session_state.setdefault(_UNSEEN_DIGIT, secrets.randbelow(10_000))
    return number


def viewer(make: Callable[[], T]) -> T:
    """What the viewer of test images on the Train page remembers; made by `make` when it is first shown."""
    if _VIEWER not in st.session_state:
        st.session_state[_VIEWER] = make()
    remembered: T = st.session_state[_VIEWER]
    return remembered


def learn_page() -> LearnPage:
    """The Learn page's memory in this session."""
    page: LearnPage = st.session_state.setdefault(_LEARN_PAGE, LearnPage())
    return page


def live_widget(name: str) -> str:
    """Key of a control of the Learn page's parts to touch."""
    return f"live-{name}"


def what_if_widget(name: str) -> str:
    """Key of a slider of What if."""
    return f"what-if-{name}"


def look_inside() -> LookInside:
    """The memory of Look inside in this session."""
    memory: LookInside = st.session_state.setdefault(_LOOK_INSIDE, LookInside())
    return memory


def remind_look_inside(memory: LookInside) -> None:
    """Give back to the expander of Look inside what it forgot while it was not shown."""
    st.session_state.setdefault(LOOK_INSIDE_WIDGET, memory.is_open)


def class_export() -> ClassExport | None:
    """The archive that was written last in this session."""
    export: ClassExport | None = st.session_state.get(_CLASS_EXPORT)
    return export


def set_class_export(export: ClassExport | None) -> None:
    """Remember it; None once it is of no more use."""
    st.session_state[_CLASS_EXPORT] = export


def class_import() -> ImportResult | None:
    """What came of the last import of a class, or of its reset."""
    result: ImportResult | None = st.session_state.get(_CLASS_IMPORT)
    return result


def set_class_import(result: ImportResult | None) -> None:
    """Remember what came of it."""
    st.session_state[_CLASS_IMPORT] = result


def lesson_rules() -> ClassSettings | None:
    """What the link asks that this tab was opened by; None before the address was read."""
    rules: ClassSettings | None = st.session_state.get(_LESSON_RULES)
    return rules


def set_lesson_rules(rules: ClassSettings) -> None:
    """Remember what the link asks while one walks about the pages."""
    st.session_state[_LESSON_RULES] = rules
