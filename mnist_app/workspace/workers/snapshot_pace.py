"""The pace of a run's snapshots: many of a short training, and a bounded number of a long one."""

from collections.abc import Sequence
from itertools import pairwise

from mnist_app.workspace.runs.records import Moment

MOST_SNAPSHOTS = 60
"""Snapshots of a run that are kept at any time."""
FIRST_SECONDS = 0.25
"""Seconds between two snapshots at first, so that a training of five seconds has about twenty."""
LIVE_SECONDS = 1.0
"""Seconds after which there is a new last snapshot, however far apart the ones that stay are."""


class SnapshotPace:
    """Says when to take a snapshot of a training, and which earlier ones to drop for it.

    The snapshots that stay are at least `interval` seconds apart. When `MOST_SNAPSHOTS` are full, every
    second one is dropped and the interval doubles. The last snapshot may be closer to the one before; then
    the next one replaces it.
    """

    def __init__(self, earlier: Sequence[Moment] = ()) -> None:
        """Go on after the snapshots that a run has already, at the pace that they have.

        Args:
            earlier: Their moments, in order.
        """
        self._kept = list(earlier)
        self._seconds_before = earlier[-1].seconds if earlier else 0.0
        self.interval = FIRST_SECONDS
        gaps = [after.seconds - before.seconds for before, after in pairwise(earlier)][:-1]
        while gaps and 2 * self.interval <= min(gaps):
            self.interval *= 2

    def is_due(self, seconds: float) -> bool:
        """Return whether to take a snapshot.

        Args:
            seconds: Since the training began, or went on.
        """
        gap = self._seconds_before + seconds - self._kept[-1].seconds if self._kept else self.interval
        return gap >= min(self.interval, LIVE_SECONDS)

    def has(self, step: int) -> bool:
        """Return whether the last snapshot is of this step."""
        return bool(self._kept) and self._kept[-1].step == step

    def take(self, step: int, epoch: float, seconds: float) -> tuple[Moment, list[int]]:
        """Count a snapshot that is taken now.

        Args:
            step: Steps since the first epoch began; more than at the last snapshot.
            epoch: The same in epochs.
            seconds: Since the training began, or went on.

        Returns:
            The snapshot's moment, and the steps of the snapshots to drop.
        """
        dropped = []
        if len(self._kept) > 1 and self._kept[-1].seconds - self._kept[-2].seconds < self.interval:
            dropped.append(self._kept.pop().step)
        moment = Moment(step, epoch, self._seconds_before + seconds)
        self._kept.append(moment)
        if len(self._kept) > MOST_SNAPSHOTS:
            dropped += [each.step for each in self._kept[1::2]]
            self._kept = self._kept[::2]
            self.interval *= 2
        return moment, dropped
