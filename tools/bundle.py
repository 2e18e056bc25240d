"""Writes a folder from which the app is installed without internet: `python tools/bundle.py --help`.

In it are the project as it is committed, the pinned wheels in `wheels/`, where `set_up.py` takes them from,
Ray's among them if that is asked for, MNIST where it is present, and `INSTALL.txt`. `make bundle` calls it on
the environment's own Python.
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
"""What a server and a node need besides where a Ray cluster trains."""
MANYLINUX = [*(f"manylinux_2_{minor}" for minor in range(28, 4, -1)), "manylinux2014", "manylinux2010"]
PLATFORMS = {
    "linux-x86_64": ("Linux", "x86_64", [f"{each}_x86_64" for each in MANYLINUX]),
    "linux-aarch64": ("Linux", "aarch64", [f"{each}_aarch64" for each in MANYLINUX]),
    "windows": ("Windows", "AMD64", ["win_amd64"]),
    "macos-arm64": ("Darwin", "arm64", ["macosx_14_0_arm64"]),
}
"""Of each platform what markers call its system and machine, and the tags of the wheels that run there."""
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
    """What went wrong and what to do about it, in one sentence."""


def write_bundle(
    folder: Path,
    *,
    project: Path = PROJECT,
    mnist: Path | None = None,
    platform: str = "",
    python: str = "",
    with_ray: bool = False,
) -> None:
    """Write the folder, whole or not at all, for a platform of `PLATFORMS` and a Python such as "3.12".

    Without them it is for this machine and this Python. Raises `BundleFailed`, also where the folder is
    there already, and `OSError`.
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
    """Copy what is committed, and nothing else that lies about."""
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
    """Every version that is named, with its digests where it is locked.

    Those for other platforms are left out, and so are markers and extras. A package that both the app and Ray
    need is named once.
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
    """The lines of the lock file or, where there is none, of what is pinned by hand; each on one line."""
    names = [LOCK] if (folder / LOCK).is_file() else PINS
    return [line for name in names for line in lines_of(folder / name)]


def lines_of(file: Path) -> list[str]:
    """What a file of requirements asks for, without comments, each on one line."""
    text = file.read_text(encoding="utf-8")
    lines = [" ".join(line.split()) for line in text.replace("\\\n", " ").splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def environment_of(platform: str, python: str) -> dict[str, str]:
    """What markers ask, as it is on that platform and Python; what is not said is as it is here."""
    environment = {"python_version": python, "python_full_version": f"{python}.0"}
    if platform:
        system, machine, _ = PLATFORMS[platform]
        sys_platform = {"Linux": "linux", "Windows": "win32", "Darwin": "darwin"}[system]
        environment |= {"platform_system": system, "platform_machine": machine, "sys_platform": sys_platform}
    return environment


def download_wheels(folder: Path, platform: str, python: str, with_ray: bool) -> None:
    """Bring a wheel of each pin into `wheels/`.

    Each by itself (`--no-deps`), because pip asks what a package needs in turn of the machine that it runs
    on; and all of it is pinned.
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
    """The `mnist.npz` that the app uses here, checked by its contents; None where there is none."""
    path = settings.mnist or cached_mnist(settings)
    try:
        read_mnist(path)
    except DatasetUnavailable:
        return None
    return path


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says; returns the exit code."""
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
