"""`worker`, as the server starts it."""

import os
import subprocess
from pathlib import Path

import pytest
from program import command

from mnist_app.settings import PROJECT


@pytest.mark.slow
def test_worker_ends_with_its_standard_input(tmp_path: Path) -> None:
    done = subprocess.run(
        command("worker"),
        cwd=PROJECT,
        env=os.environ | {"MNIST_APP_HOME": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert done.stdout.startswith("worker ")
    assert "Traceback" not in done.stderr
