"""`python -m bench.accuracy`: the app's accuracy on people's drawings, beside the usual pipeline's.

The usual pipeline is what most digit demos do: shrink the whole canvas to 28 × 28 and ask the published
convolutional network, trained on MNIST only. The pen digits are those of writers that no shipped network was
trained on; the other drawings are of the held-out kinds.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from rich.table import Table

from bench import by_writer, report
from bench.measurement import Figure
from mnist_app.errors import AppError
from mnist_app.ink.drawing import Drawing
from mnist_app.ink.synthetic.non_digits import HELD_OUT, KINDS
from mnist_app.learning.data.datasets import Dataset, load_dataset
from mnist_app.learning.inference.classifier import Classifier
from mnist_app.learning.inference.digit_detector import DigitDetector
from mnist_app.learning.inference.model_card import digest
from mnist_app.learning.inference.shipped import CLASSIFIER, DETECTOR
from mnist_app.learning.inference.verdict import DIGIT_FROM
from mnist_app.learning.metrics.calibration import expected_calibration_error
from mnist_app.learning.metrics.evaluation import accuracy
from mnist_app.learning.release.measure_classifier import CALIBRATED_WITH, MEASURED_WITH, listed, written_by
from mnist_app.learning.release.non_digit_images import drawings_of_others
from mnist_app.learning.release.pen_digit_images import Way, draw, images_of, labels_of
from mnist_app.learning.release.pendigits import PenDigit, read_pendigits
from mnist_app.learning.release.unipen import read_unipen
from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.learning.training.presets import build_model, get_preset
from mnist_app.learning.training.training import Observer, train
from mnist_app.settings import Settings

BRUSHES = (8, 14, 20, 26, 32)
SIZES = (None, 0.2, 0.3, 0.45, 0.6, 0.75, 0.9)
OTHERS_PER_KIND = 200
SEED = 20
SYNTHETIC_EPOCHS = 6

Images = NDArray[np.float32]


@dataclass(frozen=True)
class Networks:
    """The networks that are measured."""

    shipped: Classifier
    detector: DigitDetector
    usual: Classifier
    taught_by_rule: Classifier
    """The published network, trained on the synthetic digits only."""


def main(arguments: list[str] | None = None) -> int:
    """Measure and print one table; return 1 after a line of explanation if data are missing."""
    given = parse(arguments)
    settings = Settings.from_environment()
    try:
        if settings.pendigits is None:
            raise AppError("MNIST_APP_PENDIGITS is not set; it names the pen strokes to measure with.")
        if settings.unipen is None:
            raise AppError("MNIST_APP_UNIPEN is not set; it names the digits of many hands to measure with.")
        mnist = load_dataset("mnist", settings, allow_download=False)
        pen_digits, unipen = read_pendigits(settings.pendigits), read_unipen(settings.unipen)
        networks = prepare(mnist, load_dataset("synthetic", settings), quick=given.quick)
    except AppError as error:
        print(error, file=sys.stderr)
        return 1
    figures = measure(
        networks, mnist, thinned(pen_digits, given.quick), thinned(unipen, given.quick), quick=given.quick
    )
    data = {
        "MNIST": mnist.digest,
        "pen digits": digest(settings.pendigits.read_bytes()),
        "UNIPEN": digest(settings.unipen.read_bytes()),
    }
    show(figures, data)
    if given.json:
        as_json = {
            "machine": report.machine(),
            "data": data,
            "figures": [asdict(figure) for figure in figures],
        }
        report.write_json(given.json, as_json)
    return 0


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.accuracy", description=__doc__.splitlines()[0])
    report.add_json_option(parser)
    parser.add_argument("--quick", action="store_true", help="on little, to see that it works")
    return parser.parse_args(arguments)


def thinned(pen_digits: Sequence[PenDigit], quick: bool) -> list[PenDigit]:
    """Return all of them, or every twentieth."""
    return list(pen_digits[:: 20 if quick else 1])


def prepare(mnist: Dataset, synthetic: Dataset, quick: bool) -> Networks:
    """Load the shipped networks, and train the published one on MNIST and on digits by rule."""
    published = replace(get_preset("cnn").defaults, validation_share=0.0)
    by_rule = replace(published, dataset="synthetic", epochs=SYNTHETIC_EPOCHS)
    if quick:
        published, by_rule = (replace(config, epochs=1, train_size=2000) for config in (published, by_rule))
    shipped = Classifier.load(CLASSIFIER.file)
    return Networks(
        shipped,
        DigitDetector.load(DETECTOR.file, shipped),
        trained(mnist, published),
        trained(synthetic, by_rule),
    )


def trained(dataset: Dataset, config: TrainingConfig) -> Classifier:
    """Return the network after this training."""
    say(f"training {config.preset} on {dataset.name}, {config.epochs} epochs")
    model = build_model(config.preset, config.seed)
    train(model, dataset, config, Observer())
    return Classifier(model)


def measure(
    networks: Networks,
    mnist: Dataset,
    pen_digits: Sequence[PenDigit],
    unipen: Sequence[PenDigit],
    quick: bool = False,
) -> list[Figure]:
    """Return all rows of the table."""
    held_out = written_by(CALIBRATED_WITH + MEASURED_WITH, pen_digits)
    return [
        on_mnist(networks, mnist),
        *by_way(networks, held_out, quick),
        *by_hand(networks, by_writer.held_out(pen_digits, unipen), quick),
        *calibration(networks, pen_digits),
        *rejection(networks, 5 if quick else OTHERS_PER_KIND),
        *from_rule(networks, mnist, pen_digits),
    ]


def on_mnist(networks: Networks, mnist: Dataset) -> Figure:
    """Measure on the test images as they are."""
    images = mnist.x_test.astype(np.float32) / np.float32(255)
    ours, usual = (
        accuracy(network.probabilities_of(images), mnist.y_test)
        for network in (networks.shipped, networks.usual)
    )
    return Figure("MNIST test set", len(images), ours, usual, "≥ 99.7 %")


def by_way(networks: Networks, pen_digits: Sequence[PenDigit], quick: bool) -> list[Figure]:
    """Measure held-out writers by brush, size and whether the app has their strokes."""
    figures = []
    truth = labels_of(pen_digits)
    for size in SIZES[:2] if quick else SIZES:
        for brush in BRUSHES[::2] if quick else BRUSHES:
            way = Way(brush, size, has_strokes=False)
            say(str(way))
            drawings = [draw(digit, way) for digit in pen_digits]
            usual = accuracy(networks.usual.probabilities_of(squeezed(drawings)), truth)
            pixels = accuracy(networks.shipped.probabilities_of(by_writer.images_of(drawings)), truth)
            strokes = images_of(pen_digits, replace(way, has_strokes=True))
            re_inked = accuracy(networks.shipped.probabilities_of(strokes), truth)
            figures.append(Figure(str(way), len(truth), pixels, usual, target_from_pixels(brush, size)))
            figures.append(
                Figure(str(replace(way, has_strokes=True)), len(truth), re_inked, usual, "≥ 99.0 %")
            )
    return sorted(figures, key=lambda figure: figure.name.startswith("strokes"))


def by_hand(networks: Networks, digits: dict[str, list[PenDigit]], quick: bool) -> list[Figure]:
    """Measure held-out writers of both collections in every kind, and numbers composed of their digits."""
    readings = by_writer.read_all(
        digits,
        networks.shipped,
        networks.detector,
        lambda drawings: networks.usual.probabilities_of(squeezed(drawings)),
        say,
    )
    say("numbers")
    return [
        *by_writer.figures(readings),
        by_writer.numbers_refused(networks.detector, digits["UNIPEN"], per_length=2 if quick else 60),
    ]


def target_from_pixels(brush: float, size: float | None) -> str:
    """Return the target without strokes, if there is one."""
    if size is None:
        return "≥ 98.5 %" if brush <= 20 else "≥ 90 %" if brush == 32 else ""
    return "≥ 99.0 %" if brush <= 20 and size >= 0.3 else ""


def calibration(networks: Networks, pen_digits: Sequence[PenDigit]) -> list[Figure]:
    """Measure the calibration error on writers who set the temperature, and on those who did not."""
    figures = []
    for writers in (CALIBRATED_WITH, MEASURED_WITH):
        digits = written_by(writers, pen_digits)
        drawings = [draw(digit, Way(20, None, has_strokes=True)) for digit in digits]
        ours = expected_calibration_error(
            networks.shipped.probabilities_of(by_writer.images_of(drawings)), labels_of(digits)
        )
        usual = expected_calibration_error(
            networks.usual.probabilities_of(squeezed(drawings)), labels_of(digits)
        )
        name = f"calibration error, strokes as written, writers {listed(writers)}"
        figures.append(Figure(name, len(digits), ours, usual, "≤ 1 %"))
    return figures


def rejection(networks: Networks, per_kind: int) -> list[Figure]:
    """Measure the share of non-digits that are rejected, by family of the held-out kinds."""
    drawings, kinds = drawings_of_others(per_kind * len(HELD_OUT), SEED, HELD_OUT)
    rejected = networks.detector.likelihoods_of(by_writer.images_of(drawings)) < DIGIT_FROM
    families = np.array([KINDS[HELD_OUT[kind]].family for kind in kinds])
    return [
        Figure("called no digit: all kinds held out", len(rejected), float(rejected.mean()), 0.0, "≥ 90 %"),
        *(
            Figure(
                f"called no digit: {family}",
                int((families == family).sum()),
                float(rejected[families == family].mean()),
                0.0,
                "≥ 90 %",
            )
            for family in dict.fromkeys(families.tolist())
        ),
    ]


def from_rule(networks: Networks, mnist: Dataset, pen_digits: Sequence[PenDigit]) -> list[Figure]:
    """Measure the published network on people's digits after training on digits by rule only."""
    images = mnist.x_test.astype(np.float32) / np.float32(255)
    strokes = images_of(pen_digits, Way(20, None, has_strokes=True))
    by_rule = networks.taught_by_rule
    return [
        Figure(
            "learned from synthetic digits: MNIST test set",
            len(images),
            accuracy(by_rule.probabilities_of(images), mnist.y_test),
            target="≥ 92 %",
        ),
        Figure(
            "learned from synthetic digits: strokes of all writers",
            len(strokes),
            accuracy(by_rule.probabilities_of(strokes), labels_of(pen_digits)),
            target="≥ 92 %",
        ),
    ]


def squeezed(drawings: Sequence[Drawing]) -> Images:
    """Return the whole canvases or pictures, ink white, shrunk to the network's input, (n, 28, 28)."""
    canvases = (Image.fromarray(_greys(drawing)) for drawing in drawings)
    small = [np.asarray(canvas.resize((28, 28))) for canvas in canvases]
    return np.array(small, np.float32).reshape(-1, 28, 28) / np.float32(255)


def _greys(drawing: Drawing) -> NDArray[np.uint8]:
    """Return the drawing's greys, turned round on a picture, where the ink is dark."""
    if drawing.source == "canvas":
        return drawing.pixels[..., 0]
    return 255 - np.asarray(Image.fromarray(drawing.pixels).convert("L"))


def show(figures: Sequence[Figure], data: dict[str, str]) -> None:
    """Print one table, and the machine it was measured on."""
    table = Table("figure", "images", "target", "ours", "usual pipeline")
    for figure in figures:
        usual = "–" if figure.usual is None else f"{figure.usual:.2%}"
        table.add_row(figure.name, f"{figure.images:,}", figure.target, f"{figure.ours:.2%}", usual)
    console = report.console()
    console.print(report.in_words(report.machine()), highlight=False)
    for name, sha256 in data.items():
        console.print(f"{name}: sha256 {sha256}", highlight=False)
    console.print(table)


def say(line: str) -> None:
    """Print on standard error, so that standard output has only the table."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
