"""`script`: what it prints is what `write_script` writes, of the configuration that `train` would train."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from program import Run

from mnist_app.learning.training.configuration import TrainingConfig
from mnist_app.learning.training.keras_script import write_script
from mnist_app.learning.training.presets import PRESETS
from mnist_app.settings import PROJECT

OPTIONS = {
    "--dataset": "synthetic",
    "--epochs": "3",
    "--batch-size": "77",
    "--optimizer": "rmsprop",
    "--learning-rate": "0.002",
    "--momentum": "0.5",
    "--validation-share": "0.25",
    "--train-size": "1234",
    "--seed": "99",
    "--name": "mine",
}


@pytest.mark.parametrize("preset", PRESETS)
def test_the_presets_own_program(run: Run, tmp_path: Path, preset: str) -> None:
    answer = run("script", "--preset", preset)
    assert answer.out == write_script(PRESETS[preset].defaults)
    assert (answer.code, answer.err) == (0, "")
    assert not (tmp_path / "home").exists()


def test_every_option_is_obeyed(run: Run) -> None:
    config = TrainingConfig("cnn", "synthetic", 3, 77, "rmsprop", 0.002, 0.5, 0.25, 1234, 99, "mine")
    words = [word for option in OPTIONS.items() for word in option]
    assert run("script", "--preset", "cnn", *words).out == write_script(config)


def test_momentum_is_obeyed(run: Run) -> None:
    answer = run("script", "--preset", "cnn", "--momentum", "0.5")
    assert "momentum=0.5" in answer.out


def test_script_in_json(run: Run) -> None:
    answer = run("script", "--preset", "dense", "--json")
    assert answer.objects == [{"script": write_script(PRESETS["dense"].defaults)}]
    assert (answer.code, answer.err) == (0, "")


def test_script_and_train_have_the_same_options(run: Run) -> None:
    of_script, of_train = (
        re.findall(r"^ +(--[a-z-]+)", run(name, "--help").out, re.MULTILINE) for name in ("script", "train")
    )
    assert of_script == of_train
    assert {"--preset", "--json", *OPTIONS} <= set(of_script)


def test_script_does_not_import_tensorflow() -> None:
    code = (
        "import sys; from mnist_app.cli import main; code = main(['script', '--preset', 'dense']);"
        "print('# loaded', sorted({'tensorflow', 'keras'} & set(sys.modules)), code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.stdout.endswith("# loaded [] 0\n")
    assert done.stderr == ""
