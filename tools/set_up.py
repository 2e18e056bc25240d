"""Set up the project's `.venv` and start the app, with nothing but Python's standard library.

    python tools/set_up.py run           install what the app needs, unless it is there, and start the app
    python tools/set_up.py app           install what the app needs, unless it is there
    python tools/set_up.py development   the same, and what tests, lint and measurements need

`make` calls it through `with_python.sh`, which finds a suitable interpreter. Without make, call it like this,
on Python 3.11 to 3.13. `PORT` (default: 8501) is the app's port.
"""

from __future__ import annotations

import errno
import hashlib
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import check_python

PROJECT = Path(__file__).resolve().parent.parent
CONSTRAINTS = "constraints.txt"
LOCK = "requirements.lock"
"""All packages that requirements.txt needs, each version with the digests of its files; `make lock` writes
it."""
REQUIREMENTS = {
    "app": ("requirements.txt",),
    "development": ("requirements.txt", "requirements-dev.txt"),
}
WHEELS = "wheels"
"""The folder that `bundle.py` writes. If it is in the project, packages come from it only."""
STAMP = "set-up.txt"
DEFAULT_PORT = 8501
SERVER_ENVIRONMENT = {"MALLOC_ARENA_MAX": "1", "TF_NUM_INTRAOP_THREADS": "1"}
"""Environment of the server, unless a variable is set already.

Each page runs in a thread of its own, and glibc would give these threads up to eight heaps for each
processor. Free memory in one heap is of no use to the others: the server grew by 20 MB in a thousand answers
although it held on to nothing. One image is too little to share among TensorFlow's threads: a verdict took a
millisecond longer with two than with one.
"""


class SetUpFailed(Exception):
    """A failure and its remedy, in one sentence."""


# The environment


def python_of(venv: Path) -> Path:
    """Return the path of an environment's interpreter, whether it exists or not."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def version_of(python: Path) -> str:
    """Return the version that an installation depends on, such as "cpython-311"; "" if it does not run."""
    command = [str(python), "-S", "-c", "import sys; print(sys.implementation.cache_tag)"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""


def digest(project: Path, what: str) -> str:
    """Return the SHA-256 of everything that defines an installation for "app" or "development"."""
    total = hashlib.sha256()
    for name in (*REQUIREMENTS[what], CONSTRAINTS, LOCK):
        if name != LOCK or (project / name).is_file():
            total.update((project / name).read_bytes() + b"\0")
    return total.hexdigest()


def installed(venv: Path) -> list[str]:
    """Return the digests of what is installed; none if the environment cannot be used as it is.

    The stamp holds the interpreter's version and these digests. It is removed while pip is at work, so an
    environment whose installation was interrupted has none.
    """
    try:
        version, *digests = (venv / STAMP).read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return []
    fits = version == sys.implementation.cache_tag == version_of(python_of(venv))
    return digests if fits else []


def install(project: Path, what: str) -> None:
    """Install what "app" or "development" needs into `.venv`, unless it is there already.

    Raises:
        SetUpFailed: The environment cannot be made, or pip fails.
    """
    venv = project / ".venv"
    present, wanted = installed(venv), digest(project, what)
    if wanted in present:
        return
    print(f"Setting up {venv}: this is done once and takes a few minutes.", flush=True)
    if not present:
        make_environment(venv)
    (venv / STAMP).unlink(missing_ok=True)
    pip_install(project, python_of(venv), what)
    write_stamp(venv, [digest(project, "app"), wanted])


def make_environment(venv: Path) -> None:
    """Make an empty environment, in place of what is there."""
    # The interpreter that runs this may be that of the very environment to be replaced.
    python = getattr(sys, "_base_executable", None) or sys.executable
    if subprocess.run([python, "-m", "venv", "--clear", str(venv)], check=False).returncode:
        raise SetUpFailed(
            f"{python} could not make an environment in {venv} (what it said stands above): "
            "check that the folder can be written and that the disk has room, and start again."
        )


def pip_install(project: Path, python: Path, what: str) -> None:
    """Install into the environment of `python`, from wheels only, because there may be no compiler.

    The app's packages come from the lock file, if there is one. A file with another digest than the locked
    one is refused.
    """
    command = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    command += ["--only-binary", ":all:"]
    offline = (project / WHEELS).is_dir()
    if offline:
        command += ["--no-index", "--find-links", WHEELS]
    calls = [["--constraint", CONSTRAINTS, *(f"--requirement={name}" for name in REQUIREMENTS[what])]]
    if (project / LOCK).is_file():
        locked = [["--require-hashes", "--requirement", LOCK]]
        calls = locked if what == "app" else locked + calls  # pip wants digests of all or of none
    if any(subprocess.run(command + call, cwd=project, check=False).returncode for call in calls):
        remedy = (
            f"{WHEELS}/ has not all that is needed here; see in INSTALL.txt for which Python and platform "
            "it was written, or delete it to install from the internet."
            if offline
            else "check the connection to the internet and start again."
        )
        raise SetUpFailed(
            f"The set-up is not complete, because pip could not install {' and '.join(REQUIREMENTS[what])} "
            f"(what it said stands above): {remedy}"
        )


def write_stamp(venv: Path, digests: list[str]) -> None:
    """Write what is installed now, atomically."""
    unfinished = venv / (STAMP + ".new")
    unfinished.write_text("\n".join([sys.implementation.cache_tag, *digests]) + "\n", encoding="ascii")
    unfinished.replace(venv / STAMP)


# The app


def port_from(environment: Mapping[str, str]) -> int:
    """Return the port in `PORT`; raise `SetUpFailed` if it is not a port."""
    text = environment.get("PORT", "").strip() or str(DEFAULT_PORT)
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise SetUpFailed(f"PORT={text} is no port: give a whole number from 1 to 65535, such as PORT=8502.")
    return int(text)


def check_port(port: int) -> None:
    """Raise `SetUpFailed` unless the app can be served on `port`, at every address of this machine."""
    other = f"PORT={8502 if port == DEFAULT_PORT else DEFAULT_PORT}"
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET, ""), (socket.AF_INET6, "::")):
        try:
            try_to_listen(family, address, port)
        except PermissionError:
            raise SetUpFailed(
                f"Port {port} may not be used by this user: choose another, say {other}."
            ) from None
        except OSError as error:
            # Anything else, such as a machine without IPv6, is no sign that somebody is there.
            if error.errno == errno.EADDRINUSE:
                raise SetUpFailed(f"Port {port} is in use: choose another, say {other}.") from None


def try_to_listen(family: socket.AddressFamily, address: str, port: int) -> None:
    """Listen for a moment, as the server will; raise `OSError` if that fails."""
    with socket.socket(family) as listener:
        if os.name != "nt":  # there it would let two programs share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((address, port))
        listener.listen()


def run(project: Path, environment: Mapping[str, str]) -> int:
    """Set up what is missing, and serve the app until it is stopped; return Streamlit's exit code."""
    port = port_from(environment)
    check_port(port)
    install(project, "app")
    python = str(python_of(project / ".venv"))
    # Not .venv/bin/streamlit: that one has the folder's old name in it once the folder has been moved.
    command = [python, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    os.chdir(project)
    if os.name == "nt":  # there exec would give the console back while the server is running
        return subprocess.run(command, check=False).returncode
    os.execve(python, command, {**SERVER_ENVIRONMENT, **environment})


def main(arguments: list[str]) -> int:
    """Carry out the command line; return the exit code."""
    if len(arguments) != 1 or arguments[0] not in ("run", *REQUIREMENTS):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        check_interpreter()
        if arguments[0] == "run":
            return run(PROJECT, os.environ)
        install(PROJECT, arguments[0])
        return 0
    except SetUpFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def check_interpreter() -> None:
    """Raise `SetUpFailed` if the app cannot run on this interpreter."""
    misfit = check_python.misfit()
    if misfit:
        found = f"{sys.executable} ({misfit})"
        raise SetUpFailed(f"The app needs {check_python.NEEDED}, but found {found}: start this on another.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
