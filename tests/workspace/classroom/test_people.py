"""Names of people's own choosing, on all that is theirs."""

import unicodedata

import pytest
from drawn import drawing_of
from hypothesis import given
from hypothesis import strategies as st

from mnist_app.errors import InvalidSetting
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.workspace.classroom.people import People
from mnist_app.workspace.classroom.person_name import LONGEST_PERSON, check_person
from mnist_app.workspace.drawings.drawing_store import Drawings
from mnist_app.workspace.runs.queue import Queue
from mnist_app.workspace.runs.run_store import Store

CONFIG = TrainingConfig(preset="dense", dataset="small", epochs=200, batch_size=16)
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
