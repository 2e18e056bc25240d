"""Strange words wherever text comes in: addresses, names, ids, settings, the teacher's code."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from damage import PATIENCE, TEXTS, altered, assert_sentence, fuzzed, only_sentences
from hypothesis import given
from hypothesis import strategies as st

from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.learning.training.presets import PRESETS
from mnist_app.settings import Settings
from mnist_app.ui.lesson_link.training_link import FIELDS, read_lesson, write_lesson
from mnist_app.ui.shared.teacher_access import Answer, TeacherAccess
from mnist_app.workspace.classroom.class_settings import ClassSettings
from mnist_app.workspace.classroom.people import People
from mnist_app.workspace.classroom.person_name import LONGEST_PERSON, check_person
from mnist_app.workspace.drawings.drawing_store import Drawings
from mnist_app.workspace.runs.model_files import ModelFiles
from mnist_app.workspace.runs.queue import Queue
from mnist_app.workspace.runs.run_store import Store

pytestmark = pytest.mark.timeout(PATIENCE)

CONFIG = TrainingConfig(preset="dense", dataset="synthetic")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store with a run in it."""
    home = tmp_path_factory.mktemp("words")
    store = Store(replace(Settings.from_environment(), home=home, database=None))
    Queue(store).submit(CONFIG, "owner")
    yield store
    store.close()


ADDRESSES = st.dictionaries(
    st.sampled_from([*FIELDS, "run", "chapter"]),
    TEXTS | st.integers().map(str) | st.floats().map(str) | st.sampled_from(sorted(PRESETS)),
    max_size=5,
)


@fuzzed
@given(ADDRESSES)
def test_any_address_is_a_lesson(address: dict[str, str]) -> None:
    config, messages = read_lesson(address)
    for message in messages:
        assert_sentence(message)
    assert read_lesson(write_lesson(config)) == (config, [])


@fuzzed
@given(TEXTS)
def test_any_id_is_found_or_refused(store: Store, text: str) -> None:
    lookups = (
        store.run,
        store.find,
        store.points,
        store.probe_image,
        Queue(store).cancel,
        Queue(store).move_to_front,
        Drawings(store.database).get,
        Drawings(store.database).remove,
        ModelFiles(Settings.from_environment().home).delete,
    )
    for look_up in lookups:
        with only_sentences():
            look_up(text)


@fuzzed
@given(TEXTS)
def test_any_name_of_a_person_is_kept_as_it_is_shown_or_refused(store: Store, name: str) -> None:
    with only_sentences():
        checked = People(store.database).rename("owner", name)
        assert checked == check_person(checked) == People(store.database).name("owner")
        assert len(checked) <= LONGEST_PERSON and checked.strip() == checked
        assert "\u202e" not in checked and "\x00" not in checked


@fuzzed
@given(TEXTS)
def test_any_name_of_a_run_is_kept_or_refused(store: Store, name: str) -> None:
    run = store.runs()[0]
    with only_sentences():
        store.rename(run.id, name)
        assert store.find(name).name == name or not name


@fuzzed
@given(altered(ClassSettings(hidden_pages=frozenset({"learn"})).to_dict()))
def test_any_settings_of_the_class_are_read_or_refused(values: Any) -> None:
    with only_sentences():
        settings = ClassSettings.from_dict(values)
        assert ClassSettings.from_dict(settings.to_dict()) == settings


@fuzzed
@given(altered(CONFIG.to_dict()))
def test_any_configuration_is_read_or_refused(values: Any) -> None:
    with only_sentences():
        config = TrainingConfig.from_dict(values)
        assert TrainingConfig.from_dict(config.to_dict()) == config


@fuzzed
@given(TEXTS)
def test_any_code_is_compared(code: str) -> None:
    access = TeacherAccess("seven quills", is_connected=lambda session: True)
    access.give(code, "session", "10.0.0.7")
    assert access.answer("session") is Answer.WRONG
