"""What the teacher sets for the class: kept in the store, checked, and obeyed by the queue."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from mnist_app.errors import InvalidSetting, QueueFull
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.settings import Settings
from mnist_app.workspace.classroom.class_settings import CLASS_LIMITS, ClassSettings, images_of
from mnist_app.workspace.classroom.class_settings_store import keep_class_settings, read_class_settings
from mnist_app.workspace.runs.queue import Queue
from mnist_app.workspace.runs.run_store import Store
from mnist_app.workspace.storage.identifiers import new_id
from mnist_app.workspace.storage.tables import class_settings

LONG = TrainingConfig(epochs=20, dataset="mnist")


def whole(name: str) -> st.SearchStrategy[int]:
    """The numbers to which a limit of the class can be set."""
    return st.integers(int(CLASS_LIMITS[name].minimum), int(CLASS_LIMITS[name].maximum))


ANY_SETTINGS = st.builds(
    ClassSettings,
    **{name: whole(name) for name in CLASS_LIMITS},
    hidden_pages=st.frozensets(st.sampled_from(["train", "runs", "learn", "test_images"])),
    hidden_controls=st.frozensets(st.sampled_from(["camera", "optimiser", "delete_runs"])),
    start_model=st.sampled_from(["shipped", new_id()]),
)
ANY_CONFIG = st.builds(
    TrainingConfig,
    epochs=st.integers(1, 200),
    dataset=st.sampled_from(["mnist", "synthetic"]),
    train_size=st.none() | st.integers(20, 100_000),
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=10,
)


def test_nothing_set_forbids_nothing(store: Store) -> None:
    assert read_class_settings(store.database) == ClassSettings()
    ClassSettings().check(TrainingConfig(epochs=200))
    assert ClassSettings().fit(LONG) == LONG


def test_what_is_kept_is_read_by_whoever_opens_the_store(store: Store, any_settings: Settings) -> None:
    for settings in (
        ClassSettings(most_epochs=3, hidden_pages=frozenset({"learn", "train"}), start_model=new_id()),
        ClassSettings(most_training_images=500),
    ):
        keep_class_settings(store.database, settings)
        other = Store(any_settings)
        assert read_class_settings(other.database) == settings
        other.close()


@given(ANY_SETTINGS)
def test_settings_survive_json(settings: ClassSettings) -> None:
    assert ClassSettings.from_dict(json.loads(json.dumps(settings.to_dict()))) == settings


@given(ANYTHING, st.sampled_from([*ClassSettings().to_dict(), "new"]), ANYTHING)
def test_what_cannot_be_read_is_said(values: object, name: str, value: object) -> None:
    for damaged in (values, {**ClassSettings().to_dict(), name: value}):
        try:
            read = ClassSettings.from_dict(damaged)
        except InvalidSetting:
            assert damaged != ClassSettings().to_dict()
            continue
        assert isinstance(damaged, dict) and name != "new"
        assert read == (ClassSettings() if name.startswith("hidden") else ClassSettings(**{name: value}))


def test_a_damaged_row_is_said(store: Store) -> None:
    with store.writing() as connection:
        connection.execute(insert(class_settings).values(name="class", settings={"most_epochs": 3}))
    with pytest.raises(InvalidSetting, match="set them anew"):
        read_class_settings(store.database)
    keep_class_settings(store.database, ClassSettings(most_epochs=3))
    assert read_class_settings(store.database).most_epochs == 3


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("most_epochs", 0),
        ("most_epochs", 201),
        ("most_epochs", True),
        ("most_waiting_per_person", 2.5),
        ("most_training_images", 5),
        ("hidden_pages", {"train"}),
        ("hidden_pages", frozenset({"../train"})),
        ("hidden_pages", frozenset({"draw"})),
        ("hidden_pages", frozenset({"teacher", "learn"})),
        ("hidden_pages", frozenset({"x" * 41})),
        ("hidden_controls", frozenset({"a b"})),
        ("hidden_controls", ["camera"]),
        ("start_model", "../../etc/passwd"),
        ("start_model", ""),
        ("start_model", None),
    ],
)
def test_what_cannot_be_set_is_refused(name: str, value: Any) -> None:
    with pytest.raises(InvalidSetting):
        ClassSettings(**{name: value})


@given(ANY_SETTINGS, ANY_CONFIG)
def test_what_is_made_to_fit_is_allowed_and_no_smaller_than_it_must_be(
    settings: ClassSettings, config: TrainingConfig
) -> None:
    fitting = settings.fit(config)
    settings.check(fitting)
    assert fitting.epochs == min(config.epochs, settings.most_epochs)
    assert images_of(fitting) == min(images_of(config), settings.most_training_images)
    assert settings.fit(fitting) == fitting


def test_the_queue_takes_no_more_than_the_teacher_allows(store: Store) -> None:
    rules = ClassSettings()
    queue = Queue(store, class_settings=lambda: rules)
    queue.submit(LONG, "pupil")
    rules = ClassSettings(most_epochs=5, most_training_images=1_000, most_waiting_per_person=2)
    with pytest.raises(InvalidSetting, match="20 epochs; your teacher allows 5"):
        queue.submit(LONG, "pupil")
    with pytest.raises(InvalidSetting, match="60,000 images; your teacher allows 1,000"):
        queue.submit(replace(LONG, epochs=5), "pupil")
    assert queue.waiting() == 1
    queue.submit(rules.fit(LONG), "pupil")
    with pytest.raises(QueueFull, match="2 of your runs are waiting"):
        queue.submit(rules.fit(LONG), "pupil")
    queue.submit(rules.fit(LONG), "somebody else")


def test_a_fine_tuning_may_have_the_images_that_it_takes() -> None:
    rules = ClassSettings(most_training_images=100, most_epochs=5)
    rules.check(replace(LONG, epochs=5, fine_tuned_from="shipped"))
    with pytest.raises(InvalidSetting, match="epochs"):
        rules.check(replace(LONG, fine_tuned_from="shipped"))


def test_settings_from_before_controls_could_be_hidden_are_read() -> None:
    values = ClassSettings(most_epochs=3).to_dict()
    del values["hidden_controls"]
    assert ClassSettings.from_dict(values) == ClassSettings(most_epochs=3)


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("hidden_pages", ["teacher", "draw", "learn"], frozenset({"learn"})),
        ("hidden_controls", ["teacher_code", "camera"], frozenset({"camera"})),
        ("hidden_pages", "learn", frozenset()),
        ("most_epochs", 10**9, 200),
        ("start_model", "../../etc/passwd", "shipped"),
    ],
)
def test_a_bad_value_in_the_store_is_ignored_and_the_others_hold(
    store: Store, name: str, value: Any, read: Any
) -> None:
    values = {**ClassSettings(most_waiting_per_person=7).to_dict(), name: value}
    with store.writing() as connection:
        connection.execute(insert(class_settings).values(name="class", settings=values))
    found = read_class_settings(store.database)
    assert getattr(found, name) == read and found.most_waiting_per_person == 7


@given(ANY_SETTINGS, ANY_SETTINGS, ANY_CONFIG)
def test_what_is_combined_allows_what_both_allow(
    one: ClassSettings, other: ClassSettings, config: TrainingConfig
) -> None:
    both = one.combined(other)
    fitting = both.fit(config)
    one.check(fitting)
    other.check(fitting)
    assert both.hidden_pages == one.hidden_pages | other.hidden_pages
    assert both.hidden_controls == one.hidden_controls | other.hidden_controls
    assert both.combined(ClassSettings()) == both and ClassSettings().combined(both) == both
