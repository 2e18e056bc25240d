"""Help: what there is, at once."""

import subprocess
import sys

import pytest
from program import Run

from mnist_app.settings import PROJECT


def test_help_imports_nothing_heavy() -> None:
    heavy = ("tensorflow", "keras", "numpy", "PIL", "streamlit", "sqlalchemy", "requests", "pooch")
    code = (
        "import sys; from mnist_app.cli import main; code = main(['--help']);"
        f"print('loaded', sorted(set({heavy!r}) & set(sys.modules)), code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.stdout.endswith("loaded [] 0\n")
    assert "predict" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("arguments", [[], ["-h"], ["data", "--help"], ["train", "--help"]])
def test_help(run: Run, arguments: list[str]) -> None:
    answer = run(*arguments)
    assert answer.code == 0
    assert answer.out.startswith("Usage: python -m mnist_app")
    assert answer.err == ""
