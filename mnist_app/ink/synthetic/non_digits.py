"""Drawings by rule that are not digits, for training and measuring the digit detector.

A drawing begins as control points from `marks`, `doodles`, `letters` or `invented_characters`. A simulated
hand, drawn anew for each, moves, bends and stretches them: characters as `synthesis` does with digits,
pictures less. Half of the hands hold a pen. The others hold a mouse: it trembles, runs straight between the
moments at which it is read, and sometimes overshoots.

Every kind belongs to a family, such as crosses. No network may be trained on the kinds in `HELD_OUT`, so that
rejection can be measured on kinds it never saw: in each family a rule of its own (a spiral with corners, a
face without a head), and every third of the letters, signs and foreign characters in the order of their code
points, so that nobody picked them. The kinds were chosen before anything was measured with them.

One seed gives the same strokes on every machine: see `synthesis`.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from mnist_app.errors import InvalidSetting, UnknownName
from mnist_app.ink.synthetic import doodles, invented_characters, marks
from mnist_app.ink.synthetic.digit_glyphs import Stroke
from mnist_app.ink.synthetic.letters import FOREIGN, LETTERS, SIGNS
from mnist_app.ink.synthetic.synthesis import Points, bend, between, fit_unit_box, round_corners, spline

Rng = np.random.Generator
Sketch = Callable[[Rng], list[Stroke]]

MAX_POINTS = 600
"""Most points of one stroke."""


@dataclass(frozen=True)
class Kind:
    """One rule for a drawing that is not a digit."""

    family: str
    """The name in reports; several kinds make a family."""
    sketch: Sketch
    """Draws the control points of the strokes."""
    is_held_out: bool = False
    """True for kinds that are only measured with, never trained on."""
    pen: tuple[float, float] = (0.03, 0.16)
    """Least and greatest width of the pen at which the drawing is recognisable, in shares of its larger
    side."""


def _characters(table: Mapping[str, list[Stroke]], is_held_out: bool) -> set[str]:
    """Return every third of the table's characters if held out, the others if not."""
    return {character for place, character in enumerate(table) if (place % 3 == 2) == is_held_out}


def _one_of(table: Mapping[str, list[Stroke]], is_held_out: bool) -> Sketch:
    """Draw any of the table's characters that are, or are not, held out."""
    names = _characters(table, is_held_out)
    chosen = [strokes for character, strokes in table.items() if character in names]
    return lambda rng: chosen[int(rng.integers(len(chosen)))]


def _word(rng: Rng) -> list[Stroke]:
    """Draw two or three Latin letters beside each other, none of them held out."""
    letters = [_one_of(LETTERS, False)(rng) for _ in range(int(rng.integers(2, 4)))]
    return [
        [(x + 1.1 * place, y) for x, y in stroke] for place, letter in enumerate(letters) for stroke in letter
    ]


_FINE_PEN, _BLOB_PEN, _DOT_PEN = (0.02, 0.08), (0.15, 0.4), (1.4, 8.0)
_WRITTEN = ("letter", "sign", "foreign letter", "number", "invented character")
"""Families that a hand slants and bends as it does digits."""

KINDS: dict[str, Kind] = {
    "zigzag": Kind("scribble", marks.zigzag, pen=(0.03, 0.12)),
    "tangle": Kind("scribble", marks.tangle),
    "coil": Kind("scribble", marks.coil, pen=_FINE_PEN),
    "hatching": Kind("scribble", marks.hatching, is_held_out=True, pen=(0.03, 0.12)),
    "scratches": Kind("scribble", marks.scratches, is_held_out=True),
    "letter": Kind("letter", _one_of(LETTERS, False)),
    "other letter": Kind("letter", _one_of(LETTERS, True), is_held_out=True),
    "word": Kind("letter", _word, pen=_FINE_PEN),
    "sign": Kind("sign", _one_of(SIGNS, False)),
    "other sign": Kind("sign", _one_of(SIGNS, True), is_held_out=True),
    "foreign letter": Kind("foreign letter", _one_of(FOREIGN, False)),
    "other foreign letter": Kind("foreign letter", _one_of(FOREIGN, True), is_held_out=True),
    "cross": Kind("cross", marks.cross),
    "asterisk": Kind("cross", marks.asterisk),
    "barred cross": Kind("cross", marks.barred_cross, is_held_out=True),
    "outlined cross": Kind("cross", marks.outlined_cross, is_held_out=True, pen=(0.03, 0.12)),
    "spiral": Kind("spiral", marks.spiral, pen=_FINE_PEN),
    "double spiral": Kind("spiral", marks.double_spiral, is_held_out=True, pen=_FINE_PEN),
    "square spiral": Kind("spiral", marks.square_spiral, is_held_out=True, pen=_FINE_PEN),
    "face": Kind("face", doodles.face, pen=_FINE_PEN),
    "bare face": Kind("face", doodles.bare_face, is_held_out=True, pen=_FINE_PEN),
    "cat": Kind("face", doodles.cat, is_held_out=True, pen=_FINE_PEN),
    "heart": Kind("heart", doodles.heart),
    "heart of halves": Kind("heart", doodles.heart_of_halves, is_held_out=True),
    "star": Kind("star", doodles.star),
    "outlined star": Kind("star", doodles.outlined_star, is_held_out=True),
    "arrow": Kind("arrow", doodles.arrow),
    "other arrow": Kind("arrow", doodles.other_arrow, is_held_out=True),
    "house": Kind("picture", doodles.house, pen=_FINE_PEN),
    "sun": Kind("picture", doodles.sun, pen=_FINE_PEN),
    "stick figure": Kind("picture", doodles.stick_figure),
    "house in one line": Kind("picture", doodles.house_in_one_line, is_held_out=True, pen=_FINE_PEN),
    "flower": Kind("picture", doodles.flower, is_held_out=True, pen=_FINE_PEN),
    "tick": Kind("line", marks.tick),
    "wave": Kind("line", marks.wave),
    "dashes": Kind("line", marks.dashes, pen=(0.03, 0.12)),
    "triangle": Kind("shape", marks.triangle),
    "rectangle": Kind("shape", marks.rectangle),
    "other shape": Kind("shape", marks.other_shape, is_held_out=True),
    "dot": Kind("dot", marks.dot, pen=_DOT_PEN),
    "circled dot": Kind("dot", marks.circled_dot, is_held_out=True, pen=_DOT_PEN),
    "dot pattern": Kind("dots", marks.dot_pattern, pen=(0.08, 0.2)),
    "blob": Kind("blob", marks.blob, pen=_BLOB_PEN),
    "wound blob": Kind("blob", marks.wound_blob, is_held_out=True, pen=_BLOB_PEN),
    "filled square": Kind("blob", marks.filled_square, is_held_out=True, pen=_BLOB_PEN),
    "two digits": Kind("number", marks.two_digits, pen=_FINE_PEN),
    "three digits": Kind("number", marks.three_digits, is_held_out=True, pen=_FINE_PEN),
    "strung character": Kind("invented character", invented_characters.strung),
    "framed character": Kind("invented character", invented_characters.framed),
    "angular character": Kind("invented character", invented_characters.angular),
    "rounded character": Kind("invented character", invented_characters.rounded, pen=(0.03, 0.1)),
    "syllabic character": Kind("invented character", invented_characters.syllabic),
    "mirrored character": Kind("invented character", invented_characters.mirrored, is_held_out=True),
    "freehand character": Kind("invented character", invented_characters.freehand, is_held_out=True),
    "ringed character": Kind(
        "invented character", invented_characters.ringed, is_held_out=True, pen=(0.03, 0.1)
    ),
}
"""Every kind by its name."""
TRAINED_ON = tuple(name for name, kind in KINDS.items() if not kind.is_held_out)
HELD_OUT = tuple(name for name, kind in KINDS.items() if kind.is_held_out)

_PRINTABLE = "ABCEFHKLMNPRTUVWXYadefhkmnprtuvwx#=%&@*+<>~"
PRINTED_HELD_OUT = tuple(
    letter for letter in _PRINTABLE if letter in _characters(LETTERS, True) | _characters(SIGNS, True)
)
"""Letters and signs of `printed_letter` for measuring only: those that are held out as strokes too."""
PRINTED_TRAINED_ON = tuple(letter for letter in _PRINTABLE if letter not in PRINTED_HELD_OUT)


def draw_non_digit(kind: str, rng: Rng) -> list[Points]:
    """Draw something of this kind as a hand would.

    Returns:
        The strokes in the order of drawing. Each is float64 of shape (n, 2), 8 <= n <= MAX_POINTS: x to the
        right and y down, within [0, 1]. The drawing's larger side is 1 and the other is centred.

    Raises:
        UnknownName: There is no such kind.
    """
    if kind not in KINDS:
        raise UnknownName(f"There is no kind of drawing called {kind!r}; there are: {', '.join(KINDS)}.")
    haste = 0.15 + 0.9 * rng.uniform() * rng.uniform() + 0.2 * rng.uniform()
    rounding = int(rng.integers(0, 4))
    sketched = _fit(KINDS[kind].sketch(rng))
    strokes = [round_corners(spline(_jitter(s, haste, rng), MAX_POINTS), rounding) for s in sketched]
    if rng.uniform() < 0.5:
        tremble, pause = rng.uniform(0.0, 0.02), int(rng.integers(1, 8))
        strokes = [_by_mouse(stroke, tremble, pause, rng) for stroke in strokes]
    is_written = KINDS[kind].family in _WRITTEN
    return fit_unit_box(bend(strokes, 0.6 * haste, rng) if is_written else _skew(strokes, rng))


def draw_non_digits(
    count: int, seed: int, kinds: Sequence[str] = TRAINED_ON
) -> tuple[list[list[Points]], NDArray[np.int64]]:
    """Draw `count` drawings, shuffled, of each kind equally many (give or take one).

    Returns:
        The drawings' strokes as `draw_non_digit` returns them, and each one's index in `kinds`, (count,).

    Raises:
        InvalidSetting: The count is below 1, the seed is negative or there are no kinds.
        UnknownName: A kind does not exist.
    """
    if count < 1 or seed < 0 or not kinds:
        raise InvalidSetting(
            "Drawings of non-digits need a count of at least 1, a seed of at least 0 and at least one kind; "
            f"got {count}, {seed} and {len(kinds)} kinds."
        )
    order = np.random.Generator(np.random.PCG64(seed)).permutation(np.arange(count) % len(kinds))
    drawings = [
        draw_non_digit(kinds[kind], _generator(seed, place)) for place, kind in enumerate(order.tolist())
    ]
    return drawings, order


def pen_width(kind: str, rng: Rng) -> float:
    """Return a random width of the pen, in shares of the drawing's larger side, that keeps it recognisable.

    A dot is wider than it is long. Only a wide pen fills a blob, and only a narrow one keeps the turns of a
    spiral apart.
    """
    low, high = KINDS[kind].pen
    return float(low * (high / low) ** rng.uniform())


def printed_letter(letter: str, rng: Rng) -> NDArray[np.uint8]:
    """Draw a letter or sign in Pillow's own font, with random width, slant and boldness.

    FreeType draws the outlines, so a seed gives the same pixels only with the same version of Pillow.

    Returns:
        Ink, 0 to 255, (height, width) as large as the letter needs.
    """
    size, bold = 96, int(rng.integers(0, 6))
    font = ImageFont.load_default(size)
    sheet = Image.new("L", (2 * size, 2 * size))
    ImageDraw.Draw(sheet).text((size, size), letter, fill=255, font=font, anchor="mm", stroke_width=bold)
    slant, stretch, turn = 0.25 * float(between(rng)), rng.uniform(0.7, 1.4), 0.15 * float(between(rng))
    about = (stretch, slant, size * (1 - stretch - slant), turn, 1.0, -size * turn)
    printed = sheet.transform(sheet.size, Image.Transform.AFFINE, about, Image.Resampling.BILINEAR)
    return np.asarray(printed.crop(printed.getbbox()))


def _generator(seed: int, place: int) -> Rng:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(place,))))


def _fit(strokes: Collection[Stroke]) -> list[Points]:
    """Scale the control points to a larger side of 1 within [0, 1]."""
    points = [np.array(stroke, np.float64) for stroke in strokes]
    together = np.concatenate(points)
    low, high = together.min(axis=0), together.max(axis=0)
    size = (high - low).max()
    return [(stroke - (low + high) / 2) / size + 0.5 for stroke in points]


def _jitter(points: Points, haste: float, rng: Rng) -> Points:
    """Move each control point a little (those of small strokes less), and the stroke as a whole."""
    extent = min(1.0, 0.1 + float(np.ptp(points, axis=0).max()))
    noise = 0.09 * haste * extent * between(rng, points.shape)
    corner = (points[1:] == points[:-1]).all(axis=1)
    noise[1:][corner] = noise[:-1][corner]
    return np.asarray(points + noise + 0.05 * haste * between(rng, (1, 2)))


def _skew(strokes: list[Points], rng: Rng) -> list[Points]:
    """Stretch and slant all strokes together, a little, to either side."""
    stretch, slant, turn = rng.uniform(0.8, 1.25), 0.2 * float(between(rng)), 0.15 * float(between(rng))
    return [
        np.stack([stretch * stroke[:, 0] + slant * stroke[:, 1], stroke[:, 1] + turn * stroke[:, 0]], axis=1)
        for stroke in strokes
    ]


def _by_mouse(points: Points, tremble: float, pause: int, rng: Rng) -> Points:
    """Draw the stroke as a mouse does: read every `pause` points, straight between, sometimes too far."""
    read = np.append(np.arange(0, len(points) - 1, pause), len(points) - 1)
    marks = points[read] + tremble * between(rng, (len(read), 2))
    if rng.uniform() < 0.2:
        marks[-1] += rng.uniform(0.0, 0.5) * (marks[-1] - marks[-2])
    places = np.arange(len(points))
    return np.stack([np.interp(places, read, marks[:, axis]) for axis in (0, 1)], axis=1)
