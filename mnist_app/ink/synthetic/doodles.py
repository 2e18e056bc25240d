"""Pictures that people draw in place of a digit: faces, hearts, stars, arrows, houses and so on.

Every function draws its proportions anew from `rng` and returns the control points of pen strokes as in
`digit_glyphs`: x to the right and y down, about 1 large, a corner written twice.
"""

from math import cos, pi, sin

import numpy as np

from mnist_app.ink.synthetic.digit_glyphs import Point, Stroke
from mnist_app.ink.synthetic.marks import cornered, ring, turned

Rng = np.random.Generator


def _eye(centre: Point, rng: Rng) -> Stroke:
    mark, size = rng.uniform(), rng.uniform(0.02, 0.08)
    if mark < 0.4:
        return [(centre[0], centre[1] - size / 3), (centre[0] + 0.01, centre[1] + size / 3)]
    if mark < 0.7:
        return [(centre[0], centre[1] - size), (centre[0], centre[1] + size)]
    return ring(centre, size, rng)


def _features(rng: Rng) -> list[Stroke]:
    """Draw two eyes, a mouth, and a nose more often than not."""
    apart, height = rng.uniform(0.12, 0.2), rng.uniform(0.33, 0.42)
    strokes = [_eye((0.5 - apart, height), rng), _eye((0.5 + apart, height), rng)]
    if rng.uniform() < 0.6:
        top, tip = rng.uniform(0.42, 0.5), rng.uniform(0.55, 0.6)
        foot = 0.5 + rng.uniform(-0.08, 0.08)
        strokes.append([(0.5, top), (foot, tip), (foot, tip), (0.5, tip + rng.uniform(0, 0.03))])
    wide, curve, at = rng.uniform(0.12, 0.28), rng.uniform(-0.06, 0.14), rng.uniform(0.66, 0.74)
    mouth = [(0.5 - wide, at), (0.5, at + curve), (0.5 + wide, at)]
    if rng.uniform() < 0.15:
        mouth = [*mouth, (0.5, at + 2.2 * curve), mouth[0]]
    return [*strokes, mouth]


def face(rng: Rng) -> list[Stroke]:
    """Draw a round head with eyes, a mouth, with and without nose and hair."""
    strokes = [ring((0.5, 0.5), 0.5, rng, rng.uniform(0.85, 1.2)), *_features(rng)]
    if rng.uniform() < 0.2:
        angles = rng.uniform(-0.9, 0.9, int(rng.integers(3, 8))).tolist()
        strokes += [[(0.5 + r * sin(a), 0.5 - r * cos(a)) for r in (0.5, 0.68)] for a in angles]
    return strokes


def bare_face(rng: Rng) -> list[Stroke]:
    """Draw eyes and a mouth without a head."""
    return _features(rng)


def cat(rng: Rng) -> list[Stroke]:
    """Draw a face with two ears and whiskers."""
    strokes = [ring((0.5, 0.5), 0.42, rng, rng.uniform(0.8, 1.0)), *_features(rng)]
    for side in (-1, 1):
        tip = (0.5 + side * rng.uniform(0.3, 0.42), rng.uniform(-0.12, 0.0))
        strokes.append(cornered([(0.5 + side * 0.12, 0.13), tip, (0.5 + side * 0.4, 0.36)]))
        if rng.uniform() < 0.6:
            heights = rng.uniform(0.5, 0.7, int(rng.integers(2, 4))).tolist()
            strokes += [[(0.5 + side * 0.2, (h + 0.6) / 2), (0.5 + side * 0.6, h)] for h in heights]
    return strokes


def _half_heart(side: int, notch: float, wide: float, tip: float) -> Stroke:
    """Draw half a heart from its notch to its tip."""
    lobe = [(0.16, 0.02), (0.38, 0.0), (0.52, 0.16), (0.48, 0.42), (0.25, 0.74)]
    points = [(0.5 + side * wide * x, y) for x, y in lobe]
    return [(0.5, notch), (0.5, notch), *points, (0.5, tip)]


def heart(rng: Rng) -> list[Stroke]:
    """Draw a heart in one stroke, from the notch round and back to it, or nearly."""
    wide, tip, notch = rng.uniform(0.8, 1.25), rng.uniform(0.92, 1.1), rng.uniform(0.16, 0.34)
    left, right = (_half_heart(side, notch, wide, tip) for side in (-1, 1))
    back = list(reversed(right))
    back[-2:] = [(0.5 + rng.uniform(-0.05, 0.05), notch + rng.uniform(-0.05, 0.08))]
    return turned([[*left[1:], *back]], rng.uniform(-0.2, 0.2))


def heart_of_halves(rng: Rng) -> list[Stroke]:
    """Draw a heart in two strokes from the tip, now and then with an arrow through it.

    The strokes need not meet.
    """
    strokes = []
    for side in (-1, 1):
        notch, wide = rng.uniform(0.1, 0.4), rng.uniform(0.75, 1.3)
        half = _half_heart(side, notch, wide, rng.uniform(0.9, 1.05))
        strokes.append([(x + rng.uniform(-0.03, 0.03), y) for x, y in reversed(half[1:])])
    if rng.uniform() < 0.25:
        strokes.append([(-0.15, 0.75), (1.15, 0.2)])
    return strokes


def _on_circle(count: int, radii: tuple[float, ...], step: int, start: float) -> Stroke:
    angles = [start + 2 * pi * step * k / count for k in range(count)]
    return [
        (0.5 + radii[k % len(radii)] * sin(angle), 0.5 - radii[k % len(radii)] * cos(angle))
        for k, angle in enumerate(angles)
    ]


def star(rng: Rng) -> list[Stroke]:
    """Draw a star of five points in one stroke whose lines cross."""
    return [cornered(_on_circle(5, (0.5,), 2, rng.uniform(-0.4, 0.4) + pi * 1.2), closed=True)]


def outlined_star(rng: Rng) -> list[Stroke]:
    """Draw the outline of a star of four to seven points."""
    points, inner = int(rng.integers(4, 8)), rng.uniform(0.16, 0.28)
    return [cornered(_on_circle(2 * points, (0.5, inner), 1, rng.uniform(-0.3, 0.3)), closed=True)]


def _arrow_head(tip: Point, back: float, rng: Rng) -> Stroke:
    size, wide = rng.uniform(0.2, 0.4), rng.uniform(0.12, 0.3)
    return cornered([(tip[0] + back * size, tip[1] - wide), tip, (tip[0] + back * size, tip[1] + wide)])


def arrow(rng: Rng) -> list[Stroke]:
    """Draw a shaft with a head, in any direction."""
    shaft: Stroke = [(0.0, 0.5), (0.5, 0.5 + rng.uniform(-0.08, 0.08)), (1.0, 0.5)]
    return turned([shaft, _arrow_head((1.0, 0.5), -1, rng)], rng.uniform(0, 2 * pi))


def other_arrow(rng: Rng) -> list[Stroke]:
    """Draw an arrow with two heads, or as an outline."""
    if rng.uniform() < 0.5:
        heads = [_arrow_head((1.0, 0.5), -1, rng), _arrow_head((0.0, 0.5), 1, rng)]
        return turned([[(0.0, 0.5), (1.0, 0.5)], *heads], rng.uniform(0, 2 * pi))
    half, wing, neck = rng.uniform(0.08, 0.16), rng.uniform(0.25, 0.4), rng.uniform(0.5, 0.7)
    above = [(0.0, 0.5 - half), (neck, 0.5 - half), (neck, 0.5 - wing), (1.0, 0.5)]
    below = [(x, 1 - y) for x, y in reversed(above[:-1])]
    return turned([cornered([*above, *below], closed=True)], rng.uniform(0, 2 * pi))


def house(rng: Rng) -> list[Stroke]:
    """Draw walls and a roof, often with a door and a window."""
    eaves, roof = rng.uniform(0.35, 0.5), rng.uniform(-0.1, 0.1)
    walls = cornered([(0.1, eaves), (0.1, 1.0), (0.9, 1.0), (0.9, eaves)], closed=True)
    strokes = [walls, cornered([(0.1 - max(roof, 0), eaves), (0.5, 0.0), (0.9 + max(roof, 0), eaves)])]
    if rng.uniform() < 0.6:
        left, top = rng.uniform(0.2, 0.55), rng.uniform(0.6, 0.75)
        strokes.append(cornered([(left, 1.0), (left, top), (left + 0.2, top), (left + 0.2, 1.0)]))
    if rng.uniform() < 0.3:
        strokes.append(cornered([(0.62, 0.6), (0.8, 0.6), (0.8, 0.75), (0.62, 0.75)], closed=True))
    return strokes


def house_in_one_line(rng: Rng) -> list[Stroke]:
    """Draw the house of St. Nicholas, with both diagonals, without lifting the pen."""
    a, b, c, d = (0.0, 1.0), (1.0, 1.0), (1.0, 0.4), (0.0, 0.4)
    return [cornered([a, b, d, c, (0.5, rng.uniform(-0.2, 0.1)), d, a, c, b])]


def sun(rng: Rng) -> list[Stroke]:
    """Draw a circle with rays."""
    rays, start, inner = int(rng.integers(6, 13)), rng.uniform(0, pi), rng.uniform(0.2, 0.3)
    angles = [start + 2 * pi * ray / rays for ray in range(rays)]
    strokes = [[(0.5 + r * sin(a), 0.5 - r * cos(a)) for r in (inner + 0.08, 0.55)] for a in angles]
    return [ring((0.5, 0.5), inner, rng), *strokes]


def stick_figure(rng: Rng) -> list[Stroke]:
    """Draw a head, a body, arms and legs."""
    arms, spread = rng.uniform(0.3, 0.6), rng.uniform(0.12, 0.3)
    legs = cornered([(0.5 - spread, 1.0), (0.5, 0.65), (0.5 + spread, 1.0)])
    arm_line: Stroke = [(0.15, arms), (0.5, 0.4), (0.85, arms)]
    return [ring((0.5, 0.13), rng.uniform(0.1, 0.15), rng), [(0.5, 0.25), (0.5, 0.65)], arm_line, legs]


def flower(rng: Rng) -> list[Stroke]:
    """Draw a middle and petals, most with a stem."""
    petals, far = int(rng.integers(4, 8)), rng.uniform(0.24, 0.32)
    strokes = [ring((0.5, 0.4), 0.12, rng)]
    for petal in range(petals):
        angle = 2 * pi * petal / petals
        strokes.append(ring((0.5 + far * sin(angle), 0.4 - far * cos(angle)), rng.uniform(0.1, 0.15), rng))
    if rng.uniform() < 0.7:
        strokes.append([(0.5, 0.7), (0.5 + rng.uniform(-0.1, 0.1), 1.3)])
    return strokes
