"""Names of people's own choosing, on all that is theirs, and the removal of all that is."""

import unicodedata
from dataclasses import replace

import numpy as np
import pytest
from drawn import drawing_of
from hypothesis import given
from hypothesis import strategies as st
from moments import At
from waiting import until

from mnist_app.errors import InvalidSetting, LeaseLost
from mnist_app.ink.synthesis import synthesise
from mnist_app.learning.configuration import TrainingConfig
from mnist_app.learning.datasets import Dataset
from mnist_app.runs.drawings import Drawings
from mnist_app.runs.evaluations import Evaluations
from mnist_app.runs.execution import carry_out
from mnist_app.runs.models import ModelFiles
from mnist_app.runs.people import Belongings, People, delete_belongings
from mnist_app.runs.person_name import LONGEST_PERSON, check_person
from mnist_app.runs.queue import Queue
from mnist_app.runs.records import Point, Status
from mnist_app.runs.store import Store
from mnist_app.settings import Settings

CONFIG = TrainingConfig(preset="dense", dataset="small", epochs=200, batch_size=16)
SHA256 = "ab" * 32
ME, OTHER = "the token of one browser", "the token of another"


@pytest.mark.parametrize(
    "name",
    ["", "Zoë", "Jürgen-Karl O'Neill", "李小龙", "ليلى", "אבי", "می‌خواهم", "Ada 👩‍🚀", "<b>x</b>", "a　b"],
)
def test_names_of_any_script_are_kept_as_they_are(name: str) -> None:
    assert check_person(f"  {name} ") == name


def test_a_letter_with_its_accent_apart_is_the_letter_with_the_accent() -> None:
    assert check_person(unicodedata.normalize("NFD", "Zoë")) == "Zoë"


@pytest.mark.parametrize(
    "name",
    ["a\x00b", "two\nlines", "\u202eevil", "a\u200eb", "\u2066a", "\u200b", "\u200d", "\ud800", "\u3164", "́"],
)
def test_what_cannot_be_seen_is_refused(name: str) -> None:
    with pytest.raises(InvalidSetting, match="cannot be seen; it can have letters, digits and signs"):
        check_person(name)


@pytest.mark.parametrize("length", [LONGEST_PERSON + 1, 10_000])
def test_a_long_name_is_refused(length: int) -> None:
    assert len(check_person("x" * LONGEST_PERSON)) == LONGEST_PERSON
    with pytest.raises(InvalidSetting, match="at most 40"):
        check_person("x" * length)


@given(st.text())
def test_whatever_is_given_is_refused_or_comes_out_fit_to_be_shown(name: str) -> None:
    try:
        checked = check_person(name)
    except InvalidSetting:
        return
    assert len(checked) <= LONGEST_PERSON and check_person(checked) == checked
    assert not {unicodedata.category(character) for character in checked} & {"Cc", "Cs", "Zl", "Zp", "Co"}


def test_a_name_stands_on_all_that_is_its_owner_s_and_on_nothing_else(store: Store) -> None:
    people, queue, drawings = People(store.database), Queue(store), Drawings(store.database)
    run, other = queue.submit(CONFIG, ME), queue.submit(CONFIG, OTHER)
    mine = drawings.keep(drawing_of(3), 3, ME).id
    theirs = drawings.keep(drawing_of(3), 3, OTHER, person="Mia").id
    assert people.rename(ME, " Zoë ") == "Zoë" == people.name(ME)
    assert store.claim("worker") is not None  # which writes down whose turn it was
    later = queue.submit(CONFIG, ME)
    assert [store.run(each.id).person for each in (run, other, later)] == ["Zoë", "", "Zoë"]
    assert [drawings.get(each).person for each in (mine, theirs)] == ["Zoë", "Mia"]
    people.rename(ME, "Ada")
    assert [each.person for each in store.runs(owner=ME)] == ["Ada", "Ada"]
    assert drawings.get(mine).person == "Ada"
    with pytest.raises(InvalidSetting):
        people.rename(ME, "\u202eadA")
    people.rename(ME, "")
    assert (people.name(ME), store.run(run.id).person, drawings.get(mine).person) == ("", "", "")


def test_a_name_that_the_browser_kept_does_not_take_the_place_of_a_newer_one(store: Store) -> None:
    people = People(store.database)
    assert people.introduce(ME, "") == ""
    assert people.introduce(ME, "Zoë") == "Zoë" == people.name(ME)
    assert people.introduce(ME, "Ada") == "Zoë" == people.name(ME)


def test_a_name_changes_nobody_s_turn(store: Store) -> None:
    people, queue = People(store.database), Queue(store)
    queue.submit(CONFIG, ME)
    store.claim("worker")
    people.rename(ME, "Zoë")
    people.rename(OTHER, "Ada")
    again, first = queue.submit(CONFIG, ME).id, queue.submit(CONFIG, OTHER).id
    assert list(queue.turns()) == [first, again]


def finished(store: Store, files: ModelFiles, evaluations: Evaluations, owner: str, sha256: str) -> str:
    """The id of a finished run with a point, a model's file, a checkpoint, and answers on a test set."""
    lease = store.start(CONFIG, "worker", owner=owner)
    store.report(lease, new_points=[Point("train", 1, 0.1, 1.0, 0.5)])
    files.model_path(lease.run_id).parent.mkdir(parents=True, exist_ok=True)
    files.model_path(lease.run_id).write_bytes(b"a model")
    files.checkpoint_path(lease.run_id, 1).parent.mkdir(parents=True, exist_ok=True)
    files.checkpoint_path(lease.run_id, 1).write_bytes(b"a checkpoint")
    evaluations.keep(sha256, "d" * 64, np.full((1, 10), 0.1, np.float32))
    store.finish(lease, Status.FINISHED, model_sha256=sha256)
    return lease.run_id


def test_all_that_is_mine_goes_and_what_is_others_stays(store: Store, own_settings: Settings) -> None:
    people, queue, drawings = People(store.database), Queue(store), Drawings(store.database)
    files, evaluations = ModelFiles(own_settings.home), Evaluations(own_settings.home)
    people.rename(ME, "Zoë")
    ended = finished(store, files, evaluations, ME, SHA256)
    queue.submit(CONFIG, ME)
    store.start(CONFIG, "worker", owner=ME)  # which is being trained
    theirs = finished(store, files, evaluations, OTHER, "cd" * 32)
    waiting = queue.submit(CONFIG, OTHER).id
    for digit in range(3):
        drawings.keep(drawing_of(digit), digit, ME)
    kept = drawings.keep(drawing_of(3), 3, OTHER).id
    assert people.belongings(ME) == Belongings(runs=3, drawings=3)
    before = sorted(own_settings.home.rglob("*"))
    assert delete_belongings(ME, store, files, evaluations) == Belongings(runs=3, drawings=3)
    assert people.belongings(ME) == Belongings(runs=0, drawings=0) and people.name(ME) == ""
    assert store.points(ended) == []
    assert {run.id for run in store.runs()} == {theirs, waiting} == {*queue.turns(), theirs}
    assert [each.id for each in drawings.find()] == [kept]
    gone = {each for each in before if not each.exists()}
    assert gone == {
        files.model_path(ended),
        files.checkpoint_path(ended, 1),
        evaluations.path(SHA256, "d" * 64),
    }
    assert delete_belongings(ME, store, files, evaluations) == Belongings(runs=0, drawings=0)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")
def test_a_run_deleted_while_it_trains_ends_and_leaves_no_file(own_settings: Settings) -> None:
    store = Store(own_settings)
    files, evaluations = ModelFiles(own_settings.home), Evaluations(own_settings.home)
    x, y = synthesise(260, seed=0)
    small = Dataset("small", "written by rule", "", x[:200], y[:200], x[200:], y[200:])
    lease = store.start(replace(CONFIG, learning_rate=0.001, optimizer="adam"), "worker", owner=ME)

    def delete_mine() -> None:
        until(lambda: list((own_settings.home / "checkpoints").glob("*.npz")))
        delete_belongings(ME, store, files, evaluations)

    with pytest.raises(LeaseLost):
        carry_out(lease, store, own_settings, load=lambda name: small, observer=At(1.5, delete_mine))
    left = [each.name for each in own_settings.home.rglob("*") if each.is_file()]
    assert [name for name in left if lease.run_id in name] == []
    assert store.runs() == []
    store.close()
