"""The lock files: all that the app, and a cluster that trains, need, at those versions, each with digests."""

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


def version(line: str) -> tuple[str, str]:
    """The package and the version that a line of a lock file names."""
    name, _, rest = line.partition("==")
    return name, rest.split()[0]


def pinned(name: str) -> list[Requirement]:
    lines = (PROJECT / name).read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line.strip() and not line.startswith("#")]


@pytest.mark.parametrize(("name", "least"), [(bundle.LOCK, 50), (bundle.RAY_LOCK, 10)])
def test_every_line_is_one_version_with_digests(name: str, least: int) -> None:
    lines = bundle.lines_of(PROJECT / name)
    assert len(lines) > least
    for line in lines:
        assert re.fullmatch(r"[a-z0-9-]+==[^ ]+( ; [^#]+?)?( --hash=sha256:[0-9a-f]{64})+", line), line


@pytest.mark.parametrize("name", [bundle.LOCK, bundle.RAY_LOCK])
def test_no_address_is_in_it(name: str) -> None:
    text = (PROJECT / name).read_text(encoding="utf-8")
    assert "://" not in text and "index" not in text


@pytest.mark.parametrize(("platform", "python"), ALL)
def test_it_satisfies_what_is_pinned_by_hand(platform: str, python: str) -> None:
    versions, environment = locked(platform, python), bundle.environment_of(platform, python)
    for wanted in pinned("requirements.txt"):
        if wanted.marker is None or wanted.marker.evaluate(environment):
            assert wanted.specifier.contains(versions[canonicalize_name(wanted.name)]), wanted
    constraints = {canonicalize_name(each.name): each.specifier for each in pinned("constraints.txt")}
    with_ray = " ".join(bundle.pins(PROJECT, platform, python, with_ray=True))
    for wanted in pinned("requirements-cluster.txt"):
        assert f"{wanted.name}{wanted.specifier}" in with_ray, wanted
    for name, version in versions.items():
        assert name not in constraints or constraints[name].contains(version), name


def test_what_both_the_app_and_ray_need_is_one_version() -> None:
    names = (bundle.LOCK, bundle.RAY_LOCK)
    app, ray = (dict(map(version, bundle.lines_of(PROJECT / name))) for name in names)
    assert {name: app[name] for name in app.keys() & ray} == {name: ray[name] for name in app.keys() & ray}


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
