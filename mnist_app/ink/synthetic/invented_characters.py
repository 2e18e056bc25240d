"""Characters of alphabets that do not exist, by several independent rules.

`strung` composes strokes from parts and relations between strokes, after the generative model of Lake,
Salakhutdinov and Tenenbaum (2015, "Human-level concept learning through probabilistic program induction").
Parts and probabilities are our own; no drawing of any data set is in them. The other rules imitate families
of scripts. The rules avoid shapes that could be read as a digit, such as a lone line, ring or hook: they
begin with more free ends, separate parts or turns than any digit has. By eye, about three in a hundred of the
strung and the freehand ones can still be taken for a digit.
"""

from math import cos, hypot, pi, sin

import numpy as np

from mnist_app.ink.synthetic.digit_glyphs import Point, Stroke, arc
from mnist_app.ink.synthetic.marks import cornered, ring, turned

Rng = np.random.Generator


def _direction(rng: Rng) -> float:
    """Return an angle, most often near a multiple of 45 degrees, as lines of letters are."""
    if rng.uniform() < 0.3:
        return rng.uniform(0, 2 * pi)
    return int(rng.integers(8)) * pi / 4 + rng.uniform(-0.15, 0.15)


def _line(size: float, rng: Rng) -> Stroke:
    return [(0.0, 0.0), (size * 0.5, size * rng.uniform(-0.05, 0.05)), (size, 0.0)]


def _bow(size: float, rng: Rng) -> Stroke:
    """Draw a part of a circle, from a sixth to five sixths of it."""
    span, side = rng.uniform(2, 10), 1 if rng.uniform() < 0.5 else -1
    radius = size * 0.5 / max(0.6, sin(min(span, 6) * pi / 12))
    points = arc((0.0, 0.0), radius, radius * rng.uniform(0.7, 1.3), 9, 9 + side * span)
    return [(x - points[0][0], y - points[0][1]) for x, y in points]


def _hook(size: float, rng: Rng) -> Stroke:
    """Draw a line whose end turns back."""
    side, reach = 1 if rng.uniform() < 0.5 else -1, rng.uniform(0.2, 0.45) * size
    bend = [(size, 0.0), (size + reach * 0.4, side * reach * 0.5), (size * 0.9, side * reach)]
    return [(0.0, 0.0), (size * 0.6, 0.0), *bend]


def _loop(size: float, rng: Rng) -> Stroke:
    """Draw a line that makes a loop on its way."""
    side, radius = 1 if rng.uniform() < 0.5 else -1, rng.uniform(0.15, 0.3) * size
    turn = arc((size * 0.5, -side * radius), radius, radius, 6, 6 - side * 11)
    return [(0.0, 0.0), *turn, (size, rng.uniform(-0.1, 0.1))]


def _kink(size: float, rng: Rng) -> Stroke:
    """Draw two to four short lines in zigzag."""
    legs = int(rng.integers(2, 5))
    return cornered([(size * leg / legs, size * 0.3 * (leg % 2)) for leg in range(legs + 1)])


def _wave(size: float, rng: Rng) -> Stroke:
    halves, height = int(rng.integers(2, 5)), size * rng.uniform(0.1, 0.25)
    return [(size * half / halves, height * (-1) ** half) for half in range(halves + 1)]


_PARTS = (*[_line] * 7, *[_bow] * 5, _hook, _hook, _loop, _loop, _kink, _wave)


def _part(size: float, rng: Rng, near: Point, angle: float) -> Stroke:
    """Draw one of the parts, beginning at `near`, in the direction of `angle`."""
    c, s = cos(angle), sin(angle)
    part = _PARTS[int(rng.integers(len(_PARTS)))](size, rng)
    return [(near[0] + x * c - y * s, near[1] + x * s + y * c) for x, y in part]


def _chain(parts: int, start: Point, rng: Rng) -> Stroke:
    """Draw a stroke of several parts, joined at corners or smoothly."""
    stroke: Stroke = []
    angle = _direction(rng)
    for _ in range(parts):
        part = _part(rng.uniform(0.3, 0.8), rng, stroke[-1] if stroke else start, angle)
        stroke += part if not stroke or rng.uniform() < 0.6 else part[1:]
        angle += rng.uniform(0.6, 2.4) * (1 if rng.uniform() < 0.5 else -1)
    return stroke


def _start(strokes: list[Stroke], rng: Rng) -> Point:
    """Return where the next stroke begins.

    It may begin anywhere, at an end of the only earlier stroke, or along an earlier one. More than two
    strokes end to end would be one long one, and that now and then looks like a 2 or a 5.
    """
    relation = rng.uniform()
    if not strokes or relation < 0.25:
        return rng.uniform(0, 1), rng.uniform(0, 1)
    earlier = strokes[int(rng.integers(len(strokes)))]
    if relation < 0.55 and len(strokes) == 1:
        return earlier[0] if rng.uniform() < 0.5 else earlier[-1]
    return earlier[int(rng.integers(len(earlier)))]


def _small_mark(centre: Point, rng: Rng) -> Stroke:
    """Draw a dot, a ring or a dash, as a sign above or beside a letter."""
    choice, size = rng.uniform(), rng.uniform(0.06, 0.12)
    if choice < 0.4:
        return [centre, (centre[0] + 0.02, centre[1] + 0.02)]
    if choice < 0.7:
        return ring(centre, size, rng)
    angle = rng.uniform(0, pi)
    x, y = 1.3 * size * cos(angle), 1.3 * size * sin(angle)
    return [(centre[0] - x, centre[1] - y), (centre[0] + x, centre[1] + y)]


def _outside(strokes: list[Stroke], rng: Rng) -> Point:
    """Return a place a little outside the strokes' box."""
    xs, ys = [x for stroke in strokes for x, _ in stroke], [y for stroke in strokes for _, y in stroke]
    margin = 0.18 * max(max(xs) - min(xs), max(ys) - min(ys)) + 0.04
    along_x, along_y = rng.uniform(min(xs), max(xs)), rng.uniform(min(ys), max(ys))
    places = [
        (along_x, min(ys) - margin),
        (along_x, max(ys) + margin),
        (min(xs) - margin, along_y),
        (max(xs) + margin, along_y),
    ]
    return places[int(rng.integers(4))]


def strung(rng: Rng) -> list[Stroke]:
    """Draw two to five strokes of one to three parts each.

    A stroke begins anywhere, at an end of an earlier one or along it.
    """
    count = 2 + int(rng.binomial(3, 0.45))
    strokes: list[Stroke] = []
    for _ in range(count):
        parts = 1 + int(rng.binomial(2, 0.2 if count > 2 else 0.5))
        strokes.append(_chain(parts, _start(strokes, rng), rng))
    if count == 2 or rng.uniform() < 0.2:  # two strokes alone look like a 2 or a 7 too often
        strokes.append(_small_mark(_outside(strokes, rng), rng))
    return strokes


def framed(rng: Rng) -> list[Stroke]:
    """Draw a frame, such as a bar above, a box or an arch, and strokes that hang from it or lie in it.

    It imitates Indian scripts, Tibetan and Korean.
    """
    frames: list[list[Stroke]] = [
        [[(-0.1, 0), (1.2, 0)], [(rng.uniform(0.2, 0.6), 0), (rng.uniform(0.2, 0.6), 1)]],
        [cornered([(0, 0), (1, 0), (1, 1), (0, 1)], closed=True)],
        [cornered([(0, 1), (0, 0), (1, 0), (1, 1)])],
        [[(0, 0), (0, 0.7), (0.5, 1), (1, 0.7), (1, 0)]],
        [[(0, 1), (0, 0.3), (0.5, 0), (1, 0.3), (1, 1)]],
        [cornered([(0, 0), (0, 1), (1, 1)])],
        [[(-0.3, 0), (1.3, 0)], [(0.5, 0), (0.5, 0.45)], ring((0.5, 0.7), 0.25, rng)],
        [[(0, 0), (0, 1)], [(1, 0), (1, 1)]],
    ]
    strokes = frames[int(rng.integers(len(frames)))]
    for _ in range(int(rng.integers(1, 4))):
        start = (rng.uniform(0.15, 0.85), rng.uniform(0.0, 0.7))
        size = rng.uniform(0.3, 0.7)
        part = _part(size, rng, start, _direction(rng))
        strokes.append([(min(max(x, -0.1), 1.1), min(max(y, -0.1), 1.2)) for x, y in part])
    if rng.uniform() < 0.3:
        strokes.append(_small_mark(_outside(strokes, rng), rng))
    return strokes


def angular(rng: Rng) -> list[Stroke]:
    """Draw straight lines between nine points of a lattice, as in runes and the scripts of films."""
    strokes: list[Stroke] = []
    used: set[frozenset[Point]] = set()
    wide, high = rng.uniform(0.6, 1.0), rng.uniform(0.8, 1.2)
    wanted = int(rng.integers(4, 8))
    while len(used) < wanted:
        lattice = [_lattice_point(rng)] if not used else [list(list(used)[-1])[0]]
        for _ in range(int(rng.integers(1, 4))):
            following = _lattice_point(rng)
            edge = frozenset((lattice[-1], following))
            if len(edge) == 2 and edge not in used:
                used.add(edge)
                lattice.append(following)
        if len(lattice) > 1:
            strokes.append(cornered([(wide * x / 2, high * y / 2) for x, y in lattice]))
    return strokes


def _lattice_point(rng: Rng) -> Point:
    return float(rng.integers(3)), float(rng.integers(3))


def rounded(rng: Rng) -> list[Stroke]:
    """Draw one line of bows that turn to and fro, for more than three full turns, while moving on.

    It imitates Burmese, Malayalam and Georgian. No digit turns so often or is so wide.
    """
    point, angle, side, advance = (0.0, 0.0), rng.uniform(0, 2 * pi), 1, rng.uniform(0.03, 0.07)
    stroke: Stroke = [point]
    turned_by, wanted = 0.0, rng.uniform(3.0, 5.0) * 2 * pi
    while turned_by < wanted:
        radius, span = rng.uniform(0.12, 0.4), rng.uniform(0.8, 2.4) * pi
        steps = round(span / 0.7)
        for _ in range(steps):
            angle += side * span / steps
            point = (point[0] + advance + radius * 0.7 * cos(angle), point[1] + radius * 0.7 * sin(angle))
            stroke.append(point)
        turned_by += span
        side = -side if rng.uniform() < 0.6 else side
    strokes = [stroke]
    if rng.uniform() < 0.3:
        strokes.append(_small_mark(_outside(strokes, rng), rng))
    return strokes


def syllabic(rng: Rng) -> list[Stroke]:
    """Draw a wide simple sign in one of several positions with small marks, as in Canadian syllabics."""
    signs: list[tuple[Stroke, tuple[int, ...]]] = [
        (cornered([(0, 1), (0.5, 0), (1, 1)]), (0, 1, 2, 3)),
        ([(0, 1), (0, 0.4), (0.5, 0), (1, 0.4), (1, 1)], (0, 2, 3)),
        (cornered([(0.5, 0), (0, 1), (1, 1)], closed=True), (0, 1, 2, 3)),
        (cornered([(0, 0), (0, 1), (1, 1), (1, 0)]), (0, 1, 2, 3)),
        (cornered([(0, 0.6), (0.3, 0), (0.6, 0.6), (0.9, 0), (1.2, 0.6)]), (0, 2)),
    ]
    sign, quarters = signs[int(rng.integers(len(signs)))]
    strokes = turned([sign], quarters[int(rng.integers(len(quarters)))] * pi / 2)
    marks = 1 + int(rng.binomial(2, 0.3))
    strokes += [_small_mark(_outside(strokes, rng), rng) for _ in range(marks)]
    if rng.uniform() < 0.3:
        strokes.append(_small_mark((0.5, 0.5), rng))
    return strokes


def mirrored(rng: Rng) -> list[Stroke]:
    """Draw one or two strokes and their mirror images; the upright or lying axis may be drawn too."""
    half: list[Stroke] = []
    for _ in range(int(rng.integers(1, 3))):
        points = rng.uniform(0, 1, (int(rng.integers(2, 5)), 2)).tolist()
        if rng.uniform() < 0.6:
            points[0][0] = 0.0
        points[-1][0] = rng.uniform(0.6, 1.0)
        half.append([(0.55 * x, y) for x, y in points])
    if rng.uniform() < 0.4:
        half = [cornered(stroke) for stroke in half]
    strokes = [[(0.5 + side * x, y) for x, y in stroke] for stroke in half for side in (1, -1)]
    if rng.uniform() < 0.5:
        strokes.append([(0.5, rng.uniform(-0.2, 0.2)), (0.5, rng.uniform(0.8, 1.2))])
    if rng.uniform() < 0.3:
        strokes.append(_small_mark((0.5, rng.uniform(-0.3, 1.2)), rng))
    # A single stroke mirrored about a lying axis looks like a 1 or a 3 too often.
    return turned(strokes, pi / 2 if len(strokes) > 2 and rng.uniform() < 0.4 else 0.0)


def freehand(rng: Rng) -> list[Stroke]:
    """Draw three or four smooth strokes, each through points strewn over the whole area."""
    strokes = []
    for _ in range(int(rng.integers(3, 5))):
        points = rng.uniform(0, 1, (int(rng.integers(2, 6)), 2)).tolist()
        kept = [points[0]]
        kept += [p for p in points[1:] if hypot(p[0] - kept[0][0], p[1] - kept[0][1]) > 0.25]
        strokes.append([(x, y) for x, y in (kept if len(kept) > 1 else points)])
    return strokes


def ringed(rng: Rng) -> list[Stroke]:
    """Draw straight lines with small rings or bowls at their ends, as in the Alphabet of the Magi."""
    strokes: list[Stroke] = []
    angle = _direction(rng)
    for _ in range(int(rng.integers(3, 6))):
        start, length = _start(strokes, rng), rng.uniform(0.5, 1.0)
        angle += rng.uniform(0.7, 2.4)
        end = (start[0] + length * cos(angle), start[1] + length * sin(angle))
        strokes.append([start, end])
    for stroke in strokes[:]:
        if rng.uniform() < 0.6:
            size = rng.uniform(0.12, 0.2)
            strokes.append(ring(stroke[-1], size, rng))
    return [*strokes, ring(strokes[0][0], 0.15, rng)]
