"""Standard output and standard error that are closed, or full, or read no further."""

import os
import subprocess
from pathlib import Path

import pytest
from program import assert_one_line, command

from mnist_app.settings import PROJECT


@pytest.mark.parametrize("arguments", [["data", "--json"], ["--help"]])
def test_closed_pipe_makes_no_noise(arguments: list[str]) -> None:
    with subprocess.Popen(
        command(*arguments), cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        process.stdout.close()  # type: ignore[union-attr]
        assert process.stderr.read() == ""  # type: ignore[union-attr]
    assert process.returncode == 1


@pytest.mark.skipif(os.name != "posix", reason="said in the words of a POSIX shell")
@pytest.mark.parametrize(
    ("words", "code"), [("data --json >&-", 0), ("nothing 2>&-", 2), ("nothing >&- 2>&-", 2)]
)
def test_closed_streams_make_no_noise(words: str, code: int) -> None:
    program = " ".join(command())
    done = subprocess.run(
        ["sh", "-c", f"{program} {words}"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full here")
def test_full_disk_is_one_line() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            command("data"), cwd=PROJECT, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 1
    assert_one_line(done.stderr)
