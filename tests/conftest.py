"""Fixtures of all tests: a home of their own, and real data where this machine has it."""

import functools
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from mnist_app.settings import PROJECT, Settings

sys.path.insert(0, str(PROJECT / "tools"))

import chromium as browsers  # noqa: E402 (found in tools/, which is not a package)
import connections  # noqa: E402 (stands beside it)
import leftovers  # noqa: E402 (stands beside it)
import postgresql as servers  # noqa: E402 (uses what is in tools/)
from debian_packages import go_without  # noqa: E402 (uses what is in tools/)

# Without deadlines, because the machine may be busy. `make test-all` sets the number of fuzzed cases, and
# then each property without a number of its own gets Hypothesis's hundred examples.
IS_THOROUGH = "MNIST_APP_FUZZ_CASES" in os.environ
hypothesis_settings.register_profile("quick", deadline=None, max_examples=25)
hypothesis_settings.register_profile("thorough", deadline=None)
hypothesis_settings.load_profile("thorough" if IS_THOROUGH else "quick")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the files that take longest first, so that no process waits long for the last one to finish."""
    seconds: Counter[Path] = Counter()
    for item in items:
        seconds[item.path] += estimated_seconds(item)
    items.sort(key=lambda item: -seconds[item.path])


def estimated_seconds(item: pytest.Item) -> int:
    """Guess how long a test takes, from its folder and marks."""
    if item.path.parent.name == "fuzzing":
        return 100 if IS_THOROUGH else 5
    if item.get_closest_marker("slow"):
        return 10
    return 5 if item.get_closest_marker("browser") else 0


@pytest.fixture(scope="session", autouse=True)
def _none_left() -> Iterator[None]:
    """End what tests have started with them, also when they are killed."""
    with leftovers.none_left():
        yield


@pytest.fixture(scope="session", autouse=True)
def _connections_watched() -> Iterator[None]:
    """Warn of every connection to SQLite that is dropped without being closed, as Python 3.13 does."""
    with connections.watched():
        yield


@pytest.fixture(scope="session", autouse=True)
def _home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep every test, and every process that one starts, away from the user's own models.

    What takes long to make and is the same for all is made once for all processes that test at the same time.
    """
    home = tmp_path_factory.mktemp("home")
    if "PYTEST_XDIST_WORKER" in os.environ and os.name != "nt":
        for name in ("datasets", "evaluations"):
            shared = tmp_path_factory.getbasetemp().parent / name
            shared.mkdir(exist_ok=True)
            (home / name).symlink_to(shared, target_is_directory=True)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("MNIST_APP_HOME", str(home))
        yield


@pytest.fixture(scope="session")
def components_found_once() -> Iterator[None]:
    """Search the environment for Streamlit components once, instead of once for each page that a test opens.

    The search reads the metadata of every installed package. It took nine tenths of a page test's time.
    """
    from streamlit.components.v2 import manifest_scanner  # not needed by most tests

    with pytest.MonkeyPatch.context() as monkeypatch:
        search = functools.cache(manifest_scanner.scan_component_manifests)
        monkeypatch.setattr(manifest_scanner, "scan_component_manifests", search)
        yield


@pytest.fixture(scope="session")
def streamlit_repaired() -> None:
    """Repair Streamlit as the server does at its start, for pages that a test opens without a server."""
    from mnist_app.ui.streamlit_fixes.repairs import repair_streamlit  # not needed by most tests

    repair_streamlit()


@pytest.fixture(scope="session")
def settings(_home: None) -> Settings:
    """The settings that the tests' environment gives; `home` is a temporary folder."""
    return Settings.from_environment()


@pytest.fixture(scope="session")
def mnist_path(settings: Settings) -> Path:
    """Real MNIST as an `.npz`, from `MNIST_APP_MNIST` or Keras's cache; the test is skipped without it."""
    path = settings.mnist or settings.keras_home / "datasets" / "mnist.npz"
    if not path.is_file():
        pytest.skip(
            f"Real MNIST is not at {path}: set MNIST_APP_MNIST, or run `python -m mnist_app data fetch`."
        )
    return path


@pytest.fixture(scope="session")
def pendigits_path(settings: Settings) -> Path:
    """Real pen strokes, from `MNIST_APP_PENDIGITS`; the test is skipped without them."""
    if settings.pendigits is None or not settings.pendigits.is_file():
        pytest.skip(f"Real pen strokes are not here: MNIST_APP_PENDIGITS is {settings.pendigits}.")
    return settings.pendigits


@pytest.fixture(scope="session")
def unipen_path(settings: Settings) -> Path:
    """Real pen strokes of many hands, from `MNIST_APP_UNIPEN`; the test is skipped without them."""
    if settings.unipen is None or not settings.unipen.is_file():
        pytest.skip(f"UNIPEN's digits are not here: MNIST_APP_UNIPEN is {settings.unipen}.")
    return settings.unipen


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium for Playwright's `executable_path`; skipped without one, a failure under CI."""
    path = browsers.find_chromium()
    if path is None and browsers.in_continuous_integration(os.environ):
        pytest.fail(f"{browsers.NONE_HERE}, and CI is set.")
    if path is None:
        pytest.skip(f"{browsers.NONE_HERE}.")
    return path


@pytest.fixture(scope="session")
def postgresql() -> Iterator[servers.PostgreSQL]:
    """A PostgreSQL that is running; see `go_without` for where it is not installed."""
    with servers.running(servers.find_programs() or go_without("PostgreSQL", "postgresql")) as server:
        yield server
