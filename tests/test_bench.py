"""The measurements' pure parts: what counts as missed, how figures are shown, what can be asked for."""

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from bench import report, training
from bench.__main__ import parse
from bench.measurement import Bound, Row
from bench.predict import digits_to_draw
from mnist_app.learning.networks.designs import SOURCES
from mnist_app.learning.training.keras_script import write_script
from mnist_app.learning.training.presets import PRESETS
from mnist_app.settings import PROJECT, Settings


@pytest.mark.parametrize(
    ("measured", "target", "bound", "missed_by"),
    [
        (3.5, 4, "at most", 0),
        (4.5, 4, "at most", 0.5),
        (21, 20, "at least", 0),
        (18, 20, "at least", 2),
        (-0.1, 0.2, "within", 0),
        (-0.5, 0.2, "within", 0.3),
        (None, 4, "at most", None),
        (3, None, "at most", None),
    ],
)
def test_a_target_is_reached_or_missed_by_so_much(
    measured: float | None, target: float | None, bound: Bound, missed_by: float | None
) -> None:
    row = Row("a figure", measured, "s", target, bound)
    assert row.missed_by == (None if missed_by is None else pytest.approx(missed_by))


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.5334, "", "0.533"),
        (5.298, "ms", "5.30 ms"),
        (13.06, "s", "13.1 s"),
        (1234.6, "MB", "1,235 MB"),
        (38, "", "38"),
    ],
)
def test_figures_are_shown_with_digits_that_mean_something(value: float, unit: str, text: str) -> None:
    assert report.shown(value, unit) == text


def test_the_table_says_what_was_reached_missed_and_left_out() -> None:
    rows = [
        Row("fast", 1.5, "s", 2),
        Row("slow", 3.0, "s", 2, note="median of 3"),
        Row("away", note="Left out: not here"),
    ]
    console = Console(file=io.StringIO(), width=120)
    console.print(report.table(rows))
    printed = console.file.getvalue()  # type: ignore[attr-defined]
    lines = {
        name: next(line for line in printed.splitlines() if name in line) for name in ("fast", "slow", "away")
    }
    assert "≤ 2 s" in lines["fast"] and "reached" in lines["fast"]
    assert "missed by 1 s" in lines["slow"] and "median of 3" in lines["slow"]
    assert "–" in lines["away"] and "not here" in lines["away"]


def test_figures_are_never_written_over_the_app_s_own_files(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse(["page", "--json", str(settings.home / "runs.sqlite")])
    assert "where the app keeps runs and drawings" in " ".join(capsys.readouterr().err.split())
    file = parse(["page", "--json", str(tmp_path / "table.json")]).json
    report.write_json(file, {"rows": []})
    assert json.loads(file.read_text(encoding="utf-8")) == {"rows": []}


def test_the_report_can_be_kept_as_json() -> None:
    kept = json.loads(json.dumps(report.as_json(report.machine(), [Row("slow", 3.0, "s", 2)])))
    assert set(kept["machine"]) == {"CPU", "cores", "Python", "TensorFlow", "date", "load before"}
    assert all(kept["machine"].values())
    assert kept["rows"][0]["missed_by"] == 1


@pytest.mark.parametrize("preset", training.RATIOS)
def test_the_program_that_is_measured_is_the_one_that_the_app_writes(preset: str) -> None:
    script = write_script(replace(PRESETS[preset].defaults, validation_share=0.0))
    measured = (PROJECT / "bench" / f"published_{preset}.py").read_text(encoding="utf-8")
    prepared = script[script.index("\nx_train = ") : script.index("\nmodel = ")]
    network = script[script.index("\nmodel = ") : script.index("\n)\n", script.index("model.compile("))]
    assert prepared in measured and network in measured
    assert f"model.fit(x_train, y_train, batch_size={PRESETS[preset].defaults.batch_size}, " in measured
    assert SOURCES[preset] in " ".join(measured.split())


def test_a_part_that_there_is_not_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert parse(["page", "start"]).parts == ["page", "start"]
    with pytest.raises(SystemExit):
        parse(["page", "stroll"])
    assert "stroll" in capsys.readouterr().err


def test_without_real_pen_strokes_digits_are_written_by_rule() -> None:
    digits, source = digits_to_draw(12, Settings.from_environment({}))
    assert source == "digits written by rule"
    assert len(digits) == 12
    assert all(np.concatenate(ways).shape[1] == 2 for ways in digits)
