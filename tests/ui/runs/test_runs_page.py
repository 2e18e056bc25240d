"""The Runs page, without a browser."""

import csv
import io

import numpy as np
import pytest
import streamlit as st
from opened import new_tab, open_page
from shown import html, session_of
from streamlit.testing.v1 import AppTest
from trained import EPOCHS, KERAS_WARNING, finished_run

from mnist_app.errors import RunNotFound, RunNotReady
from mnist_app.learning.explanation.likeness import Features
from mnist_app.learning.training.configuration import INITIALIZERS, TrainingConfig
from mnist_app.ui.outside_text import escaped
from mnist_app.ui.ownership import changes
from mnist_app.ui.runs.run_comparison import SETTING, history_csv, labels, legend_html, settings_table
from mnist_app.ui.runs.runs_table import epochs_in_words, table
from mnist_app.ui.session.draw_page import DrawPage
from mnist_app.ui.session.session import session
from mnist_app.ui.shared import resources
from mnist_app.workspace.classroom.class_settings import ClassSettings
from mnist_app.workspace.classroom.permissions import Action, Visitor, why_not
from mnist_app.workspace.runs.model_files import ModelFiles
from mnist_app.workspace.runs.records import Point, Run, Status
from mnist_app.workspace.runs.run_store import Store

pytestmark = [pytest.mark.filterwarnings(KERAS_WARNING), pytest.mark.usefixtures("store")]
PAGE = "../pages/runs.py"
OWNER = "the-owner-of-these-tests-000"
MARKUP = "<b>bold</b> **too** [a](http://b.c) :smile:"


@pytest.fixture
def files() -> ModelFiles:
    """The files of the runs in that store."""
    return resources.model_files()


def show(*chosen: Run) -> AppTest:
    """The page, with runs chosen in the table."""
    test = new_tab(DrawPage(is_restored=True))
    session_of(test).owner = OWNER
    session_of(test).runs.chosen = tuple(run.id for run in chosen)
    return open_page(test, "runs")


def button_labels(test: AppTest) -> set[str]:
    return {button.label for button in test.main.button} | {
        popover.proto.popover.label for popover in test.get("popover")
    }


def captions(test: AppTest) -> str:
    return " ".join(caption.value for caption in test.caption)


def test_no_runs_yet_is_a_sentence_and_the_way_on() -> None:
    test = show()
    assert any("no runs yet" in markdown.value for markdown in test.markdown)
    assert not test.dataframe
    assert any("train" in link.proto.page for link in test.main.get("page_link"))


def test_all_runs_are_listed_the_newest_first(store: Store, files: ModelFiles) -> None:
    finished_run(store, files, "older")
    store.start(TrainingConfig(preset="cnn", epochs=7), "test", owner=OWNER)
    rows = show().dataframe[0].value
    assert list(rows["name"])[1] == "older"
    assert list(rows["status"]) == ["▶ starting", "✓ finished"]
    assert list(rows["network"]) == ["Convolutional", "Dense"]
    assert list(rows["epochs"]) == ["0 of 7", "3"]
    assert list(rows["person"]) == ["You", "command line"]
    assert list(rows["parameters"])[1] == 101_770
    assert list(rows["accuracy"])[1] == pytest.approx(91.23)


def test_a_run_that_waits_has_its_place_in_the_table_and_below(store: Store) -> None:
    first, second = (resources.queue().submit(TrainingConfig(preset="dense"), OWNER) for _ in range(2))
    test = show(second)
    assert list(test.dataframe[0].value["status"]) == ["… queued, number 2", "… queued, number 1"]
    assert "Number 2 in the queue." in [text.value for text in test.text]
    assert store.claim("worker") is not None and resources.queue().place(first.id) is None


def test_one_run_is_shown_with_its_curves_and_settings(store: Store, files: ModelFiles) -> None:
    run = finished_run(store, files, MARKUP, OWNER)
    test = show(run)
    assert "&lt;b&gt;bold&lt;/b&gt; **too**" in html(test)
    assert not any("bold" in markdown.value for markdown in test.markdown)
    assert len(test.get("vega_lite_chart")) == 2
    settings = test.dataframe[1].value
    assert dict(zip(settings[SETTING], settings[labels([run])[0]], strict=True))["epochs"] == str(EPOCHS)
    assert {"Open", "Draw with it", "Test images", "Delete"} <= button_labels(test)


def test_several_runs_show_what_differs_alone(store: Store, files: ModelFiles) -> None:
    first = finished_run(store, files, "first", seed=1)
    second = finished_run(store, files, "second", seed=2)
    differences = show(first, second).dataframe[1].value
    assert list(differences[SETTING]) == ["seed"]
    assert list(differences["second"]) == ["2"]


def test_somebody_else_s_run_can_be_drawn_with_but_not_changed(store: Store, files: ModelFiles) -> None:
    run = finished_run(store, files, "theirs", "somebody-else-entirely-0000")
    test = show(run)
    assert {"Open", "Draw with it", "Test images"} <= button_labels(test)
    assert not {"Delete", "Rename", "Train further"} & button_labels(test)
    assert "only its owner can" in captions(test)


def test_what_is_said_of_somebody_else_s_run_is_the_rule_s_own_sentence(
    store: Store, files: ModelFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNIST_APP_TEACHER_CODE", "the teacher's own code")
    resources.settings.clear()
    theirs, nobodys = (
        finished_run(store, files, "a", "somebody-else-entirely-0000"),
        finished_run(store, files, "b"),
    )
    for run in (theirs, nobodys):
        refusal = why_not(Action.RENAME_RUN, Visitor(OWNER, has_teacher=True), run.owner)
        assert "teacher" in refusal and escaped(refusal) in captions(show(run))
    assert "only their owner" not in captions(show(theirs, nobodys))


def test_of_several_runs_only_one_s_own_are_offered_for_deletion(store: Store, files: ModelFiles) -> None:
    mine = finished_run(store, files, "mine", OWNER)
    theirs = [finished_run(store, files, name, "somebody-else-entirely-0000") for name in ("b", "c")]
    test = show(mine, *theirs)
    next(button for button in test.button if button.label == "Delete 1 of 3 runs").click().run()
    assert "<li>mine</li>" in html(test) and "<li>b</li>" not in html(test)
    assert not any("Delete" in label for label in button_labels(show(*theirs)))


def test_a_run_is_renamed_and_a_name_that_cannot_be_is_said(store: Store, files: ModelFiles) -> None:
    run = finished_run(store, files, "before", OWNER)
    test = show(run)
    test.text_input(key=f"name-{run.id}").set_value(f" {MARKUP} ")
    next(button for button in test.button if button.label == "Rename").click().run()
    assert store.run(run.id).name == MARKUP
    test.text_input(key=f"name-{run.id}").set_value("a\x07bell")
    next(button for button in test.button if button.label == "Rename").click().run()
    assert "cannot be seen" in test.error[0].value
    assert store.run(run.id).name == MARKUP


def test_nothing_is_deleted_before_a_question_is_answered(store: Store, files: ModelFiles) -> None:
    run = finished_run(store, files, MARKUP, OWNER)
    test = show(run)
    next(button for button in test.button if button.label == "Delete").click().run()
    assert store.run(run.id) == run
    assert {"Delete", "Keep"} <= {button.label for button in test.button}
    assert "<li>&lt;b&gt;bold" in html(test)


@pytest.fixture
def own_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session of the owner's outside of a page."""
    monkeypatch.setattr(st, "session_state", {})
    session().owner = OWNER
    session().lesson_rules = ClassSettings()


@pytest.mark.usefixtures("own_session")
def test_a_run_is_deleted_with_its_files(store: Store, files: ModelFiles) -> None:
    run = finished_run(store, files)
    kept = resources.evaluations()
    kept.keep(run.model_sha256 or "", "b" * 64, np.full((5, 10), 0.1, np.float32))
    kept.keep_features(run.model_sha256 or "", "b" * 64, Features.pack(np.ones((5, 3))))
    changes.delete_run(run.id)
    with pytest.raises(RunNotFound):
        store.run(run.id)
    assert not files.model_path(run.id).exists()
    assert not kept.path(run.model_sha256 or "", "b" * 64).exists()
    assert not kept.features_path(run.model_sha256 or "", "b" * 64).exists()


@pytest.mark.usefixtures("own_session")
def test_a_run_that_trains_is_not_deleted(store: Store) -> None:
    run = store.run(store.start(TrainingConfig(), "test", owner=OWNER).run_id)
    with pytest.raises(RunNotReady, match="stop it before"):
        changes.delete_run(run.id)
    assert store.run(run.id).status is Status.STARTING


def test_a_run_without_a_checkpoint_says_why_it_cannot_be_continued(store: Store, files: ModelFiles) -> None:
    test = show(finished_run(store, files, "no checkpoint", OWNER))
    assert any("cannot be continued" in markdown.value for markdown in test.markdown)


def test_a_damaged_model_is_said_where_it_is_asked_for(store: Store, files: ModelFiles) -> None:
    run = finished_run(store, files, "damaged", OWNER)
    files.model_path(run.id).write_bytes(b"no model")
    test = show(run)
    test.button(key=f"draw-{run.id}").click().run()
    assert "is damaged" in test.error[0].value
    assert [title.value for title in test.title] == ["Runs"]


def test_draw_with_it_leads_to_the_draw_page(store: Store, files: ModelFiles) -> None:
    run = finished_run(store, files, "to draw with", OWNER)
    test = show(run)
    test.button(key=f"draw-{run.id}").click().run()
    assert session_of(test).chosen_model == run.id
    assert [title.value for title in test.title] == ["Draw a digit"]


def test_a_run_deleted_by_somebody_else_is_no_longer_chosen(store: Store, files: ModelFiles) -> None:
    run, other = finished_run(store, files, "goes", OWNER), finished_run(store, files, "stays", OWNER)
    test = show(run)
    store.delete(run.id)
    test.run()
    assert not test.exception and not test.error
    assert list(test.dataframe[0].value["name"]) == [other.name]
    assert session_of(test).runs.chosen == ()


def test_a_run_that_is_on_its_way_says_how_far(store: Store) -> None:
    lease = store.start(TrainingConfig(epochs=10), "test")
    store.report(lease, status=Status.TRAINING, epoch=2.5)
    run = store.run(lease.run_id)
    assert epochs_in_words(run) == "2.5 of 10"
    assert table([run], "me", {})["accuracy"] == [None]


def test_labels_are_never_the_same(store: Store, files: ModelFiles) -> None:
    runs = [finished_run(store, files, name) for name in ("same", "same", "", "", "x" * 80)]
    found = labels(runs)
    assert len(set(found)) == 5
    assert found[0] == f"same, #{runs[0].number}"
    assert found[4] == "x" * 39 + "…"


def test_settings_that_are_the_same_do_not_differ(store: Store, files: ModelFiles) -> None:
    runs = [finished_run(store, files, name) for name in ("one", "two")]
    assert settings_table(runs, OWNER)[SETTING] == []


def test_other_first_weights_differ_where_the_network_takes_them_from_the_settings(store: Store) -> None:
    def rules(preset: str) -> list[str]:
        configs = [TrainingConfig(preset=preset, initializer=rule) for rule in INITIALIZERS]
        table = settings_table([store.run(store.start(config, "me").run_id) for config in configs], OWNER)
        return [value for column in table.values() for value in column]

    assert rules("cnn") == ["weights at the start", "Glorot", "He"]
    assert rules("accurate") == []


def test_the_legend_shows_names_as_text() -> None:
    assert "&lt;b&gt;" in legend_html(["<b>x"])
    assert "<b>" not in legend_html(["<b>x"])


def test_the_history_has_every_point() -> None:
    points = [Point("train", 50, 0.5, 0.25, 0.9), Point("validation", 100, 1.0, 1e-9, 1.0)]
    rows = list(csv.DictReader(io.StringIO(history_csv(points))))
    assert [
        Point(row["split"], int(row["step"]), *(float(row[name]) for name in ("epoch", "loss", "accuracy")))  # type: ignore[arg-type]
        for row in rows
    ] == points
