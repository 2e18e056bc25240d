"""The lock file: it has all that requirements.txt needs, at those versions, each with digests."""

import re
from importlib import metadata

import bundle
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from mnist_app.settings import PROJECT

ALL = [(platform, python) for platform in bundle.PLATFORMS for python in ("3.11", "3.12", "3.13")]


def locked(platform: str, python: str) -> dict[str, str]:
    """The version of each package that is installed there."""
    found = [line.split(" --hash=")[0].split("==") for line in bundle.pins(PROJECT, platform, python)]
    assert len({name for name, _ in found}) == len(found), "one version of each"
    return {canonicalize_name(name): version for name, version in found}


def pinned(name: str) -> list[Requirement]:
    lines = (PROJECT / name).read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line.strip() and not line.startswith("#")]


def test_every_line_is_one_version_with_digests() -> None:
    lines = bundle.locked_lines(PROJECT)
    assert len(lines) > 50
    for line in lines:
        assert re.fullmatch(r"[a-z0-9-]+==[^ ]+( ; [^#]+?)?( --hash=sha256:[0-9a-f]{64})+", line), line


def test_no_address_is_in_it() -> None:
    text = (PROJECT / bundle.LOCK).read_text(encoding="utf-8")
    assert "://" not in text and "index" not in text


@pytest.mark.parametrize(("platform", "python"), ALL)
def test_it_satisfies_what_is_pinned_by_hand(platform: str, python: str) -> None:
    versions, environment = locked(platform, python), bundle.environment_of(platform, python)
    for wanted in pinned("requirements.txt"):
        if wanted.marker is None or wanted.marker.evaluate(environment):
            assert wanted.specifier.contains(versions[canonicalize_name(wanted.name)]), wanted
    constraints = {canonicalize_name(each.name): each.specifier for each in pinned("constraints.txt")}
    for name, version in versions.items():
        assert name not in constraints or constraints[name].contains(version), name


@pytest.mark.parametrize(("platform", "python"), ALL)
def test_what_is_needed_in_turn_is_in_it(platform: str, python: str) -> None:
    versions, environment = locked(platform, python), bundle.environment_of(platform, python)
    for name in versions:
        try:
            needed = metadata.requires(name) or []
        except metadata.PackageNotFoundError:  # of another platform
            continue
        for wanted in map(Requirement, needed):
            if wanted.marker is None or wanted.marker.evaluate({**environment, "extra": ""}):
                assert wanted.specifier.contains(versions[canonicalize_name(wanted.name)]), (name, wanted)
