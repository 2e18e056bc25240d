"""A folder of pictures on the command line: the whole process, with TensorFlow's import."""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bench.measurement import Options, Row
from mnist_app.ink.drawing import Drawing
from mnist_app.ink.strokes import Stroke
from mnist_app.ink.synthetic.synthesis import write_digit
from mnist_app.learning.release.pendigits import read_pendigits
from mnist_app.settings import PROJECT, Settings

PICTURES = 3500
SIDE = 280
BRUSH = 20
SIZES = (0.45, 0.85)
"""Smallest and largest side of a digit, as a share of the picture's."""
SEED = 0

Ways = list[NDArray[np.float64]]


def measure(options: Options) -> list[Row]:
    """Return the median time of three runs on the same folder."""
    count = 100 if options.quick else PICTURES
    digits, source = digits_to_draw(count, Settings.from_environment())
    with TemporaryDirectory() as name:
        folder, home = Path(name, "pictures"), Path(name, "home")
        write_pictures(digits, folder)
        times = [seconds_of_predict(folder, home, len(digits)) for _ in range(1 if options.quick else 3)]
    note = f"{source}; median of {len(times)}, slowest {max(times):.1f} s"
    figure = f"predict on a folder of {len(digits):,} PNGs of {SIDE} × {SIDE}"
    return [Row(figure, statistics.median(times), "s", 20, note=note)]


def digits_to_draw(count: int, settings: Settings) -> tuple[list[Ways], str]:
    """Return so many digits as strokes, in any unit, and a word on their origin."""
    if settings.pendigits is not None:
        return [digit.strokes for digit in read_pendigits(settings.pendigits)[:count]], "real pen strokes"
    rng = np.random.default_rng(SEED)
    return [write_digit(index % 10, rng) for index in range(count)], "digits written by rule"


def write_pictures(digits: list[Ways], folder: Path) -> None:
    """Write each digit as a PNG, white on black, in the middle and in a random size."""
    folder.mkdir()
    rng = np.random.default_rng(SEED)
    for index, ways in enumerate(digits):
        points = np.concatenate(ways)
        low, high = points.min(axis=0), points.max(axis=0)
        scale = rng.uniform(*SIZES) * SIDE / max(float((high - low).max()), 1e-9)
        strokes = [Stroke((way - (low + high) / 2) * scale + SIDE / 2, BRUSH) for way in ways]
        picture = Image.fromarray(Drawing.from_strokes(strokes, SIDE).pixels).convert("RGB")
        picture.save(folder / f"{index:04}.png")


def seconds_of_predict(folder: Path, home: Path, count: int) -> float:
    """Return the process's seconds from start to end.

    Raises:
        CalledProcessError: The process failed.
        RuntimeError: It did not print a line for each picture.
    """
    start = time.perf_counter()
    answers = subprocess.run(
        [sys.executable, "-m", "mnist_app", "predict", str(folder), "--json"],
        cwd=PROJECT,
        env={**os.environ, "MNIST_APP_HOME": str(home)},
        stdout=subprocess.PIPE,
        check=True,
    )
    seconds = time.perf_counter() - start
    lines = len(answers.stdout.splitlines())
    if lines != count:
        raise RuntimeError(f"predict printed {lines} lines for {count} pictures")
    return seconds
