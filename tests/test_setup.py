"""Setting up: which Python is taken, when something is installed, and what is said when it cannot be.

Packages come from wheels written here, so that a real pip installs them into real environments without the
internet. Tests that need such an environment are slow. Only the last one installs what the app really needs.
"""

import hashlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

import check_python
import chromium
import pytest
import set_up
from packaging.requirements import Requirement

from mnist_app.settings import PROJECT

SHELL = shutil.which("sh") or "/bin/sh"

posix = pytest.mark.skipif(os.name == "nt", reason="make and sh are not used on Windows")


# Which Python


def program(folder: Path, name: str, body: str) -> Path:
    """Write a shell script to stand for a program; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!{SHELL}\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def fitting(folder: Path, name: str) -> Path:
    """A Python that fits: the one that runs the tests, saying by which name it was called."""
    return program(folder, name, f'CALLED_AS={name} exec "{sys.executable}" "$@"')


def misfit(folder: Path, name: str, version: str) -> Path:
    """A Python that does not fit: it answers as `check_python.py` does there."""
    return program(folder, name, f"echo {version}; exit 1")


def choose(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Let `with_python.sh` run a script that says which Python it is run by; only `folder` is on the PATH."""
    script = folder / "script.py"
    script.write_text("import os, sys; print(os.environ['CALLED_AS'], *sys.argv[1:])", encoding="utf-8")
    command = [SHELL, str(PROJECT / "tools" / "with_python.sh"), str(script), "two words"]
    environment = {"PATH": str(folder), **environment}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@posix
def test_the_first_python_that_fits_is_taken(tmp_path: Path) -> None:
    program(tmp_path, "python3.13", "exit 127")  # pyenv's, for a version that is not switched on
    misfit(tmp_path, "python3.12", "3.12.1, 32 bit")
    for name in ("python3.11", "python3"):
        fitting(tmp_path, name)
    assert choose(tmp_path).stdout == "python3.11 two words\n"


@posix
def test_the_environments_own_python_comes_before_all_others(tmp_path: Path) -> None:
    fitting(tmp_path, "python3.13")
    fitting(tmp_path / ".venv" / "bin", "python")
    assert choose(tmp_path).stdout == "python two words\n"


@posix
@pytest.mark.parametrize("broken", ["gone", "too old"])
def test_an_environment_whose_python_is_no_good_is_passed_over(tmp_path: Path, broken: str) -> None:
    fitting(tmp_path, "python3")
    own = tmp_path / ".venv" / "bin"
    if broken == "gone":
        own.mkdir(parents=True)
        (own / "python").symlink_to(tmp_path / "nowhere")
    else:
        misfit(own, "python", "3.10.13")
    assert choose(tmp_path).stdout == "python3 two words\n"


@posix
def test_the_python_that_is_named_is_taken(tmp_path: Path) -> None:
    fitting(tmp_path, "python3.13")
    named = fitting(tmp_path / "a folder", "mine")
    assert choose(tmp_path, PYTHON=str(named)).stdout == "mine two words\n"


@posix
@pytest.mark.parametrize(
    ("others", "found"),
    [
        ({}, "none"),
        ({"python": "2.7.18"}, "python (2.7.18)"),
        ({"python": "2.7.18", "python3": "3.14.0"}, "python3 (3.14.0), python (2.7.18)"),
    ],
)
def test_one_sentence_says_which_pythons_were_found(
    tmp_path: Path, others: dict[str, str], found: str
) -> None:
    for name, version in others.items():
        misfit(tmp_path, name, version)
    answer = choose(tmp_path)
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert answer.stderr == (
        f"The app needs {check_python.NEEDED}, but found {found}: "
        "install one, or name one with PYTHON=/path/to/python.\n"
    )


@posix
def test_a_named_python_that_does_not_fit_is_not_replaced_by_another(tmp_path: Path) -> None:
    fitting(tmp_path, "python3")
    named = misfit(tmp_path / "other", "old", "3.9.2")
    old, missing = choose(tmp_path, PYTHON=str(named)), choose(tmp_path, PYTHON="missing")
    assert (old.returncode, missing.returncode) == (1, 1)
    assert f"found {named} (3.9.2):" in old.stderr
    assert "found missing, which cannot be run:" in missing.stderr


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 9), (3, 13, 5)])
def test_these_versions_fit(monkeypatch: pytest.MonkeyPatch, version: tuple[int, ...]) -> None:
    monkeypatch.setattr(sys, "version_info", version)
    monkeypatch.setattr(sys, "platform", "linux")
    assert check_python.misfit() == ""


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 10, 13), (3, 14, 0), (4, 0, 0)])
def test_other_versions_do_not_fit(monkeypatch: pytest.MonkeyPatch, version: tuple[int, ...]) -> None:
    monkeypatch.setattr(sys, "version_info", version)
    assert check_python.misfit() == ".".join(map(str, version))


@posix
def test_other_machines_do_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sys, "maxsize", 2**31 - 1)
        assert "32 bit" in check_python.misfit()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "platform", "darwin")
        patch.setattr(os, "uname", lambda: os.uname_result(("Darwin", "mac", "22", "", "x86_64")))
        assert "Macs with Intel processors" in check_python.misfit()
        patch.setattr(os, "uname", lambda: os.uname_result(("Darwin", "mac", "22", "", "arm64")))
        assert check_python.misfit() == ""
    with monkeypatch.context() as patch:
        patch.setattr(check_python, "has_ensurepip", lambda: False)
        assert "python3-venv" in check_python.misfit()


def test_the_script_itself_refuses_a_python_that_does_not_fit(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(check_python, "misfit", lambda: "3.10.13")
    assert set_up.main(["app"]) == 1
    assert capsys.readouterr().err.startswith(
        f"The app needs {check_python.NEEDED}, but found {sys.executable} (3.10.13)"
    )


# What is installed, and when


def write_wheel(folder: Path, name: str, version: str, source: str) -> None:
    """Write a wheel of one module, `name`, that can also be run with `python -m`."""
    folder.mkdir(exist_ok=True)
    information = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", source)
        wheel.writestr(
            f"{information}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        wheel.writestr(
            f"{information}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{information}/RECORD", "")


def write_project(project: Path) -> None:
    """Write a project of the same scripts with one small requirement; its wheels lie in `packages/`."""
    shutil.copytree(PROJECT / "tools", project / "tools")
    shutil.copy(PROJECT / "Makefile", project)
    (project / "app.py").write_text("", encoding="utf-8")
    (project / "constraints.txt").write_text("# nothing\n", encoding="utf-8")
    (project / "requirements.txt").write_text("streamlit==1.0\n", encoding="utf-8")
    (project / "requirements-dev.txt").write_text("paint==1.0\n", encoding="utf-8")
    shows_its_call = "import os, sys; print('SERVED', sys.argv[1:], os.getcwd())"
    write_wheel(project / "packages", "streamlit", "1.0", shows_its_call)
    write_wheel(project / "packages", "streamlit", "1.1", shows_its_call)
    write_wheel(project / "packages", "paint", "1.0", "")


@pytest.fixture
def bare_project(tmp_path: Path) -> Path:
    """A project that is not set up."""
    project = tmp_path / "bare"
    write_project(project)
    return project


@pytest.fixture(scope="session")
def set_up_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that is set up, which takes seconds."""
    project = tmp_path_factory.mktemp("set up") / "project"
    write_project(project)
    with pytest.MonkeyPatch.context() as patch:
        only_these_wheels(patch, project / "packages")
        set_up.install(project, "app")
    return project


def only_these_wheels(monkeypatch: pytest.MonkeyPatch, wheels: Path) -> None:
    """Let pip, in whatever process, find packages in one folder and nowhere else."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", wheels.as_uri())


@pytest.fixture
def project(set_up_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project that is set up, in a folder of another name."""
    copy = tmp_path / "moved"
    shutil.copytree(set_up_project, copy, symlinks=True)
    only_these_wheels(monkeypatch, copy / "packages")
    (copy / ".venv" / "mark").touch()
    return copy


def remade(project: Path) -> bool:
    """Whether `.venv` was made anew since the project was copied."""
    return not (project / ".venv" / "mark").exists()


def versions(project: Path) -> dict[str, str]:
    """What is installed in the project's environment, without what comes with every environment."""
    python = set_up.python_of(project / ".venv")
    command = [str(python), "-m", "pip", "list", "--format", "freeze", "--disable-pip-version-check"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return {
        name: version
        for name, version in (line.split("==") for line in lines)
        if name not in ("pip", "setuptools")
    }


def break_pip(project: Path) -> None:
    """From now on an installation cannot succeed."""
    shutil.rmtree(project / "packages")


@pytest.mark.slow
def test_what_is_installed_is_not_installed_again(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    break_pip(project)
    for name in ("requirements.txt", "constraints.txt"):
        os.utime(project / name)  # a checkout gives files new times; it is their contents that count
    set_up.install(project, "app")
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_changed_requirements_are_installed_on_top(project: Path) -> None:
    (project / "requirements.txt").write_text("streamlit==1.1\n", encoding="utf-8")
    set_up.install(project, "app")
    assert versions(project) == {"streamlit": "1.1"}
    assert not remade(project)


@pytest.mark.slow
def test_a_changed_constraint_counts_as_well(project: Path) -> None:
    (project / "requirements.txt").write_text("streamlit\n", encoding="utf-8")
    set_up.install(project, "app")
    (project / "constraints.txt").write_text("streamlit==1.1\n", encoding="utf-8")
    set_up.install(project, "app")
    assert versions(project) == {"streamlit": "1.1"}


@pytest.mark.slow
def test_what_tests_need_comes_on_top_and_takes_nothing_away(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    set_up.install(project, "development")
    assert versions(project) == {"streamlit": "1.0", "paint": "1.0"}
    break_pip(project)
    capfd.readouterr()
    set_up.install(project, "app")
    set_up.install(project, "development")
    assert capfd.readouterr() == ("", "")
    assert not remade(project)


def lock(project: Path, digest: str) -> None:
    """Lock the version that the project asks for."""
    text = f"streamlit==1.1 \\\n    --hash=sha256:{digest}\n"
    (project / set_up.LOCK).write_text(text, encoding="utf-8")


@pytest.mark.slow
def test_what_is_locked_is_installed_and_no_other_file(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    lock(project, "0" * 64)
    with pytest.raises(set_up.SetUpFailed, match="pip could not install"):
        set_up.install(project, "app")
    assert "DO NOT MATCH THE HASHES" in capfd.readouterr().err
    wheel = project / "packages" / "streamlit-1.1-py3-none-any.whl"
    lock(project, hashlib.sha256(wheel.read_bytes()).hexdigest())
    set_up.install(project, "app")
    assert versions(project) == {"streamlit": "1.1"}


@pytest.mark.slow
def test_what_tests_need_comes_on_top_of_what_is_locked(project: Path) -> None:
    wheel = project / "packages" / "streamlit-1.1-py3-none-any.whl"
    (project / "requirements.txt").write_text("streamlit==1.1\n", encoding="utf-8")
    lock(project, hashlib.sha256(wheel.read_bytes()).hexdigest())
    set_up.install(project, "development")
    assert versions(project) == {"streamlit": "1.1", "paint": "1.0"}


@pytest.mark.slow
def test_an_installation_that_failed_does_not_count(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (project / "requirements.txt").write_text("streamlit==2.0\n", encoding="utf-8")
    with pytest.raises(set_up.SetUpFailed, match="pip could not install requirements.txt .*internet"):
        set_up.install(project, "app")
    assert "streamlit==2.0" in capfd.readouterr().err  # pip's own words
    write_wheel(project / "packages", "streamlit", "2.0", "")
    set_up.install(project, "app")
    assert versions(project) == {"streamlit": "2.0"}


@pytest.mark.slow
def test_an_installation_that_was_broken_off_does_not_count(project: Path) -> None:
    (project / "requirements.txt").write_text("streamlit==1.1\n", encoding="utf-8")
    code = f"""
import os, pathlib, set_up
set_up.pip_install = lambda *_: os._exit(9)
set_up.install(pathlib.Path({str(project)!r}), "app")
"""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT / "tools")}
    answer = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=False)
    assert answer.returncode == 9
    (project / "requirements.txt").write_text("streamlit==1.0\n", encoding="utf-8")
    set_up.install(project, "app")
    assert remade(project)
    assert versions(project) == {"streamlit": "1.0"}


@posix
@pytest.mark.slow
def test_an_environment_whose_python_has_gone_is_made_anew(project: Path) -> None:
    for link in (project / ".venv" / "bin").glob("python*"):
        link.unlink()
        link.symlink_to(project / "nowhere")
    set_up.install(project, "app")
    assert remade(project)
    assert versions(project) == {"streamlit": "1.0"}


@pytest.mark.slow
def test_an_environment_of_another_version_is_made_anew(project: Path) -> None:
    stamp = project / ".venv" / set_up.STAMP
    stamp.write_text(stamp.read_text().replace(str(sys.implementation.cache_tag), "cpython-310"))
    set_up.install(project, "app")
    assert remade(project)


def test_a_file_in_place_of_the_environment_is_said(tmp_path: Path) -> None:
    for name in ("requirements.txt", "constraints.txt"):
        (tmp_path / name).write_text("", encoding="utf-8")
    (tmp_path / ".venv").write_text("not a folder", encoding="utf-8")
    with pytest.raises(set_up.SetUpFailed, match="could not make an environment in .*venv"):
        set_up.install(tmp_path, "app")


# The port


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A program that serves this machine alone, at a port of its own."""
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as Streamlit does
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server


def test_a_port_in_use_is_named(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    with pytest.raises(set_up.SetUpFailed, match=f"^Port {port} is in use: choose another, say PORT=8501.$"):
        set_up.check_port(port)


def test_a_port_in_use_by_ipv6_alone_is_named() -> None:
    with socket.socket(socket.AF_INET6) as server:
        try:
            server.bind(("::1", 0))
        except OSError:
            pytest.skip("This machine has no IPv6.")
        server.listen()
        with pytest.raises(set_up.SetUpFailed, match="is in use"):
            set_up.check_port(server.getsockname()[1])


def test_a_port_is_free_again_when_its_server_has_ended(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    with socket.create_connection(("127.0.0.1", port)):
        listener.accept()[0].close()  # the side that closes first keeps the port in TIME_WAIT
    listener.close()
    set_up.check_port(port)


@pytest.mark.parametrize(("text", "port"), [("8600", 8600), (" 1 ", 1), ("", 8501), ("65535", 65535)])
def test_port_is_read(text: str, port: int) -> None:
    assert set_up.port_from({"PORT": text}) == port


def test_port_has_a_default() -> None:
    assert set_up.port_from({}) == 8501


@pytest.mark.parametrize("text", ["0", "65536", "-1", "8501.0", "http", "８５０１", "1e3", "²"])
def test_what_is_no_port_is_said(text: str) -> None:
    with pytest.raises(set_up.SetUpFailed, match=f"PORT={re.escape(text)} is no port"):
        set_up.port_from({"PORT": text})


# The whole, through make


def make(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run make as from a terminal of its own, with nobody there to answer a question."""
    return subprocess.run(
        ["make", *arguments],
        cwd=project,
        env=outside_make(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def outside_make() -> dict[str, str]:
    """This process's environment without what an outer make has put there, and on this Python."""
    made_by_make = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")
    environment = {name: value for name, value in os.environ.items() if name not in made_by_make}
    return environment | {"PYTHON": sys.executable}


@posix
@pytest.mark.slow
def test_make_run_sets_up_and_starts_the_app(project: Path, listener: socket.socket) -> None:
    shutil.rmtree(project / ".venv")
    port = listener.getsockname()[1]
    listener.close()
    answer = make(project, "run", f"PORT={port}")
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.splitlines()[-1] == f"SERVED ['run', 'app.py', '--server.port', '{port}'] {project}"
    break_pip(project)
    again = make(project, "run", f"PORT={port}")
    assert again.stdout == answer.stdout.splitlines()[-1] + "\n"
    assert again.stderr == ""


@posix
def test_make_run_stops_before_a_port_in_use(bare_project: Path, listener: socket.socket) -> None:
    answer = make(bare_project, "run", f"PORT={listener.getsockname()[1]}")
    assert answer.returncode != 0
    assert answer.stdout == ""
    said, makes_own = answer.stderr.splitlines()
    assert "is in use" in said
    assert makes_own.startswith("make: ***")


@posix
def test_make_alone_lists_every_target(bare_project: Path) -> None:
    answer = make(bare_project)
    targets = re.search(
        r"^\.PHONY: help (.*)$", (PROJECT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert targets
    assert [line.split()[1] for line in answer.stdout.splitlines()] == targets[1].split()


@posix
def test_make_clean_leaves_what_the_user_made(bare_project: Path) -> None:
    for folder in (
        "tools/__pycache__",
        ".pytest_cache",
        ".ruff_cache",
        ".mypy_cache",
        ".hypothesis",
        ".venv",
        "drawings",
    ):
        (bare_project / folder).mkdir(exist_ok=True)
    kept = {
        "Makefile",
        "app.py",
        "constraints.txt",
        "drawings",
        "packages",
        "requirements-dev.txt",
        "requirements.txt",
        "tools",
    }
    assert make(bare_project, "clean").returncode == 0
    assert {path.name for path in bare_project.iterdir()} == kept
    assert not list(bare_project.rglob("__pycache__"))


# The pins


def requirements(name: str) -> list[Requirement]:
    """The lines of a requirements file."""
    lines = (PROJECT / name).read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "constraints.txt"])
def test_every_requirement_names_one_version(name: str) -> None:
    assert requirements(name)
    assert all(re.fullmatch(r"==[\w.]+", str(requirement.specifier)) for requirement in requirements(name))


@pytest.mark.parametrize(
    ("system", "machine", "wheel"),
    [
        ("Linux", "x86_64", "tensorflow-cpu"),
        ("Linux", "aarch64", "tensorflow"),
        ("Darwin", "arm64", "tensorflow"),
        ("Windows", "AMD64", "tensorflow"),
    ],
)
def test_each_platform_takes_one_tensorflow(system: str, machine: str, wheel: str) -> None:
    here = {"platform_system": system, "platform_machine": machine}
    names = [r.name for r in requirements("requirements.txt") if r.marker is None or r.marker.evaluate(here)]
    assert [name for name in names if name.startswith("tensorflow")] == [wheel]


def test_all_that_is_needed_in_turn_is_pinned() -> None:
    todo = [*requirements("requirements.txt"), *requirements("requirements-dev.txt")]
    pinned = {normalised(requirement.name) for requirement in [*todo, *requirements("constraints.txt")]}
    needed: set[str] = set()
    while todo:
        requirement = todo.pop()
        name = normalised(requirement.name)
        if name not in needed and (requirement.marker is None or requirement.marker.evaluate({"extra": ""})):
            needed.add(name)
            todo += map(Requirement, metadata.distribution(name).requires or [])
    assert "protobuf" in needed
    assert needed - pinned == set()


def normalised(distribution: str) -> str:
    """A distribution's name as package indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


# A browser for the tests


@posix
def test_a_chromium_that_does_not_start_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "chromium-browser", "echo requires the chromium snap; exit 1")
    works = program(tmp_path, "google-chrome", "echo Chrome 150")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert chromium.find_chromium() == str(works)


@posix
@pytest.mark.parametrize(("ci", "code", "said"), [("", 0, "will be skipped"), ("true", 1, "install one")])
@pytest.mark.slow
def test_without_any_chromium_ci_fails_and_others_are_told(
    tmp_path: Path, ci: str, code: int, said: str
) -> None:
    environment = {
        **os.environ,
        "CI": ci,
        "PATH": str(tmp_path),  # no browser, no apt-get
        "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path / "browsers"),
        "PLAYWRIGHT_DOWNLOAD_HOST": "http://127.0.0.1:9",  # nobody is there
    }
    command = [sys.executable, str(PROJECT / "tools" / "chromium.py")]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode == code
    last = answer.stderr.splitlines()[-1]
    assert last.startswith(chromium.NONE_HERE)
    assert said in last


# The real thing


@contextmanager
def make_run(project: Path, port: int) -> Iterator[list[str]]:
    """Have the app served by `make run`; gives what was said until it was, and stops it as Ctrl-C does."""
    environment = {**outside_make(), "STREAMLIT_SERVER_HEADLESS": "true"}
    command = ["make", "run", f"PORT={port}"]
    process = subprocess.Popen(
        command,
        cwd=project,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout
    try:
        said = list(until("URL: ", process.stdout))
        assert said and "URL: " in said[-1], said
        yield said
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.communicate()


def until(text: str, lines: Iterable[str]) -> Iterator[str]:
    """Lines up to and with the first that has `text` in it."""
    for line in lines:
        yield line
        if text in line:
            return


@posix
@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_fresh_copy_is_set_up_and_serves_its_page(
    tmp_path: Path, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = subprocess.run(
        ["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    if files.returncode:
        pytest.skip("This is no git repository, so there is no telling which files belong to the project.")
    for name in filter(None, files.stdout.split("\0")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / name, tmp_path / name)
    port = listener.getsockname()[1]
    listener.close()
    address = f"http://localhost:{port}"
    with make_run(tmp_path, port) as said:
        assert said[0].startswith("Setting up")
        assert urllib.request.urlopen(f"{address}/_stcore/health").read() == b"ok"
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with make_run(tmp_path, port) as said:
        assert not any("Setting up" in line for line in said)
        assert b"<html" in urllib.request.urlopen(address).read()
