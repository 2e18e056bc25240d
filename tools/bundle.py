"""Writing of a folder for installing the app without internet: `python tools/bundle.py --help`.

The folder holds the project as it is committed, the pinned wheels in `wheels/`, from which `set_up.py` takes
them (Ray's on request), MNIST if it is here, and `INSTALL.txt`. `make bundle` runs it with the environment's
own Python.
"""

import argparse
import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from mnist_app.errors import DatasetUnavailable  # noqa: E402 (the folder is not installed)
from mnist_app.learning.data.datasets import cached_mnist, read_mnist  # noqa: E402
from mnist_app.settings import Settings  # noqa: E402

PINS = ("requirements.txt", "constraints.txt")
LOCK = "requirements.lock"
RAY_LOCK = "requirements-cluster.lock"
"""Further requirements of a server and its nodes, if a Ray cluster trains."""
MANYLINUX = [*(f"manylinux_2_{minor}" for minor in range(28, 4, -1)), "manylinux2014", "manylinux2010"]
PLATFORMS = {
    "linux-x86_64": ("Linux", "x86_64", [f"{each}_x86_64" for each in MANYLINUX]),
    "linux-aarch64": ("Linux", "aarch64", [f"{each}_aarch64" for each in MANYLINUX]),
    "windows": ("Windows", "AMD64", ["win_amd64"]),
    "macos-arm64": ("Darwin", "arm64", ["macosx_14_0_arm64"]),
}
"""The system and machine of each platform, as markers call them, and the tags of the wheels that run
there."""
INSTALL = """\
Draw a digit, with all that it needs, for {target}.

1. Copy this folder to where the app is to live. That machine needs Python {python} (64 bit) and no internet.
2. In the folder: make run PYTHON=python{python}
   Where there is no make: python{python} tools/set_up.py run (on Windows: py -{python} tools\\set_up.py run)
3. Open http://localhost:8501.

{mnist}{ray}
docs/for-technicians.md tells how to serve a class, start at boot, update, back up and restore.
"""
WITH_RAY = "\nRay is in it: docs/training-on-a-cluster.md tells how it is installed from here."
WITH_MNIST = "MNIST is in it (LeCun and Cortes, CC BY-SA 3.0)."
WITHOUT_MNIST = (
    "MNIST is not in it, so training offers synthetic digits: put an mnist.npz into this folder for MNIST."
)


class BundleFailed(Exception):
    """A failure and its remedy, in one sentence."""


def write_bundle(
    folder: Path,
    *,
    project: Path = PROJECT,
    mnist: Path | None = None,
    platform: str = "",
    python: str = "",
    with_ray: bool = False,
) -> None:
    """Write the folder, as a whole or not at all, for a platform of `PLATFORMS` and a Python such as "3.12".

    The defaults are this machine and this Python.

    Raises:
        BundleFailed: It cannot be written, or the folder exists already.
        OSError: The system refuses.
    """
    if folder.exists():
        raise BundleFailed(f"{folder} is there already: delete it, or name another folder.")
    python = python or f"{sys.version_info[0]}.{sys.version_info[1]}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{folder.name}.", dir=folder.parent) as draft:
        written = Path(draft) / folder.name
        copy_project(project, written)
        download_wheels(written, platform, python, with_ray)
        if mnist is not None:
            shutil.copyfile(mnist, written / "mnist.npz")
        target = f"{platform or 'machines like the one it was written on'} and Python {python}"
        known = {"mnist": WITH_MNIST if mnist else WITHOUT_MNIST, "ray": WITH_RAY if with_ray else ""}
        text = INSTALL.format(target=target, python=python, **known)
        (written / "INSTALL.txt").write_text(text, encoding="utf-8")
        written.rename(folder)


def copy_project(project: Path, folder: Path) -> None:
    """Copy the committed files only."""
    command = ["git", "archive", "--format=tar", "HEAD"]
    try:
        answer = subprocess.run(command, cwd=project, capture_output=True, check=False)
    except OSError as error:
        raise BundleFailed("There is no git here, which knows what belongs to the project.") from error
    if answer.returncode:
        said = answer.stderr.decode(errors="replace").strip()
        raise BundleFailed(f"The project's files cannot be had from git ({said}): do this in a clone of it.")
    with tarfile.open(fileobj=io.BytesIO(answer.stdout)) as archive:
        archive.extractall(folder, filter="data")


def pins(folder: Path, platform: str, python: str, with_ray: bool = False) -> list[str]:
    """Return every pinned version, with its digests if it is locked.

    Versions for other platforms, markers and extras are left out. A package that both the app and Ray need
    appears once.
    """
    environment = environment_of(platform, python)
    found: dict[str, str] = {}
    for line in locked_lines(folder) + (lines_of(folder / RAY_LOCK) if with_ray else []):
        named, *digests = line.split(" --hash=")
        wanted = Requirement(named)
        if wanted.marker is None or wanted.marker.evaluate(environment):
            pin = " --hash=".join([f"{wanted.name}{wanted.specifier}", *digests])
            found.setdefault(canonicalize_name(wanted.name), pin)
    return list(found.values())


def locked_lines(folder: Path) -> list[str]:
    """Return the lines of the lock file or, without one, of the pins written by hand, each on one line."""
    names = [LOCK] if (folder / LOCK).is_file() else PINS
    return [line for name in names for line in lines_of(folder / name)]


def lines_of(file: Path) -> list[str]:
    """Return the requirements in a file, without comments, each on one line."""
    text = file.read_text(encoding="utf-8")
    lines = [" ".join(line.split()) for line in text.replace("\\\n", " ").splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def environment_of(platform: str, python: str) -> dict[str, str]:
    """Return the values of markers on this platform and Python; the others are this machine's."""
    environment = {"python_version": python, "python_full_version": f"{python}.0"}
    if platform:
        system, machine, _ = PLATFORMS[platform]
        sys_platform = {"Linux": "linux", "Windows": "win32", "Darwin": "darwin"}[system]
        environment |= {"platform_system": system, "platform_machine": machine, "sys_platform": sys_platform}
    return environment


def download_wheels(folder: Path, platform: str, python: str, with_ray: bool) -> None:
    """Download a wheel of each pin into `wheels/`.

    Each is downloaded by itself (`--no-deps`), because pip would resolve dependencies for this machine. All
    of them are pinned anyway.
    """
    listed = folder / "pins.txt"
    listed.write_text("\n".join(pins(folder, platform, python, with_ray)) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--no-input"]
    command += ["--no-deps", "--only-binary", ":all:", "--requirement", str(listed)]
    command += ["--dest", str(folder / "wheels"), "--python-version", python]
    command += ["--require-hashes"] if (folder / LOCK).is_file() else []
    for tag in PLATFORMS[platform][2] if platform else []:
        command += ["--platform", tag]
    if subprocess.run(command, check=False).returncode:
        raise BundleFailed(
            f"The wheels are not complete, because pip could not bring all of {' and '.join(PINS)} "
            "(what it said stands above): check the connection to the internet, and whether there are "
            "wheels for that platform."
        )
    listed.unlink()


def mnist_here(settings: Settings) -> Path | None:
    """Return the `mnist.npz` that the app uses here, checked by its contents; None if there is none."""
    path = settings.mnist or cached_mnist(settings)
    try:
        read_mnist(path)
    except DatasetUnavailable:
        return None
    return path


def main(arguments: list[str] | None = None) -> int:
    """Carry out the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=PROJECT / "bundle", help="default: bundle/")
    parser.add_argument("--platform", choices=PLATFORMS, default="", help="default: this machine's")
    parser.add_argument("--python", choices=["3.11", "3.12", "3.13"], default="", help="default: this one")
    parser.add_argument("--ray", action="store_true", help="with what a cluster that trains needs")
    given = parser.parse_args(arguments)
    mnist = mnist_here(Settings.from_environment())
    try:
        target = {"platform": given.platform, "python": given.python}
        write_bundle(given.folder, mnist=mnist, with_ray=given.ray, **target)
    except (BundleFailed, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    size = sum(path.stat().st_size for path in given.folder.rglob("*") if path.is_file())
    print(f"{given.folder} has {size / 1e6:,.0f} MB, {'with' if mnist else 'without'} MNIST.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
