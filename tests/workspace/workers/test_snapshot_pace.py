"""The pace of snapshots: many at first, never too many, and spread over the whole training."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mnist_app.workspace.runs.records import Moment
from mnist_app.workspace.workers.snapshot_pace import (
    LIVE_SECONDS,
    MOST_SNAPSHOTS,
    SnapshotPace,
)


def go(pace: SnapshotPace, windows: list[float], first_step: int = 0) -> list[Moment]:
    """Train with windows of so many seconds, and return what a store would have at the end."""
    kept: dict[int, Moment] = {}
    step, seconds = first_step, 0.0

    def take() -> None:
        moment, dropped = pace.take(step, step / 100, seconds)
        kept[step] = moment
        for each in dropped:
            del kept[each]
        assert len(kept) <= MOST_SNAPSHOTS

    take()
    for window in windows:
        step, seconds = step + 1, seconds + window
        if pace.is_due(seconds):
            take()
    if not pace.has(step):
        take()
    return list(kept.values())


def gaps(moments: list[Moment]) -> list[float]:
    return [after.seconds - before.seconds for before, after in pairwise(moments)]


def test_a_short_training_has_many() -> None:
    kept = go(SnapshotPace(), [0.05] * 100)
    assert 17 <= len(kept) <= 22
    assert (kept[0].step, kept[-1].step) == (0, 100)


def test_a_long_training_is_covered_evenly() -> None:
    kept = go(SnapshotPace(), [0.125] * 8 * 3600)
    assert 30 <= len(kept) <= MOST_SNAPSHOTS
    assert (kept[0].seconds, kept[-1].seconds) == (0, 3600)
    between = gaps(kept)[:-1]
    assert max(between) == min(between) == 64


@given(st.lists(st.floats(0.001, 30), max_size=400))
def test_whatever_the_windows_it_has_the_first_and_the_last_and_no_gap_is_much_wider_than_its_windows(
    windows: list[float],
) -> None:
    pace = SnapshotPace()
    kept = go(pace, windows)
    assert (kept[0].step, kept[-1].step) == (0, len(windows))
    assert [moment.step for moment in kept] == sorted({moment.step for moment in kept})
    assert min(gaps(kept)[:-1], default=pace.interval) >= pace.interval
    assert max(gaps(kept), default=0) <= 2 * (pace.interval + LIVE_SECONDS + max(windows, default=0))


def test_however_long_it_lasts_the_last_one_is_about_a_second_old() -> None:
    pace = SnapshotPace()
    pace.take(0, 0.0, 0.0)
    last = 0.0
    for step in range(1, 20_000):
        if pace.is_due(step / 10):
            pace.take(step, step / 100, step / 10)
            last = step / 10
        assert step / 10 - last <= LIVE_SECONDS
    assert pace.interval > 10


def test_a_continued_training_goes_on_at_the_pace_that_it_had() -> None:
    first = go(SnapshotPace(), [0.125] * 800)
    pace = SnapshotPace(first)
    assert pace.interval == 2.0
    both = go_on(pace, first, [0.125] * 80)
    assert max(gaps(both)[:-1]) < 2 * pace.interval
    assert both[-1].seconds == first[-1].seconds + 10
    assert both[: len(first) - 1] == first[:-1], "there was room for all of them"


def go_on(pace: SnapshotPace, earlier: list[Moment], windows: list[float]) -> list[Moment]:
    """What a store has at the end of a continued training."""
    kept = {moment.step: moment for moment in earlier}
    step, seconds = earlier[-1].step, 0.0
    assert pace.has(step), "the last one is of the network that goes on"
    for window in windows:
        step, seconds = step + 1, seconds + window
        if pace.is_due(seconds) or window is windows[-1]:
            kept[step], dropped = pace.take(step, step / 100, seconds)
            for each in dropped:
                del kept[each]
    return list(kept.values())
