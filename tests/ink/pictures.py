"""Pictures of one digit as people bring them, built so that the ink on them is known."""

import io

import numpy as np
from PIL import Image, ImageFilter

from mnist_app.ink.strokes import Stroke, render

SIDE = 280


def seven(width=22.0):
    """A 7 with a bar, on a canvas of `SIDE`: no mirroring and no turn leaves it as it is."""
    hook = Stroke(np.array([[80.0, 70], [190, 62], [150, 130], [118, 225]]), width)
    bar = Stroke(np.array([[105.0, 140], [172, 136]]), width)
    return [hook, bar]


def ink_of(strokes, side=SIDE):
    """The ink, (side, side) uint8, with the strokes scaled from `SIDE`."""
    return render([stroke.scaled(side / SIDE) for stroke in strokes], (side, side))


def encoded(image, format="PNG", **options):
    """An image (Pillow's, or an array) as a file's bytes."""
    if not isinstance(image, Image.Image):
        image = Image.fromarray(image)
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def coloured(ink, paper, pen):
    """Ink on paper, (height, width, 3) float; `paper` may be a picture itself."""
    share = ink[..., None] / 255
    return np.asarray(paper, float) * (1 - share) + np.asarray(pen, float) * share


def rounded(colours):
    return np.clip(np.rint(colours), 0, 255).astype(np.uint8)


def photograph(ink, paper, pen, shadow=0.35, grain=5.0, blur=1.5, seed=0):
    """Ink on paper as a camera sees it, (height, width, 3) uint8: the edge of a shadow runs across, the
    light falls off towards the bottom, the lens is soft and the sensor noisy."""
    random = np.random.default_rng(seed)
    side = len(ink)
    soft = np.asarray(Image.fromarray(ink).filter(ImageFilter.GaussianBlur(blur)))
    y, x = np.mgrid[:side, :side] / side
    light = (1 - shadow / (1 + np.exp(-(x + 0.6 * y - 0.75) * 40))) * (1 - 0.2 * y)
    colours = coloured(soft, paper, pen) * light[..., None]
    return rounded(colours + random.normal(0, grain, colours.shape))


def likeness(one, other):
    """The correlation of two images of 28 × 28, at the best shift by at most a pixel: where a centre of
    mass lies between two pixels, a trace of ink decides to which of them it goes."""
    shifted = (np.roll(other, (y, x), axis=(0, 1)) for y in (-1, 0, 1) for x in (-1, 0, 1))
    return max(np.corrcoef(one.ravel(), each.ravel())[0, 1] for each in shifted)
