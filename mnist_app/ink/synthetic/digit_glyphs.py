"""Variants of the ten digits as people write them, as the control points of pen strokes.

A point is (x, y): x to the right and y down, the digit about 1 high and 0.4 to 0.9 wide. A stroke is a list
of points in the order of writing. The pen runs smoothly through them; a point that is written twice in a row
is a corner. Every function draws its proportions anew from `u(low, high)`, a uniformly distributed number, so
no two digits are alike.

The tables were written from knowledge of handwriting. The ranges were widened after looking at digits that a
network trained on them misread. They hold no stroke or image of any data set.
"""

from collections.abc import Callable
from math import cos, pi, sin

Point = tuple[float, float]
Stroke = list[Point]
Uniform = Callable[[float, float], float]
Glyph = Callable[[Uniform], list[Stroke]]


def arc(  # noqa: PLR0913, PLR0917
    centre: Point, rx: float, ry: float, start: float, end: float, drift: float = 0.0
) -> Stroke:
    """Return points on an ellipse from one hour of the clock to another.

    Hours that fall run anticlockwise: from 1 to -11 is a full turn that begins at one o'clock.

    Args:
        drift: Share by which the radius grows on the way (negative to shrink), so that the ends need not
            meet.
    """
    steps = max(2, round(abs(end - start) / 1.5))
    points = []
    for step in range(steps + 1):
        share = step / steps
        angle = (start + (end - start) * share) * pi / 6
        radius = 1 + drift * share
        points.append((centre[0] + rx * radius * sin(angle), centre[1] - ry * radius * cos(angle)))
    return points


def zero_closed(u: Uniform) -> list[Stroke]:
    """Draw an oval, anticlockwise from the top; the ends leave a gap, meet or overlap."""
    start = u(-1.5, 2.0)
    return [arc((0.5, 0.5), u(0.24, 0.54), 0.5, start, start - 12 + u(-1.8, 1.0), u(-0.2, 0.1))]


def zero_clockwise(u: Uniform) -> list[Stroke]:
    """Draw an oval written the other way round."""
    start = u(-2.5, 1.0)
    return [arc((0.5, 0.5), u(0.24, 0.54), 0.5, start, start + 12 + u(-0.8, 1.5), u(-0.2, 0.1))]


def zero_tailed(u: Uniform) -> list[Stroke]:
    """Draw an oval whose end crosses its beginning and leaves a tail, outside or across its inside."""
    rx = u(0.25, 0.46)
    oval = arc((0.5, 0.5), rx, 0.5, u(0.0, 1.2), -11.4)
    if u(0, 1) < 0.5:
        return [[*oval, (0.5 + rx * u(0.4, 0.9), u(-0.02, 0.15))]]
    return [[*oval, (0.5 - rx * u(0.0, 0.5), u(0.08, 0.3)), (0.5 - rx * u(0.0, 0.6), u(0.2, 0.5))]]


def zero_slashed(u: Uniform) -> list[Stroke]:
    """Draw an oval with a slash through it."""
    rx, reach = u(0.3, 0.45), u(0.4, 0.9)
    start = u(-0.5, 1.0)
    slash = [(0.5 + rx * reach, 0.5 - 0.45 * reach), (0.5 - rx * reach, 0.5 + 0.45 * reach)]
    return [arc((0.5, 0.5), rx, 0.5, start, start - 12), slash]


def one_plain(u: Uniform) -> list[Stroke]:
    """Draw a stroke from top to bottom, almost straight."""
    bend = u(-0.035, 0.035)
    return [[(0.5, 0.0), (0.5 + bend, 0.33), (0.5 + bend, 0.67), (0.5, 1.0)]]


def one_flag(u: Uniform) -> list[Stroke]:
    """Draw an upstroke, short or long, then the stem."""
    flag = u(0.08, 0.45)
    drop = flag * u(0.7, 1.3)
    return [[(0.5 - flag, drop), (0.5, 0.0), (0.5, 0.0), (0.5 + u(-0.03, 0.03), 0.5), (0.5, 1.0)]]


def one_flag_and_foot(u: Uniform) -> list[Stroke]:
    """Draw an upstroke, the stem, and a line under it."""
    left, right, tilt = u(0.12, 0.36), u(0.12, 0.36), u(-0.05, 0.05)
    foot = [(0.5 - left, 1.0 + tilt), (0.5 + right, 1.0 - tilt)]
    return [*one_flag(u), foot]


def one_foot(u: Uniform) -> list[Stroke]:
    """Draw the stem and a line under it."""
    left, right, tilt = u(0.12, 0.36), u(0.12, 0.36), u(-0.05, 0.05)
    return [*one_plain(u), [(0.5 - left, 1.0 + tilt), (0.5 + right, 1.0 - tilt)]]


def _two_head(u: Uniform) -> Stroke:
    """Draw the arch of a 2, from its left end, which may curl in, down to where the neck begins."""
    left, start, reach, curl = u(0.08, 0.28), u(0.1, 0.36), u(0.7, 0.94), u(-0.04, 0.1)
    top = u(0.42, 0.56)
    return [(left + curl, start), (left + 0.12, start * 0.4), (top, 0.0), (reach - 0.06, 0.09), (reach, 0.26)]


def two_plain(u: Uniform) -> list[Stroke]:
    """Draw an arch, a neck, a corner at the lower left, and a base that is straight or waves."""
    foot, end, wave, rise = u(0.0, 0.4), u(0.65, 1.25), u(-0.06, 0.06), u(-0.12, 0.08)
    neck = [(u(0.58, 0.82), u(0.42, 0.58)), (foot + 0.2, 0.8), (foot, 0.97), (foot, 0.97)]
    base = [((foot * 2 + end) / 3, 0.97 - wave), ((foot + end * 2) / 3, 0.98 + wave), (end, 0.97 + rise)]
    return [[*_two_head(u), *neck, *base]]


def two_looped(u: Uniform) -> list[Stroke]:
    """Draw an arch, a neck, a loop at the lower left, and a base that crosses the neck and runs out."""
    size, width, end, rise = u(0.06, 0.32), u(0.1, 0.4), u(0.9, 1.4), u(-0.15, 0.15)
    cross = u(0.36, 0.64)
    neck = [(u(0.66, 0.86), u(0.4, 0.54)), (cross + 0.1, 0.77)]
    loop = [
        (cross - width * 0.4, 0.98),
        (cross - width, 0.95 - size * 0.4),
        (cross - width * 0.4, 0.95 - size),
    ]
    base = [(cross + 0.12, 0.92 - size * 0.6), (cross + 0.32, 0.94 - size * 0.1), (end, 0.94 + rise)]
    return [[*_two_head(u), *neck, *loop, *base]]


def two_swan(u: Uniform) -> list[Stroke]:
    """Draw a 2 that is round at the foot too: the neck swings low, turns back and runs out to the right."""
    foot, end, rise = u(0.05, 0.3), u(0.8, 1.2), u(-0.15, 0.08)
    tail = [
        (u(0.62, 0.8), u(0.42, 0.5)),
        (foot + u(0.2, 0.38), 0.78),
        (foot, 0.92),
        (foot + u(0.06, 0.2), u(0.86, 0.98)),
    ]
    return [[*_two_head(u), *tail, ((foot + end) * 0.55, 0.95), (end, 0.95 + rise)]]


def two_angular(u: Uniform) -> list[Stroke]:
    """Draw almost a Z: a short arch, a straight neck, a straight base."""
    left, start, foot, end = u(0.05, 0.2), u(0.02, 0.15), u(0.02, 0.2), u(0.75, 1.0)
    head = [(left, start), (0.45, 0.0), (u(0.7, 0.85), 0.06), (u(0.7, 0.84), u(0.18, 0.28))]
    return [[*head, (0.45, 0.6), (foot, 0.98), (foot, 0.98), (end, 0.98 + u(-0.1, 0.06))]]


def _three_bowl(u: Uniform, waist: float) -> Stroke:
    """Draw the lower half of a 3, from just right of its waist to its left end."""
    reach, end, rise = u(0.68, 0.98), u(0.02, 0.3), u(0.76, 0.98)
    middle = (1 + waist) / 2
    return [
        (reach - 0.09, waist + 0.1),
        (reach, middle + 0.04),
        (reach - 0.14, 0.93),
        (0.46, 1.0),
        (end, rise),
    ]


def three_round(u: Uniform) -> list[Stroke]:
    """Draw two bowls that meet in a cusp."""
    left, start, reach, waist = u(0.08, 0.3), u(0.04, 0.26), u(0.6, 0.9), u(0.34, 0.54)
    head = [(left, start), (left + 0.14, start * 0.3), (0.5, 0.0), (reach, 0.14), (reach - 0.06, 0.32)]
    cusp = (u(0.22, 0.54), waist)
    return [[*head, cusp, cusp, *_three_bowl(u, waist)]]


def three_flat(u: Uniform) -> list[Stroke]:
    """Draw a flat top, a diagonal, a bowl."""
    left, reach, waist, tilt = u(0.05, 0.2), u(0.7, 0.92), u(0.34, 0.48), u(-0.06, 0.06)
    turn, cusp = (reach, 0.02 + tilt), (u(0.34, 0.5), waist)
    return [[(left, 0.02), (0.5, 0.02), turn, turn, cusp, cusp, *_three_bowl(u, waist)]]


def three_looped(u: Uniform) -> list[Stroke]:
    """Draw two bowls with a small loop between them."""
    left, start, reach, waist = u(0.08, 0.24), u(0.06, 0.22), u(0.68, 0.86), u(0.44, 0.52)
    size = u(0.05, 0.14)
    head = [(left, start), (left + 0.15, start * 0.3), (0.52, 0.0), (reach, 0.14), (reach - 0.1, 0.34)]
    loop = [
        (0.44, waist),
        (0.44 - size, waist - 0.02),
        (0.44 - size * 0.6, waist - size * 0.9),
        (0.5, waist - 0.03),
    ]
    return [[*head, *loop, *_three_bowl(u, waist)]]


def three_soft(u: Uniform) -> list[Stroke]:
    """Draw a fast 3, whose waist is only a dent."""
    left, start, reach, waist = u(0.08, 0.26), u(0.06, 0.2), u(0.7, 0.9), u(0.42, 0.52)
    head = [(left, start), (0.46, 0.0), (reach, 0.13), (reach - 0.1, 0.34)]
    return [[*head, (u(0.42, 0.58), waist), *_three_bowl(u, waist)]]


def four_open(u: Uniform) -> list[Stroke]:
    """Draw down and to the right in one stroke, then the stem, which starts as high or lower."""
    bar, left, stem, lean = u(0.42, 0.76), u(0.0, 0.2), u(0.5, 0.85), u(-0.14, 0.05)
    corner, overshoot, top = (left, bar), u(0.0, 0.35), u(-0.1, bar - 0.35)
    first = [(left + u(-0.08, 0.2), 0.0), (left + u(-0.02, 0.1), bar * 0.5), corner, corner]
    bar_end = [(stem, bar + u(-0.08, 0.04)), (stem + overshoot, bar + u(-0.1, 0.03))]
    return [[*first, *bar_end], [(stem, top), (stem + lean, (top + 1) / 2), (stem + lean * 1.5, 1.0)]]


def four_round(u: Uniform) -> list[Stroke]:
    """Draw an open 4 whose left side is a cup, like a y or a u."""
    bar, stem, lean, rim = u(0.4, 0.7), u(0.6, 0.88), u(-0.18, 0.06), u(-0.06, 0.14)
    cup = [(rim, 0.02), (0.02, bar * 0.55), (0.1, bar * 0.9), (0.34, bar), (stem, bar - u(-0.02, 0.18))]
    if u(0, 1) < 0.5:
        cup.append((stem + u(0.05, 0.25), bar - u(0.0, 0.16)))
    return [cup, [(stem + 0.02, u(-0.1, 0.2)), (stem, (bar + 0.4) / 2), (stem + lean, 1.0)]]


def four_closed(u: Uniform) -> list[Stroke]:
    """Draw a triangle's diagonal and bar, then the stem from the diagonal's top."""
    bar, left, stem = u(0.52, 0.74), u(0.0, 0.12), u(0.55, 0.75)
    top, overshoot, corner = stem + u(-0.12, 0.06), u(0.05, 0.35), (left, bar)
    first = [(top, 0.0), ((top + left) / 2, bar * u(0.45, 0.55)), corner, corner]
    bar_end = [(stem, bar + u(-0.04, 0.03)), (stem + overshoot, bar + u(-0.06, 0.04))]
    return [
        [*first, *bar_end],
        [(stem + u(-0.04, 0.04), u(0.0, 0.2)), (stem, 0.6), (stem + u(-0.06, 0.06), 1.0)],
    ]


def four_one_stroke(u: Uniform) -> list[Stroke]:
    """Draw without lifting the pen: down, right, up in a corner, down the stem."""
    bar, left, stem = u(0.42, 0.78), u(0.0, 0.15), u(0.55, 0.82)
    corner, peak = (left, bar), (stem + u(0.0, 0.1), u(-0.08, bar - 0.15))
    first = [(left + u(0.0, 0.22), 0.0), (left + 0.04, bar * 0.55), corner, corner, (stem * 0.6, bar + 0.02)]
    return [[*first, (stem - 0.04, bar - 0.06), peak, peak, (stem, bar + 0.08), (stem + u(-0.2, 0.04), 1.0)]]


def four_peaked(u: Uniform) -> list[Stroke]:
    """Draw without lifting the pen: up the stem from its foot, down the diagonal, the bar last."""
    bar, left, stem = u(0.55, 0.75), u(0.02, 0.15), u(0.55, 0.72)
    peak, corner = (stem, 0.0), (left, bar)
    stroke = [
        (stem + u(-0.04, 0.04), 1.0),
        (stem + 0.01, 0.5),
        peak,
        peak,
        (left + 0.25, bar * 0.55),
        corner,
        corner,
    ]
    return [[*stroke, (stem, bar), (stem + u(0.08, 0.35), bar + u(-0.05, 0.03))]]


def _five_bowl(u: Uniform, neck: Point) -> Stroke:
    """Draw the bowl of a 5, from its neck to its left end."""
    reach, end, rise = u(0.62, 0.95), u(-0.05, 0.28), u(0.78, 1.0)
    shoulder = (neck[0] + u(0.2, 0.34), neck[1] - u(0.02, 0.1))
    return [neck, shoulder, (reach, 0.64), (reach - 0.08, 0.86), (0.44, 1.0), (end, rise)]


def five_one_stroke(u: Uniform) -> list[Stroke]:
    """Draw from the top's right end to the left, down, and round the bowl."""
    left, right, tilt, neck = u(0.1, 0.3), u(0.65, 1.15), u(-0.12, 0.06), u(0.34, 0.54)
    corner, low = (left + u(0.0, 0.08), 0.04), (left - 0.02, neck)
    return [[(right, 0.02 + tilt), (0.5, 0.03), corner, corner, low, *_five_bowl(u, low)]]


def five_two_strokes(u: Uniform) -> list[Stroke]:
    """Draw down and round the bowl, then the top, which may stand off or point upwards."""
    left, neck, gap = u(0.1, 0.3), u(0.34, 0.52), u(-0.06, 0.08)
    low = (left - 0.02, neck)
    down = [(left + u(0.0, 0.1), 0.04), low, *_five_bowl(u, low)]
    top = [(left + gap, 0.04 + u(-0.04, 0.04)), (0.5, 0.02), (u(0.65, 1.25), u(-0.18, 0.04))]
    return [down, top]


def five_curved(u: Uniform) -> list[Stroke]:
    """Draw a fast 5 without corners: almost an S."""
    left, right, waist = u(0.1, 0.25), u(0.7, 1.0), u(0.4, 0.5)
    head = [
        (right, u(-0.02, 0.08)),
        (0.5, 0.03),
        (left + 0.06, 0.12),
        (left, waist - 0.12),
        (left + 0.12, waist),
    ]
    reach, end = u(0.68, 0.9), u(0.0, 0.2)
    return [
        [
            *head,
            (reach - 0.14, waist + 0.07),
            (reach, 0.72),
            (reach - 0.16, 0.94),
            (0.4, 1.0),
            (end, u(0.84, 0.98)),
        ]
    ]


def six_curved(u: Uniform) -> list[Stroke]:
    """Draw a stem that bends like a C, then the loop."""
    right, left, top = u(0.15, 0.7), u(0.02, 0.16), u(0.42, 0.7)
    reach, gap = u(0.55, 0.9), u(-0.1, 0.2)
    stem = [
        (right, 0.0),
        (right * 0.5 + left * 0.5, 0.2),
        (left + 0.03, 0.48),
        (left, 0.72),
        (left + 0.12, 0.94),
    ]
    loop = [(reach * 0.55, 1.0), (reach, 0.86), (reach - 0.04, top + 0.1), (reach * 0.6, top)]
    return [[*stem, *loop, (left + 0.1, top + 0.14), (left + 0.02 + gap * 0.5, top + 0.22 + gap)]]


def six_straight(u: Uniform) -> list[Stroke]:
    """Draw a straight stem, then a small loop."""
    right, left, top = u(0.1, 0.6), u(0.02, 0.14), u(0.42, 0.72)
    reach, gap = u(0.4, 0.78), u(-0.06, 0.12)
    stem = [
        (right, 0.0),
        (right * 0.66 + left * 0.34, 0.3),
        (left + 0.06, 0.6),
        (left, 0.82),
        (left + 0.1, 0.98),
    ]
    loop = [
        (reach * 0.6, 0.99),
        (reach, 0.82),
        (reach - 0.06, top + 0.04),
        (reach * 0.6, top),
        (left + 0.1, top + 0.13),
    ]
    return [[*stem, *loop, (left + gap, 0.86)]]


def six_wide(u: Uniform) -> list[Stroke]:
    """Draw a short stem and a wide, lying loop whose end curls inwards."""
    left, top, reach = u(0.0, 0.1), u(0.36, 0.66), u(0.7, 1.1)
    stem = [(left + u(-0.1, 0.4), 0.0), (left + 0.04, 0.28), (left, 0.6), (left + 0.1, 0.9), (0.45, 1.0)]
    loop = [(reach - 0.1, 0.92), (reach, 0.74), (reach - 0.2, top), (0.45, top + 0.06)]
    return [[*stem, *loop, (u(0.1, 0.4), u(0.68, 0.92))]]


def six_hooked(u: Uniform) -> list[Stroke]:
    """Draw a C whose top bends over, and whose end curls in to a small loop."""
    left, reach, top = u(0.0, 0.1), u(0.6, 0.85), u(0.5, 0.7)
    stem = [(u(0.6, 0.95), u(0.05, 0.22)), (0.52, 0.0), (left + 0.16, 0.14), (left, 0.5), (left + 0.12, 0.9)]
    return [
        [
            *stem,
            (0.48, 1.0),
            (reach, 0.82),
            (reach - 0.14, top),
            (0.32, top + 0.1),
            (u(0.2, 0.45), u(0.78, 0.9)),
        ]
    ]


def _seven_leg(u: Uniform, corner: Point) -> Stroke:
    """Draw the leg of a 7, straight or bent, from its corner to its foot."""
    foot, bend = u(0.2, 0.85), u(-0.08, 0.12)
    middle = ((corner[0] + foot) / 2 - bend, 0.48)
    return [corner, middle, ((middle[0] + foot) / 2 - bend * 0.3, 0.75), (foot, 1.0)]


def seven_plain(u: Uniform) -> list[Stroke]:
    """Draw a bar, a corner, the leg."""
    corner = (u(0.6, 0.95), u(-0.06, 0.06))
    return [
        [(u(-0.05, 0.15), u(0.0, 0.14)), (0.4, u(-0.02, 0.1)), corner, corner, *_seven_leg(u, corner)[1:]]
    ]


def seven_hooked(u: Uniform) -> list[Stroke]:
    """Draw a stroke down to the bar, the bar, the leg."""
    left, drop = u(0.0, 0.2), u(0.08, 0.42)
    corner, start = (u(0.65, 0.95), u(-0.04, 0.1)), (left + u(0.0, 0.08), 0.04)
    bar = [(left - u(-0.04, 0.06), drop), start, start, (0.42, u(0.02, 0.12)), corner, corner]
    return [[*bar, *_seven_leg(u, corner)[1:]]]


def seven_round(u: Uniform) -> list[Stroke]:
    """Draw a fast 7, whose bar runs into the leg in a bend."""
    left, drop, foot, reach = u(0.0, 0.25), u(0.05, 0.4), u(0.25, 0.8), u(0.66, 0.95)
    head = [(left, drop), (left + 0.12, drop * 0.3), (0.5, 0.0), (reach - 0.06, 0.05), (reach, 0.2)]
    return [[*head, ((reach + foot) / 2 + u(-0.04, 0.1), 0.52), (foot, 1.0)]]


def _crossed(seven: Glyph) -> Glyph:
    """Return the same 7 with a short bar across its leg."""

    def glyph(u: Uniform) -> list[Stroke]:
        strokes = seven(u)
        height, tilt = u(0.4, 0.68), u(-0.06, 0.1)
        centre = 0.55 + u(-0.08, 0.08)
        left, right = u(0.16, 0.36), u(0.16, 0.4)
        return [*strokes, [(centre - left, height + tilt), (centre + right, height - tilt)]]

    return glyph


seven_crossed = _crossed(seven_plain)
seven_hooked_crossed = _crossed(seven_hooked)
seven_round_crossed = _crossed(seven_round)


def eight_one_figure(u: Uniform) -> list[Stroke]:
    """Draw from the top right: an S down, and back up to where it began or past it."""
    waist, upper, lower = u(0.38, 0.6), u(0.2, 0.38), u(0.14, 0.36)
    gap, rise = u(-0.14, 0.3), u(-0.14, 0.2)
    down = [(0.5 + upper * u(0.7, 1.3), u(0.05, 0.2)), (0.52, 0.0), (0.5 - upper, 0.17)]
    down += [(0.5 - upper * 0.6, waist - 0.12), (0.52, waist + 0.03), (0.5 + lower, 0.75)]
    up = [(0.5, 1.0), (0.5 - lower, 0.8), (0.42, waist + 0.08), (0.5 + upper * 0.55, waist - 0.14)]
    return [[*down, *up, (0.5 + upper * 0.95 + gap, 0.14 + rise)]]


def eight_from_top(u: Uniform) -> list[Stroke]:
    """Draw from the top: an S down, and back up to the top, closed or with a gap."""
    waist, upper, lower = u(0.4, 0.54), u(0.2, 0.34), u(0.25, 0.4)
    gap = u(-0.14, 0.14)
    down = [(0.54, 0.0), (0.5 - upper * 0.8, 0.06), (0.5 - upper, 0.22), (0.5 - upper * 0.3, waist - 0.06)]
    round_ = [(0.5 + lower * 0.6, waist + 0.14), (0.5 + lower, 0.76), (0.5, 1.0), (0.5 - lower, 0.78)]
    return [[*down, *round_, (0.46, waist + 0.05), (0.5 + upper, 0.24), (0.52 + gap + upper * 0.4, 0.02)]]


def eight_narrow(u: Uniform) -> list[Stroke]:
    """Draw a slim S, and a straight stroke back up that may run past the top."""
    upper, lower, waist = u(0.16, 0.32), u(0.14, 0.3), u(0.4, 0.62)
    down = [
        (0.5 + upper, u(0.06, 0.2)),
        (0.5, 0.0),
        (0.5 - upper, 0.2),
        (0.48, waist),
        (0.5 + lower * 0.8, 0.76),
    ]
    up = [(0.46, 1.0), (0.5 - lower, 0.86), (0.46, waist + 0.06), (0.5 + upper * 1.1, 0.2)]
    return [[*down, *up, (0.5 + upper * u(0.6, 2.0), u(-0.1, 0.12))]]


def eight_crossing(u: Uniform) -> list[Stroke]:
    """Draw an 8 that starts far to the right; the way back crosses the start and ends beside it."""
    waist, upper, lower = u(0.38, 0.56), u(0.14, 0.32), u(0.14, 0.36)
    start = (0.5 + upper * u(1.4, 2.4), u(-0.04, 0.3))
    down = [start, (0.55, 0.02), (0.5 - upper, 0.16), (0.5 - upper * 0.5, waist - 0.1), (0.54, waist + 0.06)]
    round_ = [(0.5 + lower, 0.78), (0.48, 1.0), (0.5 - lower, 0.82), (0.46, waist + 0.06)]
    return [[*down, *round_, (0.5 + upper, 0.22), (0.5 + upper * u(-0.2, 1.0), u(0.0, 0.14))]]


def eight_two_circles(u: Uniform) -> list[Stroke]:
    """Draw one circle upon another."""
    waist, upper, lower = u(0.38, 0.56), u(0.2, 0.44), u(0.2, 0.48)
    shift, start = u(-0.06, 0.06), u(-1.0, 1.5)
    low = waist - u(-0.03, 0.05)
    head = arc((0.5 + shift, waist / 2), upper, waist / 2, start, start - 12 + u(-0.8, 0.4))
    return [head, arc((0.5, (1 + low) / 2), lower, (1 - low) / 2, start, start - 12 + u(-0.8, 0.4))]


def _nine_loop(u: Uniform, waist: float) -> Stroke:
    """Draw the loop of a 9, anticlockwise from its right side back to it, closed or left open."""
    rx, start = u(0.15, 0.36), u(0.6, 3.0)
    return arc((0.8 - rx, waist / 2), rx, waist / 2, start, u(-10.6, -8.0), u(-0.1, 0.1))


def nine_straight(u: Uniform) -> list[Stroke]:
    """Draw a loop, then a straight leg, without lifting the pen."""
    waist, right = u(0.28, 0.75), u(0.72, 0.88)
    top = (right, u(-0.06, waist * 0.5))
    return [[*_nine_loop(u, waist), top, top, (right - u(-0.02, 0.1), 0.55), (right - u(-0.12, 0.3), 1.0)]]


def nine_bent(u: Uniform) -> list[Stroke]:
    """Draw a loop, then a leg that bends to the left at its foot."""
    waist, right, foot = u(0.3, 0.66), u(0.72, 0.88), u(0.2, 0.7)
    top = (right, u(0.0, waist * 0.5))
    return [[*_nine_loop(u, waist), top, top, (right, 0.5), (right - 0.06, 0.78), (foot, 1.0)]]


def nine_curled(u: Uniform) -> list[Stroke]:
    """Draw a loop, then a leg that curls round to the left like a g."""
    waist, right, end = u(0.28, 0.54), u(0.72, 0.88), u(-0.1, 0.3)
    top, rise = (right, u(0.0, waist * 0.5)), u(0.74, 1.0)
    leg = [
        (right + 0.02, 0.5),
        (right, 0.8),
        (right - 0.18, 0.98),
        ((right + end) / 2 - 0.1, 0.99),
        (end, rise),
    ]
    return [[*_nine_loop(u, waist), top, top, *leg]]


def nine_round(u: Uniform) -> list[Stroke]:
    """Draw a loop that runs on into the leg without a corner."""
    waist, reach = u(0.34, 0.65), u(0.66, 0.86)
    loop = [(reach - u(-0.02, 0.1), u(0.14, 0.3)), (0.4, waist), (0.12, waist * 0.55), (0.38, 0.0)]
    return [
        [
            *loop,
            (reach, u(0.08, 0.2)),
            (reach - 0.02, 0.45),
            (reach - u(0.02, 0.16), 0.72),
            (u(0.2, 0.7), 1.0),
        ]
    ]


def nine_two_strokes(u: Uniform) -> list[Stroke]:
    """Draw a circle, then a leg beside it."""
    waist, right, bend = u(0.34, 0.66), u(0.7, 0.86), u(-0.06, 0.12)
    start = u(0.0, 2.0)
    circle = arc((0.45, waist / 2 + 0.02), u(0.22, 0.36), waist / 2, start, start - 12 + u(-0.5, 0.8))
    return [
        circle,
        [(right, u(-0.04, 0.2)), (right - 0.01, 0.5), (right - bend, 0.8), (right - bend * 3, 1.0)],
    ]


GLYPHS: dict[int, list[tuple[float, Glyph]]] = {
    0: [(6, zero_closed), (1, zero_clockwise), (2, zero_tailed), (0.5, zero_slashed)],
    1: [(9, one_plain), (2.5, one_flag), (1.5, one_flag_and_foot), (0.5, one_foot)],
    2: [(4, two_plain), (4, two_looped), (2, two_swan), (1.5, two_angular)],
    3: [(5, three_round), (2, three_flat), (2, three_looped), (2, three_soft)],
    4: [(4, four_open), (3, four_round), (2, four_closed), (3, four_one_stroke), (0.5, four_peaked)],
    5: [(4, five_one_stroke), (4, five_two_strokes), (2, five_curved)],
    6: [(5, six_curved), (4, six_straight), (2.5, six_wide), (1, six_hooked)],
    7: [
        (3, seven_plain),
        (2, seven_hooked),
        (2, seven_round),
        (1, seven_crossed),
        (1, seven_hooked_crossed),
        (1, seven_round_crossed),
    ],
    8: [
        (4, eight_one_figure),
        (3, eight_from_top),
        (4, eight_narrow),
        (2, eight_crossing),
        (2, eight_two_circles),
    ],
    9: [(4, nine_straight), (3, nine_bent), (2, nine_curled), (4, nine_round), (2, nine_two_strokes)],
}
"""The variants of each digit with their relative frequencies."""
