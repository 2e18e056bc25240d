"""The table of accuracy: what is measured, and, where the data are here, that it can be."""

import json
from pathlib import Path

import numpy as np
import pytest

from bench import accuracy, by_writer
from mnist_app.ink.strokes import Stroke
from mnist_app.learning.release.pen_digit_images import Way, draw
from mnist_app.learning.release.pendigits import PenDigit

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
)


def one_digit() -> PenDigit:
    return PenDigit(1, 4, 0, [np.array([[400.0, 50.0], [400.0, 150.0]])])


def test_the_usual_pipeline_leaves_a_digit_small_and_where_it_was() -> None:
    drawing = draw(one_digit(), Way(20, None, has_strokes=True))
    squeezed, climbed = accuracy.squeezed([drawing])[0], by_writer.images_of([drawing])[0]
    assert squeezed.shape == climbed.shape == (28, 28)
    rows, columns = np.nonzero(squeezed > 0.1)
    assert rows.max() < 10 and columns.min() > 18  # up and to the right
    rows, columns = np.nonzero(climbed > 0.1)
    assert np.ptp(rows) >= 18 and 10 < columns.mean() < 18
    assert isinstance(drawing.strokes[0], Stroke)


@pytest.mark.parametrize(
    ("brush", "size", "target"),
    [
        (8, None, "≥ 98.5 %"),
        (20, 0.3, "≥ 99.0 %"),
        (20, 0.2, ""),
        (26, None, ""),
        (32, None, "≥ 90 %"),
        (32, 0.9, ""),
    ],
)
def test_targets_from_pixels(brush: float, size: float | None, target: str) -> None:
    assert accuracy.target_from_pixels(brush, size) == target


@pytest.mark.parametrize("missing", ["MNIST_APP_PENDIGITS", "MNIST_APP_UNIPEN"])
def test_without_strokes_one_line_says_so(
    missing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("MNIST_APP_PENDIGITS", "MNIST_APP_UNIPEN"):
        monkeypatch.setenv(name, "there")
    monkeypatch.delenv(missing)
    assert accuracy.main([]) == 1
    assert f"{missing} is not set" in capsys.readouterr().err


@pytest.mark.slow
def test_everything_can_be_measured(
    mnist_path: Path,
    pendigits_path: Path,
    unipen_path: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert mnist_path.is_file() and pendigits_path.is_file() and unipen_path.is_file()
    assert accuracy.main(["--quick", "--json", str(tmp_path / "table.json")]) == 0
    figures = {
        figure["name"]: figure for figure in json.loads((tmp_path / "table.json").read_text())["figures"]
    }
    assert figures["MNIST test set"]["ours"] >= 0.996
    assert (
        figures["strokes, brush 32, as written"]["ours"] > figures["strokes, brush 32, as written"]["usual"]
    )
    assert figures["called no digit: all kinds held out"]["ours"] > 0.5
    assert figures["UNIPEN, strokes, brush 20, 60 %"]["ours"] > 0.9
    assert "usual pipeline" in capsys.readouterr().out
