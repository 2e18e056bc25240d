"""How soon a tab may ask again."""

import pytest

from mnist_app.ui.live.pace import ACTIVE_SECONDS, LONGEST_WAIT, SHARE, Pace


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def settled(pace: Pace, tabs: int, seconds: float) -> list[float]:
    """The waits of so many tabs, once each has asked often enough for the mean to settle."""
    return [pace.note(f"tab {tab}", seconds) for _ in range(100) for tab in range(tabs)][-tabs:]


def test_one_tab_alone_hardly_waits() -> None:
    assert settled(Pace(Clock()), 1, 0.006) == [pytest.approx(0.006 / SHARE - 0.006, abs=1e-4)]


def test_thirty_tabs_wait_so_that_all_together_take_their_share() -> None:
    waits = settled(Pace(Clock()), 30, 0.006)
    assert waits == pytest.approx([30 * 0.006 / SHARE - 0.006] * 30, abs=1e-4)


def test_a_tab_that_has_stopped_asking_does_not_count() -> None:
    clock = Clock()
    pace = Pace(clock)
    settled(pace, 30, 0.006)
    clock.now += ACTIVE_SECONDS
    assert pace.note("tab 0", 0.006) == pytest.approx(0.006 / SHARE - 0.006, abs=1e-4)


def test_nobody_waits_longer_than_that_however_slow_the_server_is() -> None:
    assert settled(Pace(Clock()), 30, 2.0) == [LONGEST_WAIT] * 30


def test_a_slow_answer_is_rest_enough() -> None:
    pace = Pace(Clock())
    settled(pace, 1, 0.006)
    assert pace.note("tab 0", 0.5) == 0.0
