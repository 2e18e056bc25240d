"""Whole numbers, composed of the digits of one hand, side by side with gaps or touching."""

from collections.abc import Sequence

import numpy as np

from mnist_app.ink.strokes import Points

GAPS = (0.08, 0.5)
"""Least and largest gap between two digits, as a share of their height."""
OVERLAPS = (0.0, 0.1)
"""Least and largest overlap of two digits that touch."""


def in_a_row(digits: Sequence[Sequence[Points]], touching: bool, rng: np.random.Generator) -> list[Points]:
    """Write digits from left to right on one line.

    Args:
        digits: The pen's paths of each digit, in units of any size.
        touching: Whether one pair of neighbours touches or overlaps.
        rng: Chooses gaps, and how uneven heights and the line are.

    Returns:
        The paths of all digits in the order written; a digit is about 1 high.
    """
    touched = rng.integers(0, len(digits) - 1) if touching and len(digits) > 1 else -1
    ways: list[Points] = []
    right = 0.0
    for number, digit in enumerate(digits):
        points = np.concatenate(digit)
        low, high = points.min(axis=0), points.max(axis=0)
        scale = rng.uniform(0.85, 1.0) / max(float((high - low).max()), 1e-9)
        gap = 0.0
        if number:
            gap = -rng.uniform(*OVERLAPS) if number - 1 == touched else rng.uniform(*GAPS)
        place = np.array([right + gap, rng.uniform(-0.05, 0.05) - (high[1] - low[1]) * scale])
        ways += [(way - low) * scale + place for way in digit]
        right += gap + float(high[0] - low[0]) * scale
    return ways
