"""The synthetic digits: written once, kept, and written anew where what was kept is of no use."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mnist_app.ink.synthetic import synthesis
from mnist_app.learning.data import synthetic_digits
from mnist_app.learning.data.mnist_file import digest
from mnist_app.learning.data.synthetic_digits import load_synthetic, rule_files, synthetic_file
from mnist_app.settings import PROJECT, Settings


def test_they_are_as_many_as_they_should_be_and_none_is_in_both_parts(
    nowhere: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synthetic_digits, "SYNTHETIC_SIZES", (200, 100))
    seen: list[tuple[int, int]] = []
    found = load_synthetic(nowhere, lambda *counts: seen.append(counts))
    assert found["x_train"].shape == (200, 28, 28)
    assert found["x_test"].shape == (100, 28, 28)
    assert {array.dtype for array in found.values()} == {np.dtype(np.uint8)}
    assert set(found["y_train"]) == set(found["y_test"]) == set(range(10))
    assert seen == sorted(seen)
    assert seen[-1] == (300, 300)
    assert not any(array.flags.writeable for array in found.values())
    train = {image.tobytes() for image in found["x_train"]}
    assert not any(image.tobytes() in train for image in found["x_test"])


@pytest.fixture
def few_synthetic(nowhere: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a home of their own, for which the synthetic digits are few and quickly written."""
    monkeypatch.setattr(synthetic_digits, "SYNTHETIC_SIZES", (30, 10))
    return replace(nowhere, home=tmp_path / "own home")


def test_synthetic_digits_are_written_once(few_synthetic: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    written = load_synthetic(few_synthetic)
    monkeypatch.setattr(synthesis, "synthesise", None)
    kept = load_synthetic(few_synthetic)
    assert digest(kept) == digest(written)
    assert not any(array.flags.writeable for array in kept.values())


@pytest.mark.parametrize("damage", [lambda data: data[:-50], lambda data: b"", lambda data: b"x" * 500])
def test_synthetic_digits_that_were_damaged_are_written_anew(
    few_synthetic: Settings, damage: Callable[[bytes], bytes], caplog: pytest.LogCaptureFixture
) -> None:
    written = load_synthetic(few_synthetic)
    path = synthetic_file(few_synthetic)
    path.write_bytes(damage(path.read_bytes()))
    assert digest(load_synthetic(few_synthetic)) == digest(written)
    assert "written anew" in caplog.text
    caplog.clear()
    load_synthetic(few_synthetic)
    assert caplog.text == ""


def test_synthetic_digits_of_other_rules_are_not_taken(
    few_synthetic: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_synthetic(few_synthetic)
    monkeypatch.setattr(synthetic_digits, "SYNTHETIC_SIZES", (20, 10))
    assert len(load_synthetic(few_synthetic)["x_train"]) == 20
    assert list(synthetic_file(few_synthetic).parent.iterdir()) == [synthetic_file(few_synthetic)]


def test_the_rules_are_all_that_writing_a_digit_imports_from_ink() -> None:
    code = """
import sys
import mnist_app.ink.synthetic.synthesis
modules = (module for name, module in sys.modules.items() if name.startswith("mnist_app.ink"))
print(*(module.__file__ for module in modules if not module.__file__.endswith("__init__.py")), sep="\\n")
"""
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    imported = [Path(line).resolve() for line in answer.stdout.splitlines()]
    assert len(imported) > 1
    assert sorted(path.resolve() for path in rule_files()) == sorted(imported)


def test_synthetic_digits_that_cannot_be_kept_are_there_all_the_same(
    few_synthetic: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    few_synthetic.home.write_text("in the way")
    assert len(load_synthetic(few_synthetic)["x_train"]) == 30
    assert "cannot be kept" in caplog.text
