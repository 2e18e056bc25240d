"""The teacher's code: nobody guesses for long, and whoever has it gets in."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_app.errors import TooManyTries, WrongCode
from mnist_app.ui.teacher_access import MOST_TRIES, SPAN, TeacherAccess

CODE = "écrire 7 à l’encre"
TRIES = st.lists(
    st.tuples(st.floats(0, 2 * SPAN), st.sampled_from("abc"), st.sampled_from("xyz")), min_size=1, max_size=40
)


class Clock:
    """A time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_the_code_opens_and_anything_else_does_not() -> None:
    access = TeacherAccess(CODE)
    access.check(CODE, ["session"])
    for number, wrong in enumerate(("", CODE + " ", "\ud800", CODE.upper())):
        with pytest.raises(WrongCode, match="not the teacher's code"):
            access.check(wrong, [f"session {number}"])


def test_after_five_wrong_codes_even_the_right_one_has_to_wait() -> None:
    clock = Clock()
    access = TeacherAccess(CODE, clock)
    for left in ("4 more tries", "3 more tries", "2 more tries", "one more try", "again in 60 seconds"):
        with pytest.raises(WrongCode, match=left):
            access.check("guess", ["session"])
        clock.now += 1
    with pytest.raises(TooManyTries, match="try again in 55 seconds"):
        access.check(CODE, ["session"])
    access.check(CODE, ["another session"])
    clock.now += 55
    access.check(CODE, ["session"])


def test_another_session_does_not_help_who_guesses_from_one_address() -> None:
    access = TeacherAccess(CODE, Clock())
    for number in range(MOST_TRIES):
        with pytest.raises(WrongCode):
            access.check("guess", [f"session {number}", "10.0.0.7"])
    with pytest.raises(TooManyTries):
        access.check("guess", ["a new session", "10.0.0.7"])


@given(TRIES)
def test_never_more_than_five_wrong_codes_a_minute_and_the_wait_is_told_rightly(
    tries: list[tuple[float, str, str]],
) -> None:
    clock = Clock()
    access = TeacherAccess(CODE, clock)
    compared: list[tuple[float, tuple[str, str]]] = []
    for pause, session, address in tries:
        clock.now += pause
        sources = (session, address)
        young = [
            sum(source in each and clock.now - when < SPAN for when, each in compared) for source in sources
        ]
        try:
            access.check("guess", sources)
        except WrongCode:
            assert max(young) < MOST_TRIES
            compared.append((clock.now, sources))
        except TooManyTries as error:
            assert max(young) >= MOST_TRIES
            clock.now += float(str(error).split(" in ")[1].split()[0])
            access.check(CODE, sources)


def test_of_many_tries_at_once_five_are_compared() -> None:
    access = TeacherAccess(CODE)
    answers: list[str] = []

    def guess() -> None:
        try:
            access.check("guess", ["address"])
        except (WrongCode, TooManyTries) as error:
            answers.append(type(error).__name__)

    threads = [threading.Thread(target=guess) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (answers.count("WrongCode"), answers.count("TooManyTries")) == (MOST_TRIES, 40 - MOST_TRIES)


def test_who_stopped_guessing_is_forgotten() -> None:
    clock = Clock()
    access = TeacherAccess(CODE, clock)
    for number in range(100):
        with pytest.raises(WrongCode):
            access.check("guess", [f"session {number}"])
    clock.now += SPAN
    access.check(CODE, ["session"])
    assert not access._wrong
