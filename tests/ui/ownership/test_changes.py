"""All that a page can change, each tried as its owner, as the teacher and as somebody else."""

import ast
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

import pytest
import streamlit as st
from own_home import pages_use
from shown import drawn
from sqlalchemy import select
from taught import TEACHER_CODE

from mnist_app.errors import AppError, InvalidSetting, NotAllowed
from mnist_app.ink.drawing import Drawing
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.settings import PROJECT, Settings
from mnist_app.ui.draw.pictures import taking
from mnist_app.ui.ownership import changes, class_changes
from mnist_app.ui.session.session import session
from mnist_app.ui.shared import resources
from mnist_app.workspace.archives.class_archive import Archived
from mnist_app.workspace.archives.class_state import class_state
from mnist_app.workspace.archives.drawing_archive import archive_of
from mnist_app.workspace.classroom.class_settings import ClassSettings
from mnist_app.workspace.classroom.people import Belongings
from mnist_app.workspace.classroom.permissions import HIDDEN_BY, Action
from mnist_app.workspace.drawings.imported_drawings import bring, imported_writer
from mnist_app.workspace.drawings.kept_drawing import KeptDrawing, ink_png
from mnist_app.workspace.runs.records import Run, Status
from mnist_app.workspace.storage.tables import class_settings, drawings, people, runs

OWNER, STRANGER = "the-owner-of-these-things", "somebody-else-in-the-class"
CONFIG = TrainingConfig(preset="dense", dataset="synthetic", epochs=1)
OTHER_SETTINGS = ClassSettings(most_epochs=3)


@dataclass(frozen=True)
class Things:
    """What there is before somebody comes: all of it is the owner's, but one run, which is nobody's."""

    waiting: Run
    ended: Run
    ownerless: Run
    drawing: KeptDrawing
    import_id: str


Act = Callable[[Things], object]


@dataclass(frozen=True)
class Case:
    """How a function of `changes` is tried, and whose it is."""

    act: Act
    group: Literal["owner", "class", "everybody"]
    """Of the owner and the teacher; of the teacher alone; of everybody, for it changes nothing of others."""


@lru_cache
def drawing(digit: int) -> Drawing:
    """A drawing of this digit."""
    message = drawn(digit)
    return Drawing.from_canvas(message.png, message.json_data, 320)


def zipped(things: Things) -> io.BytesIO:
    return io.BytesIO(archive_of([things.drawing.model_copy(update=dict(id="another222", label=3))]))


def import_of(token: str) -> str:
    """The id of an import of this person's."""
    another = KeptDrawing(
        id="another222",
        writer="0" * 16,
        person="",
        label=4,
        answer=4,
        source="canvas",
        created=1.0,
        png=ink_png(drawing(4)),
        strokes=None,
    )
    bring(resources.store().database, [another], token)
    found = resources.drawings().find(writer=imported_writer("0" * 16, token))
    return found[0].import_id or ""


def of_owner(act: Act) -> Case:
    return Case(act, "owner")


def of_class(act: Act) -> Case:
    return Case(act, "class")


def of_everybody(act: Act) -> Case:
    return Case(act, "everybody")


CASES: dict[str, Case] = {
    "stop_run": of_owner(lambda things: changes.stop_run(things.waiting.id)),
    "continue_run": of_owner(lambda things: changes.continue_run(things.ended.id, 1)),
    "rename_run": of_owner(lambda things: changes.rename_run(things.ended.id, "new")),
    "delete_run": of_owner(lambda things: changes.delete_run(things.ended.id)),
    "remove_drawing": of_owner(lambda things: changes.remove_drawing(things.drawing.id)),
    "remove_import": of_owner(lambda things: changes.remove_import(things.import_id)),
    "remove_drawings_of": of_owner(lambda things: changes.remove_drawings_of(things.drawing.owner)),
    "relabel_drawing": of_owner(lambda things: changes.relabel_drawing(things.drawing.id, 9)),
    "put_drawing_back": of_owner(
        lambda things: changes.put_drawing_back(things.drawing.model_copy(update=dict(label=9)))
    ),
    "move_run_to_front": of_class(lambda things: class_changes.move_run_to_front(things.waiting.id)),
    "cancel_all_waiting": of_class(lambda things: class_changes.cancel_all_waiting()),
    "cancel_waiting_like": of_class(
        lambda things: class_changes.cancel_waiting_like(things.waiting.id, "owner")
    ),
    "set_class": of_class(lambda things: class_changes.set_class(OTHER_SETTINGS)),
    "export_class": of_class(lambda things: class_changes.export_class(io.BytesIO())),
    "import_class": of_class(lambda things: class_changes.import_class(io.BytesIO(b"no archive"))),
    "reset_class": of_class(lambda things: class_changes.reset_class(held_by_an_archive())),
    "train": of_everybody(lambda things: changes.train(CONFIG)),
    "on_download": of_everybody(lambda things: changes.on_download(lambda: b"")()),
    "on_export_of_drawings": of_everybody(lambda things: changes.on_export_of_drawings()()),
    "keep_drawing": of_everybody(lambda things: changes.keep_drawing(drawing(4), 4, 4)),
    "import_drawings": of_everybody(lambda things: changes.import_drawings(zipped(things))),
    "introduce_visitor": of_everybody(lambda things: changes.introduce_visitor()),
    "rename_visitor": of_everybody(lambda things: changes.rename_visitor("Somebody")),
    "delete_belongings_of_visitor": of_everybody(lambda things: changes.delete_belongings_of_visitor()),
}
OF_OWNERLESS: dict[str, Act] = {
    "stop_run": lambda things: changes.stop_run(things.ownerless.id),
    "continue_run": lambda things: changes.continue_run(things.ownerless.id, 1),
    "rename_run": lambda things: changes.rename_run(things.ownerless.id, "new"),
    "delete_run": lambda things: changes.delete_run(things.ownerless.id),
}
HIDING = {
    "delete_run": Action.DELETE_RUN,
    "on_download": Action.DOWNLOAD_RUN,
    "keep_drawing": Action.KEEP_DRAWING,
    "import_drawings": Action.IMPORT_DRAWINGS,
}


def make_things() -> Things:
    """Make what there is, anew where it was removed."""
    store = resources.store()
    ended = store.start(CONFIG, "test", owner=OWNER)
    store.finish(ended, Status.STOPPED)
    ownerless = store.start(CONFIG, "test")
    store.finish(ownerless, Status.STOPPED)
    waiting = resources.queue().submit(CONFIG, OWNER)
    kept = resources.drawings().get(resources.drawings().keep(drawing(7), 7, OWNER).id)
    return Things(waiting, store.run(ended.run_id), store.run(ownerless.run_id), kept, import_of(OWNER))


@pytest.fixture(params=[True, False], ids=["code set", "no code"])
def has_teacher(
    request: pytest.FixtureRequest, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[bool]:
    """Whether a teacher's code is set: in a home of this test's own, outside of a page."""
    monkeypatch.setattr(st, "session_state", {})
    code = {"MNIST_APP_TEACHER_CODE": TEACHER_CODE} if request.param else {}
    with pages_use(replace(settings, home=tmp_path, database=None), **code):
        yield bool(request.param)


def become(token: str, *, is_teacher: bool = False, hidden: str | None = None) -> None:
    """Let the session be this visitor's, from whom a lesson link may hide a control."""
    session().owner = token
    session().is_teacher = is_teacher
    session().lesson_rules = ClassSettings(hidden_controls=frozenset({hidden} if hidden else ()))


def everything() -> list[object]:
    """All that the store has."""
    with resources.store().reading() as connection:
        return [list(connection.execute(select(table))) for table in (runs, drawings, people, class_settings)]


def held_by_an_archive() -> Archived:
    """What the teacher's page remembers of an archive, as of now."""
    with resources.store().reading() as connection:
        held = {field.name: frozenset() for field in fields(Archived) if field.name != "state"}
        return Archived(class_state(connection), **held)


def is_refused(act: Act, things: Things) -> bool:
    """Whether the rule refuses it, in one sentence and with nothing changed; other faults are no refusals."""
    before = everything()
    try:
        act(things)
    except NotAllowed as refusal:
        assert str(refusal).endswith(".") and str(refusal).count(".") == 1
        assert everything() == before
        return True
    except AppError:
        return False
    return False


def refused_ones() -> set[str]:
    """The names of the functions that are refused to who is here now."""
    refused = {name for name, case in CASES.items() if is_refused(case.act, make_things())}
    return refused | {
        f"{name} of nobody" for name, act in OF_OWNERLESS.items() if is_refused(act, make_things())
    }


OF_OWNER = {name for name, case in CASES.items() if case.group == "owner"}
OF_CLASS = {name for name, case in CASES.items() if case.group == "class"}
OF_NOBODY = {f"{name} of nobody" for name in OF_OWNERLESS}


def test_somebody_else_changes_nothing_of_anybody_s(has_teacher: bool) -> None:
    become(STRANGER)
    assert refused_ones() == OF_OWNER | OF_CLASS | (OF_NOBODY if has_teacher else set())


def test_an_owner_changes_what_is_theirs(has_teacher: bool) -> None:
    become(OWNER)
    assert refused_ones() == OF_CLASS | (OF_NOBODY if has_teacher else set())


@pytest.mark.parametrize("has_teacher", [True], indirect=True)
def test_the_teacher_changes_everything(has_teacher: bool) -> None:
    become(STRANGER, is_teacher=True)
    assert refused_ones() == set()


def test_what_is_one_s_own_is_all_that_one_deletes_and_renames(has_teacher: bool) -> None:
    things = make_things()
    resources.people().rename(OWNER, "Ada")
    become(STRANGER)
    changes.rename_visitor("Bob")
    assert changes.delete_belongings_of_visitor() == Belongings(0, 0)
    assert resources.people().name(OWNER) == "Ada"
    assert resources.drawings().get(things.drawing.id).person == "Ada"
    assert resources.store().run(things.ended.id).owner == OWNER


@pytest.mark.parametrize("has_teacher", [True], indirect=True)
@pytest.mark.parametrize(("name", "action"), HIDING.items())
def test_what_is_hidden_is_refused_also_to_a_tab_that_showed_it(
    name: str, action: Action, has_teacher: bool
) -> None:
    things = make_things()
    become(OWNER)
    assert not is_refused(CASES["on_download"].act, things)
    become(OWNER, hidden=HIDDEN_BY[action])
    assert is_refused(CASES[name].act, things)
    become(OWNER, is_teacher=True, hidden=HIDDEN_BY[action])
    assert not is_refused(CASES[name].act, things)


@pytest.mark.parametrize("has_teacher", [True], indirect=True)
def test_a_download_button_that_was_shown_before_is_of_no_use_once_it_is_hidden(has_teacher: bool) -> None:
    become(OWNER)
    read = changes.on_download(lambda: b"model")
    assert read() == b"model"
    resources.keep_class_settings(ClassSettings(hidden_controls=frozenset({"download_runs"})))
    with pytest.raises(NotAllowed, match="hidden"):
        read()


@pytest.mark.parametrize(
    ("page", "show"),
    [
        ("runs", lambda: changes.on_download(lambda: b"model")),
        ("class_drawings", changes.on_export_of_drawings),
    ],
)
@pytest.mark.parametrize("has_teacher", [True], indirect=True)
def test_a_download_button_is_of_no_use_once_its_page_is_hidden(
    has_teacher: bool, page: str, show: Callable[[], Callable[[], bytes]]
) -> None:
    make_things()
    become(OWNER)
    session().begin_page(page)
    of_pupil = show()
    become(OWNER, is_teacher=True)
    of_teacher = show()
    assert of_pupil() and of_teacher()
    resources.keep_class_settings(ClassSettings(hidden_pages=frozenset({page})))
    with pytest.raises(NotAllowed, match="hidden this for now"):
        of_pupil()
    assert of_teacher()


VISITORS_OWN = {"introduce_visitor", "rename_visitor", "delete_belongings_of_visitor"}
"""What is done in the sidebar, which no page hides."""


@pytest.mark.parametrize("has_teacher", [True], indirect=True)
def test_a_page_that_is_hidden_by_now_changes_nothing(has_teacher: bool) -> None:
    become(OWNER)
    session().begin_page("learn")
    assert refused_ones() == OF_CLASS | OF_NOBODY
    resources.keep_class_settings(ClassSettings(hidden_pages=frozenset({"learn"})))
    refused = {name for name, case in CASES.items() if is_refused(case.act, make_things())}
    assert refused == set(CASES) - VISITORS_OWN
    session().begin_page("train")
    assert not is_refused(CASES["train"].act, make_things())
    session().begin_page("learn")
    become(OWNER, is_teacher=True)
    assert not is_refused(CASES["train"].act, make_things())


@pytest.mark.parametrize("has_teacher", [True], indirect=True)
def test_limits_of_now_hold_for_what_was_shown_before(has_teacher: bool) -> None:
    things = make_things()
    become(OWNER)
    large = replace(CONFIG, epochs=5)
    changes.train(large)
    for from_link in (True, False):
        limits = ClassSettings(most_epochs=4)
        session().lesson_rules = limits if from_link else ClassSettings()
        resources.keep_class_settings(ClassSettings() if from_link else limits)
        with pytest.raises(InvalidSetting, match="Set fewer epochs"):
            changes.train(large)
        changes.train(replace(large, epochs=4))
        session().lesson_rules = ClassSettings(most_training_images=500) if from_link else ClassSettings()
        resources.keep_class_settings(
            ClassSettings() if from_link else ClassSettings(most_training_images=500)
        )
        with pytest.raises(InvalidSetting, match="images"):
            changes.train(replace(large, train_size=501))
    assert things.waiting in resources.store().runs()


@pytest.mark.parametrize(("key", "control"), [("upload", "picture"), ("camera", "camera")])
@pytest.mark.parametrize("has_teacher", [True], indirect=True)
def test_a_picture_given_to_a_field_that_is_hidden_by_now_is_not_taken(
    key: str, control: str, has_teacher: bool
) -> None:
    taken: list[bytes | None] = []
    st.session_state[key] = io.BytesIO(drawn(3).png)
    take = taking(key, lambda picture, _error: taken.append(picture))
    become(OWNER, hidden=control)
    take()
    assert not taken
    become(OWNER)
    take()
    assert len(taken) == 1


# That no page goes another way

READING = {
    "store": {"run", "runs", "points", "probes", "probe_image", "snapshot"},
    "queue": {"turns", "waiting"},
    "drawings": {"count", "count_per_digit", "find", "writers"},
    "people": {"belongings", "names_of"},
    "model_files": {"load_model", "read_checkpoint"},
    "evaluations": set(),
}
"""What pages may call of what they share: nothing of it changes anything of anybody's."""
READERS = {"find_fine_tuning", "find_standings", "plan"}
"""Functions that are given a store and only read."""
FROM_BELOW = READERS | {
    "archive_of",
    "check_continuable",
    "check",
    "check_person",
    "distinct_label",
    "in_order",
    "leases",
    "left_out_in_words",
    "left_out_of_class_in_words",
    "may",
    "preset_title",
    "read_class_archive",
    "run_label",
    "shown",
    "sort_out",
    "visible_part",
    "why_not",
    "writer_of",
}
"""The functions of the store's side that pages import; none of them changes anything of anybody's."""
ENTRANCES = {"changes.py", "class_changes.py", "resources.py"}
"""The modules that may change things, and that make what is shared."""


def other_ways(source: str) -> list[str]:
    """What a page does with the store or imports from its side, of what is not on the lists above."""
    tree = ast.parse(source)
    found = []
    used_well = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in READING.get(shared(node.value), set())
    } | {
        id(argument)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in READERS
        for argument in node.args
    }
    for node in ast.walk(tree):
        if shared(node) in READING and id(node) not in used_well:
            found.append(ast.unparse(node))
        if isinstance(node, ast.Attribute) and node.attr == "keep_class_settings":
            found.append(ast.unparse(node))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mnist_app.workspace"):
            names = {alias.name for alias in node.names if alias.name.islower()}
            found += sorted(names - FROM_BELOW)
    return found


def shared(node: ast.AST) -> str:
    """ "store" for `resources.store()`, and the like; empty for anything else."""
    is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    if is_call and ast.unparse(node.func.value) == "resources":
        return str(node.func.attr)
    return ""


def test_pages_change_things_through_changes_alone() -> None:
    files = [file for file in (PROJECT / "mnist_app/ui").rglob("*.py") if file.name not in ENTRANCES]
    assert len(files) > 50
    ways = {file.name: found for file in files if (found := other_ways(file.read_text(encoding="utf-8")))}
    assert ways == {}


@pytest.mark.parametrize(
    "source",
    [
        "resources.queue().cancel(run.id)",
        "st.button('Stop', on_click=resources.queue().cancel)",
        "store = resources.store()",
        "rename(resources.store(), run)",
        "resources.drawings().remove(drawing.id)",
        "resources.keep_class_settings(new)",
        "from mnist_app.workspace.archives.class_reset import reset_class",
        "def late():\n    from mnist_app.workspace.classroom.people import delete_belongings",
    ],
)
def test_another_way_is_found(source: str) -> None:
    assert len(other_ways(source)) == 1


def test_every_change_asks_and_is_tried_here() -> None:
    sources = [Path(each.__file__).read_text(encoding="utf-8") for each in (changes, class_changes)]
    nodes = [node for source in sources for node in ast.parse(source).body]
    public = {node.name: node for node in nodes if isinstance(node, ast.FunctionDef)}
    assert set(public) == set(CASES)
    asking = {
        name
        for name, node in public.items()
        for each in ast.walk(node)
        if isinstance(each, ast.Call) and ast.unparse(each.func) in ("ask", "ask_before")
    }
    assert asking == set(public)
