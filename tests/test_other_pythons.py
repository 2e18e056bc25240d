"""On which other Pythons the tests are run, where a machine has some."""

import os
import re
import sys
from pathlib import Path

import check_python
import other_pythons
import pytest

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
OTHERS = [version for version in other_pythons.VERSIONS if version != HERE]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="make and sh are not used on Windows")


def python(folder: Path, version: str, *, runs: bool = True) -> Path:
    """Write a program that answers as the Python of that version does when it is asked what it is."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"python{version}"
    answer = f"echo cpython-{version.replace('.', '')}" if runs else "exit 127"
    path.write_text(f"#!/bin/sh\n{answer}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_one_of_each_other_version_is_found(tmp_path: Path) -> None:
    for version in ("3.10", *other_pythons.VERSIONS, "3.14"):
        python(tmp_path, version)
    found = other_pythons.other_pythons({"PATH": str(tmp_path)})
    assert found == [tmp_path / f"python{version}" for version in OTHERS]


def test_pyenvs_are_found_where_its_link_leads_nowhere(tmp_path: Path) -> None:
    first, second = OTHERS
    python(tmp_path / "shims", first, runs=False)
    python(tmp_path / "shims", second)
    installed = python(tmp_path / "pyenv" / "versions" / f"{first}.7" / "bin", first)
    python(tmp_path / "pyenv" / "versions" / f"{second}.0" / "bin", second)
    environment = {"PATH": str(tmp_path / "shims"), "PYENV_ROOT": str(tmp_path / "pyenv")}
    assert other_pythons.other_pythons(environment) == [installed, tmp_path / "shims" / f"python{second}"]


def test_none_is_found_where_there_is_none(tmp_path: Path) -> None:
    python(tmp_path, HERE)
    assert other_pythons.other_pythons({"PATH": str(tmp_path), "HOME": str(tmp_path)}) == []


def test_the_versions_are_those_that_the_app_runs_on() -> None:
    assert tuple(re.findall(r"3\.[0-9]+", check_python.NEEDED)) == other_pythons.VERSIONS
