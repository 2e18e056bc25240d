"""Designs are counted as Keras counts them, and compared by the tool that measures them."""

import json
from pathlib import Path

import measure_designs
import pytest

from mnist_app.errors import MalformedText
from mnist_app.learning.lessons.design_comparison import (
    Measurement,
    questions,
    read_measurements,
    write_measurements,
)
from mnist_app.learning.networks.designs import (
    DESIGNS,
    Design,
    build_design,
    count_parameters,
    summarise_design,
)
from mnist_app.learning.networks.layer_summary import summarise
from mnist_app.learning.training.presets import build_model


@pytest.mark.parametrize("preset", DESIGNS)
def test_the_preset_s_own_design_is_the_preset(preset: str) -> None:
    rows = [row for row in summarise(build_model(preset)) if row.kind != "Reshape"]
    assert summarise_design(DESIGNS[preset]) == rows


@pytest.mark.parametrize(
    ("preset", "parts", "total"),
    [("cnn", [320, 540_900, 1_010], 542_230), ("dense", [100_480, 1_290], 101_770)],
)
def test_the_published_numbers_come_out(preset: str, parts: list[int], total: int) -> None:
    found = [row.parameters for row in summarise_design(DESIGNS[preset]) if row.parameters]
    assert (found, count_parameters(DESIGNS[preset])) == (parts, total)


@pytest.mark.parametrize(
    "design",
    [design for preset in DESIGNS for question in questions(preset) for _, design in question.designs],
)
def test_a_design_is_counted_as_keras_counts_it(design: Design) -> None:
    rows = [row for row in summarise(build_design(design)) if row.kind != "Reshape"]
    assert summarise_design(design) == rows


def test_each_question_tries_the_preset_s_own_design_too() -> None:
    for preset, own in DESIGNS.items():
        for question in questions(preset):
            assert own in [design for _, design in question.designs], question.title


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "designs.json"
    assert read_measurements(path) is None
    found = Measurement(DESIGNS["cnn"], 0.98, 12.5, 542_230, 3)
    write_measurements("So it was done.", [found], path)
    measurements = read_measurements(path)
    assert measurements is not None and measurements.protocol == "So it was done."
    assert measurements.of(DESIGNS["cnn"]) == found and measurements.of(DESIGNS["dense"]) is None


@pytest.mark.parametrize("content", ["", "[]", '{"protocol": "", "found": [{"design": {}}]}'])
def test_a_damaged_file_is_told(tmp_path: Path, content: str) -> None:
    path = tmp_path / "designs.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(MalformedText, match="designs.json is damaged"):
        read_measurements(path)


@pytest.mark.slow
def test_the_tool_measures_every_design(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "designs.json"
    monkeypatch.setattr(measure_designs, "designs", lambda: [("dense", DESIGNS["dense"])])
    arguments = ["--dataset", "synthetic", "--epochs", "2", "--train-size", "2000", "--seeds", "2"]
    measure_designs.main([*arguments, "--output", str(path)])
    measurements = read_measurements(path)
    assert measurements is not None and "2,000 synthetic images for 2 epochs" in measurements.protocol
    (found,) = measurements.found
    assert 0.3 < found.accuracy < 1 and found.seconds > 0 and found.runs == 2
    assert json.loads(path.read_text())["found"][0]["parameters"] == 101_770
