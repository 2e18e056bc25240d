"""Without a program a test is skipped; it fails where `.ci/run` has found or installed the program."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from debian_packages import INSTALLED, go_without

from mnist_app.settings import PROJECT

SCRIPT = PROJECT / ".ci" / "run"


@pytest.mark.parametrize(
    ("ci", "installed", "outcome"),
    [
        ("", "", pytest.skip.Exception),
        ("true", "", pytest.skip.Exception),
        ("true", "postgresql", pytest.skip.Exception),
        ("true", "postgresql haproxy", pytest.fail.Exception),
        ("", "haproxy", pytest.fail.Exception),
    ],
)
def test_a_program_is_gone_without_unless_it_was_found_or_installed(
    ci: str, installed: str, outcome: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv(INSTALLED, installed)
    with pytest.raises(outcome, match="package haproxy"):
        go_without("HAProxy", "haproxy")


def put_program(path: Path, *lines: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]), encoding="utf-8")
    path.chmod(0o755)


@pytest.mark.skipif(os.name == "nt", reason="The script is for bash.")
@pytest.mark.parametrize("is_installable", [True, False])
def test_ci_tells_the_tests_what_it_has_found_or_installed(is_installable: bool, tmp_path: Path) -> None:
    """On a machine without HAProxy: this one's programs are there, but for that."""
    bash = shutil.which("bash")
    if bash is None or not SCRIPT.is_file():
        pytest.skip("There is no bash, or no .ci/run in this copy.")
    programs = tmp_path / "bin"
    put_program(programs / "apt-get", f"exit {int(not is_installable)}")
    put_program(programs / "make", f'echo "$1: $CI, ${INSTALLED}."')
    put_program(tmp_path / "project" / ".venv" / "bin" / "python")
    for name in ("dirname", "ls"):
        (programs / name).symlink_to(shutil.which(name) or "")
    script = tmp_path / "project" / ".ci" / "run"
    script.parent.mkdir()
    shutil.copy(SCRIPT, script)
    done = subprocess.run(
        [bash, str(script)], env={"PATH": str(programs)}, capture_output=True, text=True, check=True
    )
    (told,) = (line for line in done.stdout.splitlines() if line.startswith("test-all"))
    assert ("haproxy" in told) == is_installable
    assert ("haproxy" in done.stderr and "skipped" in done.stderr) == (not is_installable)
    assert told.startswith("test-all: true, ")
