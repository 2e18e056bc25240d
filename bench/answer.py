"""From the canvas's message to ten probabilities on the server, in the page's own way."""

import os
import time

import numpy as np
from set_up import SERVER_ENVIRONMENT

from bench.measurement import Options, Row

SEED = 0
WARM_UP = 50


def measure(options: Options) -> list[Row]:
    """Return the median and the 95th percentile over digits written from a seed."""
    from mnist_app.ink.drawing import Drawing
    from mnist_app.ink.preprocess import preprocess
    from mnist_app.learning.inference.classifier import Classifier
    from mnist_app.learning.inference.digit_detector import DigitDetector
    from mnist_app.learning.inference.shipped import CLASSIFIER, DETECTOR
    from mnist_app.ui.parts.canvas_controls import message_of, written_strokes
    from mnist_app.ui.session.draw_page import CANVAS_SIDE, DEFAULT_BRUSH
    from mnist_app.ui.shared.recogniser import Recogniser

    os.environ.update(SERVER_ENVIRONMENT)  # before TensorFlow looks there
    rng = np.random.default_rng(SEED)
    count = 50 if options.quick else 1000
    messages = [message_of(written_strokes(index % 10, DEFAULT_BRUSH, rng)) for index in range(200)]
    classifier = Classifier.load(CLASSIFIER.file)
    recogniser = Recogniser(lambda: classifier, lambda: DigitDetector.load(DETECTOR.file, classifier))
    times = []
    for index in range(WARM_UP + count):
        message = messages[index % len(messages)]
        start = time.perf_counter()
        drawing = Drawing.from_canvas(message.png, message.json_data, CANVAS_SIDE)
        recogniser.verdict(preprocess(drawing).image)
        times.append(1000 * (time.perf_counter() - start))
    median, high = np.percentile(times[WARM_UP:], [50, 95])
    note = f"{count} drawings, after {WARM_UP} to warm up"
    return [
        Row("canvas's PNG to the verdict, p50", float(median), "ms", 5, note=note),
        Row("canvas's PNG to the verdict, p95", float(high), "ms", 10),
    ]
