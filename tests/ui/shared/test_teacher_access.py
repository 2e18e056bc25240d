"""The teacher's code: guessing is slow for everybody together, and whoever has the code gets in."""

import threading
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_app.settings import PROJECT
from mnist_app.ui.shared.teacher_access import (
    BURST,
    LONGEST_DELAY,
    REMEMBERED,
    SPACING,
    Answer,
    TeacherAccess,
)

CODE = "écrire 7 à l’encre"
HERE, ELSEWHERE = "10.0.0.7", "10.0.0.8"
STEPS = st.lists(
    st.tuples(st.sampled_from((0.0, 0.3, 1.0, 9.0, 90.0)), st.integers(0, 9), st.sampled_from("xyz")),
    min_size=1,
    max_size=60,
)


class Clock:
    """A time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Class:
    """An access with a time of its own, and the sessions that are connected."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.gone: set[str] = set()
        self.access = TeacherAccess(CODE, lambda session: session not in self.gone, self.clock)

    def give(self, code: str, session: str, address: str = HERE) -> Answer:
        self.access.give(code, session, address)
        return self.access.answer(session)

    def seconds_until_right(self, session: str) -> int:
        """Ask once a second, as the page does."""
        for seconds in range(10_000):
            answer = self.access.answer(session)
            if answer is Answer.RIGHT:
                return seconds
            assert answer is Answer.WAITING
            self.clock.now += 1
        raise AssertionError("The teacher never gets in.")

    def fill_the_line(self, sessions: int, address: str = HERE) -> None:
        for number in range(sessions):
            self.give("guess", f"guesser {number}", address)


def test_the_code_opens_and_anything_else_does_not() -> None:
    room = Class()
    assert room.give(CODE, "session") is Answer.RIGHT
    assert room.access.answer("session") is Answer.NONE, "it is told once"
    for number, wrong in enumerate(("", CODE + " ", "\ud800", CODE.upper())):
        assert room.give(wrong, f"session {number}") is Answer.WRONG


def test_each_wrong_code_makes_the_next_of_its_session_wait_longer() -> None:
    room = Class()
    waits = []
    for _ in range(9):
        answer = room.give("guess", "session")
        while answer is Answer.WAITING:
            room.clock.now += 0.5
            answer = room.access.answer("session")
        assert answer is Answer.WRONG
        waits.append(room.access.wait("session"))
    assert waits == [1, 2, 4, 8, 16, 32, LONGEST_DELAY, LONGEST_DELAY, LONGEST_DELAY]
    room.give(CODE, "session")
    assert room.seconds_until_right("session") == LONGEST_DELAY, "even a guesser gets in by the right code"


def test_who_takes_time_does_not_wait() -> None:
    room = Class()
    for _ in range(3):
        assert room.give("guess", "session") is Answer.WRONG
        room.clock.now += 10
    assert room.give(CODE, "session") is Answer.RIGHT


def test_another_code_takes_the_place_of_the_one_that_waits() -> None:
    room = Class()
    room.fill_the_line(BURST + 3)
    assert room.give("a slip", "teacher") is Answer.WAITING
    room.clock.now += 1
    assert room.give(CODE, "teacher") is Answer.WAITING
    assert room.seconds_until_right("teacher") <= 2 * 4


def test_a_teacher_at_another_address_passes_those_who_guess() -> None:
    room = Class()
    room.fill_the_line(300)
    room.give(CODE, "teacher", ELSEWHERE)
    assert room.access.wait("teacher") == 2 * SPACING
    assert room.seconds_until_right("teacher") <= 2 * SPACING


def test_a_teacher_at_the_same_address_gets_in_however_many_come_after() -> None:
    room = Class()
    room.fill_the_line(30)
    room.give(CODE, "teacher")
    promised = room.access.wait("teacher")
    assert promised <= 2 * 30 * SPACING
    for seconds in range(200):
        for number in range(20):
            room.access.give(
                "guess", f"newcomer {seconds}-{number}", HERE if number % 2 else f"10.1.{seconds}.1"
            )
        if room.access.answer("teacher") is Answer.RIGHT:
            break
        room.clock.now += 1
    assert seconds <= promised


def test_who_has_left_holds_nobody_up() -> None:
    room = Class()
    room.fill_the_line(300)
    room.give(CODE, "teacher")
    room.gone = {f"guesser {number}" for number in range(300)}
    room.clock.now += SPACING
    assert room.access.answer("teacher") is Answer.RIGHT


@given(STEPS)
def test_sessions_and_addresses_guess_no_faster_together(steps: list[tuple[float, int, str]]) -> None:
    room = Class()
    compared: list[float] = []
    for pause, session, address in steps:
        room.clock.now += pause
        room.access.give("guess", str(session), address)
        answers = [room.access.answer(str(each)) for each in range(10)]
        compared += [room.clock.now] * answers.count(Answer.WRONG)
    for place, begin in enumerate(compared):
        for count, end in enumerate(compared[place:], 1):
            assert count <= BURST + (end - begin) / SPACING + 1e-6
    room.access.give(CODE, "teacher", "x")
    waiting = 1 + sum(room.access.answer(str(each)) is Answer.WAITING for each in range(10))
    assert room.seconds_until_right("teacher") <= 2 * SPACING * waiting


def test_a_day_has_as_many_guesses_as_the_technicians_are_told() -> None:
    text = " ".join((PROJECT / "docs" / "for-technicians.md").read_text(encoding="utf-8").split())
    day = 24 * 3_600 / SPACING
    assert f"at most {day:,.0f} a day" in text
    assert 36**8 / day / 365 > 89_000 and 10**8 / day / 365 > 3
    assert f"up to {LONGEST_DELAY:.0f}." in text


def test_of_many_tries_at_once_no_more_are_compared() -> None:
    room = Class()
    answers: list[Answer] = []

    def guess(number: int) -> None:
        answers.append(room.give("guess", f"session {number}"))

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    room.access.answer("nobody")
    waiting = sum(room.access.answer(f"session {number}") is Answer.WAITING for number in range(40))
    assert waiting == 40 - BURST
    assert Counter(answers)[Answer.WRONG] <= BURST


def test_who_stopped_guessing_is_forgotten() -> None:
    room = Class()
    for number in range(100):
        assert room.give("guess", f"session {number}", f"10.0.0.{number}") is Answer.WRONG
        room.clock.now += SPACING
    room.clock.now += REMEMBERED
    room.gone = {f"session {number}" for number in range(100)}
    assert room.give(CODE, "session") is Answer.RIGHT
    assert not room.access.remembered()


@pytest.mark.parametrize("secret", [CODE, "almost " + CODE])
def test_nothing_that_was_given_can_be_read_from_it(secret: str) -> None:
    room = Class()
    room.fill_the_line(BURST)
    assert room.give(secret, "teacher") is Answer.WAITING
    assert CODE not in f"{vars(room.access)}"
