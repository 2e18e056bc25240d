"""Without a program a test is skipped; in CI it fails, unless `.ci/run` could not install the program."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from debian_packages import NOT_INSTALLABLE, go_without

from mnist_app.settings import PROJECT

SCRIPT = PROJECT / ".ci" / "run"


@pytest.mark.parametrize(
    ("ci", "not_installable", "outcome"),
    [
        ("", "", pytest.skip.Exception),
        ("false", "", pytest.skip.Exception),
        ("true", "", pytest.fail.Exception),
        ("true", "postgresql", pytest.fail.Exception),
        ("true", "postgresql haproxy", pytest.skip.Exception),
    ],
)
def test_in_ci_only_a_program_that_could_not_be_installed_is_gone_without(
    ci: str, not_installable: str, outcome: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", ci)
    monkeypatch.setenv(NOT_INSTALLABLE, not_installable)
    with pytest.raises(outcome, match="package haproxy"):
        go_without("HAProxy", "haproxy")


def put_program(path: Path, *lines: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]), encoding="utf-8")
    path.chmod(0o755)


@pytest.mark.skipif(os.name == "nt", reason="The script is for bash.")
@pytest.mark.parametrize("is_installable", [True, False])
def test_ci_tells_the_tests_what_it_could_not_install(is_installable: bool, tmp_path: Path) -> None:
    """On a machine without HAProxy: this one's programs are there, but for that."""
    bash = shutil.which("bash")
    if bash is None or not SCRIPT.is_file():
        pytest.skip("There is no bash, or no .ci/run in this copy.")
    programs = tmp_path / "bin"
    put_program(programs / "apt-get", f"exit {int(not is_installable)}")
    put_program(programs / "make", f'echo "$1: $CI, ${NOT_INSTALLABLE}."')
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
    assert ("haproxy" in told) == (not is_installable)
    assert ("haproxy" in done.stderr and "skipped" in done.stderr) == (not is_installable)
    assert told.startswith("test-all: true, ")
