"""Marks that people leave in place of a digit: scribbles, crosses, spirals, dots, blobs and so on.

Every function draws its proportions anew from `rng` and returns the control points of pen strokes as in
`digit_glyphs`: x to the right and y down, about 1 large, a corner written twice.
"""

from math import cos, pi, sin

import numpy as np

from mnist_app.ink.synthetic.digit_glyphs import Point, Stroke, arc
from mnist_app.ink.synthetic.synthesis import write_digit

Rng = np.random.Generator


def turned(strokes: list[Stroke], angle: float) -> list[Stroke]:
    """Return the strokes turned clockwise by `angle`, in radians, about (0.5, 0.5)."""
    c, s = cos(angle), sin(angle)

    def turn(x: float, y: float) -> Point:
        return 0.5 + (x - 0.5) * c - (y - 0.5) * s, 0.5 + (x - 0.5) * s + (y - 0.5) * c

    return [[turn(x, y) for x, y in stroke] for stroke in strokes]


def cornered(points: Stroke, closed: bool = False) -> Stroke:
    """Return the points joined by straight lines with corners, back to the first if `closed`."""
    if closed:
        points = [*points, points[0]]
    return [points[0], *(point for inner in points[1:-1] for point in (inner, inner)), points[-1]]


def ring(centre: Point, radius: float, rng: Rng, flat: float = 1.0) -> Stroke:
    """Draw a circle from anywhere, either way round, whose ends nearly meet."""
    start = rng.uniform(-6, 6)
    way = 12 + rng.uniform(-0.5, 1.0)
    end = start + way if rng.uniform() < 0.3 else start - way
    return arc(centre, radius, radius * flat, start, end, rng.uniform(-0.05, 0.05))


def zigzag(rng: Rng) -> list[Stroke]:
    """Draw back and forth while moving on, with sharp or round turns, in any direction."""
    legs, advance, round_turns = int(rng.integers(5, 18)), rng.uniform(0.6, 1.6), rng.uniform() < 0.5
    points = [
        (advance * leg / legs, leg % 2 * rng.uniform(0.5, 1.0) + rng.uniform(0, 0.15))
        for leg in range(legs + 1)
    ]
    return turned([points if round_turns else cornered(points)], rng.uniform(0, pi))


def tangle(rng: Rng) -> list[Stroke]:
    """Draw a long smooth line that wanders over itself."""
    return [_scattered(int(rng.integers(9, 26)), rng)]


def coil(rng: Rng) -> list[Stroke]:
    """Draw loops along a line, like eeee."""
    loops, flat = int(rng.integers(3, 9)), rng.uniform(0.7, 1.6)
    advance = rng.uniform(0.6, 1.4) / loops
    points = []
    for step in range(loops * 8):
        angle = step * pi / 4
        points.append((advance * step / 8 + 0.4 * sin(angle), 0.4 * flat * cos(angle) + rng.uniform(0, 0.08)))
    return turned([points], rng.uniform(-1, 1))


def hatching(rng: Rng) -> list[Stroke]:
    """Draw four and more strokes side by side, now and then crossed by as many."""
    lines = int(rng.integers(4, 11))
    strokes = [
        [(place, rng.uniform(-0.05, 0.2)), (place, rng.uniform(0.8, 1.05))]
        for place in (
            rng.uniform(0.6, 1.4) * (line + rng.uniform(-0.3, 0.3)) / lines for line in range(lines)
        )
    ]
    if rng.uniform() < 0.4:
        strokes += turned(strokes[: int(rng.integers(3, lines + 1))], pi / 2)
    return turned(strokes, rng.uniform(0, pi))


def scratches(rng: Rng) -> list[Stroke]:
    """Draw long straight strokes in all directions without lifting the pen."""
    return [cornered(_scattered(int(rng.integers(8, 20)), rng))]


def _scattered(count: int, rng: Rng) -> Stroke:
    flat = rng.uniform(0.7, 1.3)
    angles, radii = rng.uniform(0, 2 * pi, count).tolist(), rng.uniform(0.15, 0.5, count).tolist()
    return [(0.5 + r * cos(a), 0.5 + flat * r * sin(a)) for a, r in zip(angles, radii, strict=True)]


def _bar(angle: float, rng: Rng) -> Stroke:
    """Draw a straight line through about the middle."""
    length, shift = rng.uniform(0.38, 0.55, 2), rng.uniform(-0.05, 0.05, 2)
    middle_x, middle_y = 0.5 + float(shift[0]), 0.5 + float(shift[1])
    there, back = float(length[0]), float(length[1])
    return [
        (middle_x - back * sin(angle), middle_y - back * cos(angle)),
        (middle_x + there * sin(angle), middle_y + there * cos(angle)),
    ]


def cross(rng: Rng) -> list[Stroke]:
    """Draw two bars: a plus, an x, or something between."""
    first = rng.uniform(-0.25, 0.25) + (pi / 4 if rng.uniform() < 0.6 else 0)
    return [_bar(first, rng), _bar(first + pi / 2 + rng.uniform(-0.4, 0.4), rng)]


def asterisk(rng: Rng) -> list[Stroke]:
    """Draw three to five bars through one point."""
    bars, first = int(rng.integers(3, 6)), rng.uniform(0, pi)
    return [_bar(first + pi * bar / bars + rng.uniform(-0.15, 0.15), rng) for bar in range(bars)]


def barred_cross(rng: Rng) -> list[Stroke]:
    """Draw a long stem with a bar high up, or with two or three."""
    bars, places = int(rng.integers(1, 4)), (0.3, 0.52, 0.72)
    stem: Stroke = [(0.5, 0.0), (0.5, 1.0)]
    widths = rng.uniform(0.25, 0.42, 3).tolist()
    strokes = [[(0.5 - w, place), (0.5 + w, place)] for w, place in zip(widths, places, strict=True)]
    return turned([stem, *strokes[:bars]], rng.uniform(-0.3, 0.3))


def outlined_cross(rng: Rng) -> list[Stroke]:
    """Draw the outline of a plus with thick bars."""
    a, b = rng.uniform(0.3, 0.4), rng.uniform(0.6, 0.7)
    plus = [(a, 0), (b, 0), (b, a), (1, a), (1, b), (b, b), (b, 1), (a, 1), (a, b), (0, b), (0, a), (a, a)]
    return turned(
        [cornered(plus, closed=True)], rng.uniform(-0.3, 0.3) + (pi / 4 if rng.uniform() < 0.3 else 0)
    )


def spiral(rng: Rng) -> list[Stroke]:
    """Draw a spiral of two to five turns, outwards, either way round."""
    return [_spiral(rng.uniform(2.1, 4.2), rng)]


def double_spiral(rng: Rng) -> list[Stroke]:
    """Draw a spiral inwards, and another outwards from its end, side by side."""
    left, right = (_spiral(rng.uniform(1.6, 2.4), rng) for _ in range(2))
    return turned([[*reversed(left), *((x + 1.1, y) for x, y in right)]], rng.uniform(-0.6, 0.6))


def _spiral(turns: float, rng: Rng) -> Stroke:
    start, growth, flat = rng.uniform(0, 2 * pi), rng.uniform(0.7, 1.3), rng.uniform(0.7, 1.3)
    way = 1 if rng.uniform() < 0.5 else -1
    steps = int(turns * 8)
    points = []
    for step in range(steps + 1):
        angle, radius = start + way * step * pi / 4, 0.03 + 0.47 * (step / steps) ** growth
        points.append((0.5 + radius * cos(angle), 0.5 + flat * radius * sin(angle)))
    return points


def square_spiral(rng: Rng) -> list[Stroke]:
    """Draw a spiral with corners, of three or four sides a turn."""
    sides, turns, start = int(rng.integers(3, 5)), rng.uniform(2.0, 3.6), rng.uniform(0, 2 * pi)
    way = 2 * pi / sides * (1 if rng.uniform() < 0.5 else -1)
    count = int(turns * sides)
    points = [
        (
            0.5 + 0.6 * (k + 1) / count * cos(start + way * k),
            0.5 + 0.6 * (k + 1) / count * sin(start + way * k),
        )
        for k in range(count + 1)
    ]
    return [cornered(points)]


def tick(rng: Rng) -> list[Stroke]:
    """Draw a short stroke down, a corner, and a long stroke up to the right."""
    low = (rng.uniform(0.2, 0.4), 1.0)
    return [cornered([(0.0, rng.uniform(0.4, 0.7)), low, (rng.uniform(0.9, 1.4), rng.uniform(0.0, 0.2))])]


def wave(rng: Rng) -> list[Stroke]:
    """Draw a line that waves twice and more."""
    halves, height = int(rng.integers(4, 11)), rng.uniform(0.1, 0.3)
    points = [(half / halves * 1.5, 0.5 + height * (-1) ** half) for half in range(halves + 1)]
    return turned([points], rng.uniform(-0.6, 0.6))


def dashes(rng: Rng) -> list[Stroke]:
    """Draw one lying line, or two to four side by side, which may stand too."""
    lines = int(rng.integers(1, 5))
    tilt = rng.uniform(-0.3, 0.3) if lines == 1 else rng.uniform(-0.3, pi / 2 + 0.3)
    strokes = [
        [(rng.uniform(-0.1, 0.1), 0.3 * line), (rng.uniform(0.9, 1.1), 0.3 * line + rng.uniform(-0.05, 0.05))]
        for line in range(lines)
    ]
    return turned(strokes, tilt)


def dot(rng: Rng) -> list[Stroke]:
    """Draw a tiny stroke, for a pen wider than the stroke is long."""
    return [[(0.0, 0.5), (0.5 + rng.uniform(-0.3, 0.3), 0.5 + rng.uniform(-0.2, 0.2)), (1.0, 0.5)]]


def circled_dot(rng: Rng) -> list[Stroke]:
    """Draw a tiny circle, for a pen so wide that no hole is left."""
    return [[*ring((0.5, 0.5), 0.5, rng), (0.5, 0.5)]]


def dot_pattern(rng: Rng) -> list[Stroke]:
    """Draw two to six dots, as in Braille."""
    rows, columns = 3, 2
    places = rng.permutation(rows * columns)[: int(rng.integers(2, 7))].tolist()
    middles = [(0.5 * (place % columns), 0.5 * (place // columns)) for place in places]
    size = rng.uniform(0.01, 0.12)
    return [[(x, y), (x + size, y + size / 2), (x, y + size)] for x, y in middles]


def blob(rng: Rng) -> list[Stroke]:
    """Draw an uneven round area, filled by going back and forth."""
    flat, tilt = rng.uniform(0.6, 1.4), rng.uniform(0, pi)
    bumps = 1 + rng.uniform(-0.15, 0.15, 20)
    points = []
    for row, bump in enumerate(bumps.tolist()):
        y = (row + 0.5) / 10 - 1
        reach = (1 - y * y) ** 0.5 * bump * (-1) ** row
        points += [(0.5 + 0.5 * reach, 0.5 + 0.5 * flat * y)]
    return turned([cornered(points)], tilt)


def wound_blob(rng: Rng) -> list[Stroke]:
    """Draw a round area, filled by going round and round from the middle."""
    turns = 5
    steps, flat = turns * 10, rng.uniform(0.7, 1.4)
    bumps = 0.5 * (1 + rng.uniform(-0.12, 0.12, steps))
    return [
        [
            (0.5 + r * k / steps * cos(k * pi / 5), 0.5 + flat * r * k / steps * sin(k * pi / 5))
            for k, r in enumerate(bumps.tolist())
        ]
    ]


def filled_square(rng: Rng) -> list[Stroke]:
    """Draw an area with corners, filled by going back and forth."""
    narrow, flat = rng.uniform(0.0, 1.2), rng.uniform(0.6, 1.3)
    points = []
    for row in range(21):
        reach = (narrow + (1 - narrow) * row / 20) * 0.5 * (-1) ** row
        points.append((0.5 + reach, flat * row / 20))
    return turned([cornered(points)], rng.uniform(-0.4, 0.4))


def triangle(rng: Rng) -> list[Stroke]:
    """Draw three corners, standing on a side or on a point."""
    flat = rng.uniform(0.7, 1.2)
    points = [(rng.uniform(0.2, 0.8), 0.0), (0.0, flat), (1.0, flat)]
    return turned(
        [cornered(points, closed=True)], rng.uniform(-0.4, 0.4) + (pi if rng.uniform() < 0.3 else 0)
    )


def rectangle(rng: Rng) -> list[Stroke]:
    """Draw four right angles."""
    wide, high = rng.uniform(0.7, 1.3), rng.uniform(0.7, 1.0)
    return [cornered([(0, 0), (wide, 0), (wide, high), (0, high)], closed=True)]


def other_shape(rng: Rng) -> list[Stroke]:
    """Draw a diamond, a trapezium, or a box crossed or halved."""
    choice, wide, cut = rng.uniform(), rng.uniform(0.8, 1.2), rng.uniform(0.15, 0.3)
    if choice < 0.35:
        return [cornered([(0.5 * wide, 0), (wide, 0.5), (0.5 * wide, 1), (0, 0.5)], closed=True)]
    if choice < 0.6:
        return [cornered([(cut, 0), (wide - cut, 0), (wide, 0.7), (0, 0.7)], closed=True)]
    box = cornered([(0, 0), (wide, 0), (wide, 0.9), (0, 0.9)], closed=True)
    return [box, [(0, 0), (wide, 0.9)], [(wide, 0), (0, 0.9)]][: int(rng.integers(2, 4))]


def two_digits(rng: Rng) -> list[Stroke]:
    """Draw two digits beside each other: a number, not a digit."""
    return _digits_beside(2, rng)


def three_digits(rng: Rng) -> list[Stroke]:
    """Draw three digits beside each other."""
    return _digits_beside(3, rng)


def _digits_beside(count: int, rng: Rng) -> list[Stroke]:
    strokes: list[Stroke] = []
    left = 0.0
    for digit in rng.integers(0, 10, count).tolist():
        written = write_digit(digit, rng)
        xs = np.concatenate([stroke[:, 0] for stroke in written])
        shift, drop = left - float(xs.min()), rng.uniform(-0.08, 0.08)
        strokes += [[(x + shift, y + drop) for x, y in stroke[::3].tolist()] for stroke in written]
        left += float(np.ptp(xs)) + rng.uniform(0.15, 0.4)
    return strokes
