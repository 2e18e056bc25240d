"""The ownership rule, against the table that the project has agreed on."""

import pytest

from mnist_app.errors import NotAllowed
from mnist_app.workspace.classroom.permissions import (
    HIDDEN,
    HIDDEN_BY,
    KIND_OF,
    Action,
    Kind,
    Visitor,
    check,
    may,
)
from mnist_app.workspace.classroom.pseudonym import writer_of

OWNER, STRANGER = "the-owner-of-these-things", "somebody-else-in-the-class"
VISITORS = {
    "owner": Visitor(OWNER, has_teacher=True),
    "teacher": Visitor(STRANGER, is_teacher=True, has_teacher=True),
    "someone, code set": Visitor(STRANGER, has_teacher=True),
    "someone, no code": Visitor(STRANGER),
}
CHANGES = [action for action in Action if KIND_OF[action] is Kind.THING]
OF_CLASS = [action for action in Action if KIND_OF[action] is Kind.CLASS]


def owner_of(action: Action) -> str:
    """What the store says of the owner's thing: drawings do not tell the token."""
    return writer_of(OWNER) if action.name.endswith("_DRAWING") else OWNER


def who_may(action: Action, owner: str) -> set[str]:
    return {name for name, visitor in VISITORS.items() if may(action, visitor, owner)}


@pytest.mark.parametrize("action", CHANGES)
def test_a_thing_is_changed_by_its_owner_and_the_teacher(action: Action) -> None:
    assert who_may(action, owner_of(action)) == {"owner", "teacher"}
    assert may(action, Visitor(OWNER), owner_of(action)), "where no code is set"


@pytest.mark.parametrize("action", CHANGES)
def test_a_run_of_the_command_line_is_changed_by_the_teacher_or_where_there_is_none(action: Action) -> None:
    assert who_may(action, "") == {"teacher", "someone, no code"}


def test_the_class_is_the_teacher_s() -> None:
    assert {action.name for action in OF_CLASS} >= {"MOVE_RUN", "SET_CLASS", "IMPORT_CLASS", "RESET_CLASS"}
    for action in OF_CLASS:
        assert who_may(action, "") == {"teacher"}


@pytest.mark.parametrize("action", [action for action in Action if KIND_OF[action] is Kind.READING])
def test_what_is_used_and_not_changed_is_for_everybody(action: Action) -> None:
    assert who_may(action, OWNER) == set(VISITORS)


@pytest.mark.parametrize("action", HIDDEN_BY)
def test_what_the_teacher_hides_is_refused_to_all_but_the_teacher(action: Action) -> None:
    hidden = frozenset({HIDDEN_BY[action]})
    with pytest.raises(NotAllowed, match=HIDDEN):
        check(action, Visitor(OWNER, has_teacher=True, hidden_controls=hidden), OWNER)
    assert may(action, Visitor(STRANGER, True, True, hidden_controls=hidden), OWNER)


def test_nobody_is_an_owner_by_an_empty_token_a_part_of_it_or_what_everybody_sees_of_it() -> None:
    for token in ("", OWNER[:-1], writer_of(OWNER)):
        for action in CHANGES:
            assert not may(action, Visitor(token, has_teacher=True), owner_of(action))
    assert not may(Action.DELETE_RUN, Visitor("", has_teacher=True), "")


@pytest.mark.parametrize(
    ("action", "has_teacher", "owner", "sentence"),
    [
        (
            Action.STOP_RUN,
            True,
            OWNER,
            "This run is somebody else's: only its owner and the teacher can stop it.",
        ),
        (Action.STOP_RUN, False, OWNER, "This run is somebody else's: only its owner can stop it."),
        (
            Action.RENAME_RUN,
            True,
            "",
            "This run comes from the command line: only the teacher can rename it.",
        ),
        (
            Action.REMOVE_DRAWING,
            False,
            writer_of(OWNER),
            "This drawing is somebody else's: only its owner can remove it.",
        ),
        (
            Action.RESET_CLASS,
            True,
            "",
            "Only the teacher can reset the class, after giving the code on the Teacher page.",
        ),
    ],
)
def test_a_refusal_says_who_may(action: Action, has_teacher: bool, owner: str, sentence: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        check(action, Visitor(STRANGER, has_teacher=has_teacher), owner)
    assert str(refused.value) == sentence


def test_no_secret_is_shown_by_accident() -> None:
    assert OWNER not in repr(VISITORS["owner"])
