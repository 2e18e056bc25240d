"""The folder to install from without internet: what is in it, and a real installation from it.

Packages come from wheels written here, and a real pip finds them in one folder and nowhere else.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import bundle
import pytest
import set_up

from mnist_app.settings import PROJECT, Settings

SOURCE = "import sys; print('SERVED', *sys.argv[1:3])"


def write_wheel(folder: Path, name: str, tag: str = "py3-none-any", source: str = SOURCE) -> None:
    """Write a wheel, version 1.0, of one module that can also be run."""
    folder.mkdir(exist_ok=True)
    information = f"{name}-1.0.dist-info"
    files = {
        f"{name}.py": source,
        f"{information}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{information}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n",
        f"{information}/RECORD": "",
    }
    with zipfile.ZipFile(folder / f"{name}-1.0-{tag}.whl", "w") as wheel:
        for path, content in files.items():
            wheel.writestr(path, content)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project under git that needs `streamlit` and, on Windows, `paint`; its index is a folder."""
    project, index = tmp_path / "project", tmp_path / "index"
    shutil.copytree(PROJECT / "tools", project / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    needed = "# What is needed\nstreamlit==1.0\npaint==1.0 ; platform_system == 'Windows'\n"
    (project / "requirements.txt").write_text(needed, encoding="utf-8")
    (project / "requirements-dev.txt").write_text("missing==1.0\n", encoding="utf-8")
    (project / "constraints.txt").write_text("# In turn\ncolour==1.0\n", encoding="utf-8")
    (project / "app.py").write_text("", encoding="utf-8")
    subprocess.run(["git", "init", "--quiet"], cwd=project, check=True)
    commit(project)
    (project / "notes.txt").write_text("not committed", encoding="utf-8")
    for name in ("streamlit", "colour"):
        write_wheel(index, name)
    write_wheel(index, "paint", "py3-none-win_amd64")
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", index.as_uri())
    return project


def commit(project: Path) -> None:
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    for words in (["add", "--all"], ["commit", "--quiet", "--no-verify", "-m", "all"]):
        subprocess.run([*git, *words], cwd=project, check=True)


def lock(project: Path, file: str, *packages: str) -> None:
    """Write a lock file with the digests of the wheels in the index beside the project."""
    text = "# locked\n"
    for name in packages:
        wheel = project.parent / "index" / f"{name}-1.0-py3-none-any.whl"
        text += f"{name}==1.0 \\\n    --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"
    (project / file).write_text(text, encoding="utf-8")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_is_in_it(project: Path, tmp_path: Path) -> None:
    folder, mnist = tmp_path / "bundle", tmp_path / "mnist of mine.npz"
    mnist.write_bytes(b"images")
    bundle.write_bundle(folder, project=project, mnist=mnist)
    committed = ["app.py", "constraints.txt", "requirements-dev.txt", "requirements.txt", "tools"]
    assert names(folder) == sorted([*committed, "INSTALL.txt", "mnist.npz", "wheels"])
    assert names(folder / "wheels") == ["colour-1.0-py3-none-any.whl", "streamlit-1.0-py3-none-any.whl"]
    assert (folder / "mnist.npz").read_bytes() == b"images"
    text = (folder / "INSTALL.txt").read_text(encoding="utf-8")
    assert bundle.WITH_MNIST in text
    assert f"PYTHON=python{sys.version_info[0]}.{sys.version_info[1]}\n" in text
    assert names(tmp_path) == ["bundle", "index", "mnist of mine.npz", "project"]


def test_another_platform_gets_its_own_wheels(project: Path, tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    bundle.write_bundle(folder, project=project, platform="windows", python="3.13")
    assert "paint-1.0-py3-none-win_amd64.whl" in names(folder / "wheels")
    text = (folder / "INSTALL.txt").read_text(encoding="utf-8")
    assert "for windows and Python 3.13" in text and bundle.WITHOUT_MNIST in text


@pytest.mark.slow
def test_what_is_locked_goes_along_and_is_checked_again_when_it_is_installed(
    project: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "bundle"
    lock(project, bundle.LOCK, "streamlit", "colour")
    with (project / bundle.LOCK).open("a", encoding="utf-8") as file:
        file.write(f"paint==1.0 ; sys_platform == 'win32' \\\n    --hash=sha256:{'0' * 64}\n")
    commit(project)
    bundle.write_bundle(folder, project=project)
    assert names(folder / "wheels") == ["colour-1.0-py3-none-any.whl", "streamlit-1.0-py3-none-any.whl"]
    write_wheel(folder / "wheels", "colour", source="print('another')")
    with pytest.raises(set_up.SetUpFailed, match="wheels/ has not all"):
        set_up.install(folder, "app")
    assert "DO NOT MATCH THE HASHES" in capfd.readouterr().err


@pytest.mark.slow
def test_ray_goes_along_where_it_is_asked_for_and_is_installed_from_it(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index, folder = tmp_path / "index", tmp_path / "bundle"
    write_wheel(index, "ray")
    lock(project, bundle.LOCK, "streamlit", "colour")
    lock(project, bundle.RAY_LOCK, "colour", "ray")
    commit(project)
    bundle.write_bundle(folder, project=project)
    assert "ray-1.0-py3-none-any.whl" not in names(folder / "wheels")
    shutil.rmtree(folder)
    bundle.write_bundle(folder, project=project, with_ray=True)
    assert "ray-1.0-py3-none-any.whl" in names(folder / "wheels")
    assert bundle.WITH_RAY in (folder / "INSTALL.txt").read_text(encoding="utf-8")
    shutil.rmtree(index)
    text = (PROJECT / "docs" / "training-on-a-cluster.md").read_text(encoding="utf-8")
    (told,) = [line.split() for line in text.splitlines() if "--no-index" in line]
    command = [sys.executable, *told[1:], "--target", str(tmp_path / "installed")]
    subprocess.run(command, cwd=folder, check=True)
    assert (tmp_path / "installed" / "ray.py").is_file()


def test_a_missing_wheel_leaves_nothing(project: Path, tmp_path: Path) -> None:
    (tmp_path / "index" / "colour-1.0-py3-none-any.whl").unlink()
    with pytest.raises(bundle.BundleFailed, match=r"pip could not bring all of requirements.txt and"):
        bundle.write_bundle(tmp_path / "bundle", project=project)
    assert names(tmp_path) == ["index", "project"]


def test_a_folder_that_is_there_is_left_alone(project: Path, tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    folder.mkdir()
    with pytest.raises(bundle.BundleFailed, match="is there already"):
        bundle.write_bundle(folder, project=project)
    assert names(folder) == []


def test_without_git_it_says_so(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    shutil.rmtree(project / ".git")
    with pytest.raises(bundle.BundleFailed, match="do this in a clone"):
        bundle.write_bundle(tmp_path / "bundle", project=project)


def test_mnist_that_is_none_stays_behind(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "mnist.npz"
    file.write_bytes(b"no images")
    assert bundle.mnist_here(replace(settings, mnist=file)) is None


def test_mnist_goes_along(settings: Settings, mnist_path: Path) -> None:
    assert bundle.mnist_here(settings) == mnist_path


@pytest.mark.slow
def test_the_app_is_installed_from_it_without_an_index(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "bundle"
    bundle.write_bundle(folder, project=project)
    shutil.rmtree(tmp_path / "index")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/")  # nobody is there
    set_up.install(folder, "app")
    python = str(set_up.python_of(folder / ".venv"))
    answer = subprocess.run([python, "-m", "streamlit", "run"], capture_output=True, text=True, check=True)
    assert answer.stdout == "SERVED run\n"
    with pytest.raises(set_up.SetUpFailed, match="wheels/ has not all that is needed here; see in INSTALL"):
        set_up.install(folder, "development")
    assert "missing==1.0" in capfd.readouterr().err


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
@pytest.mark.parametrize(
    ("platform", "tensorflow"),
    [
        ("linux-x86_64", "tensorflow-cpu"),
        ("linux-aarch64", "tensorflow"),
        ("windows", "tensorflow"),
        ("macos-arm64", "tensorflow"),
    ],
)
def test_each_platform_gets_one_tensorflow(platform: str, tensorflow: str, python: str) -> None:
    found = [pin.partition("==")[0] for pin in bundle.pins(PROJECT, platform, python)]
    assert [name for name in found if name.startswith("tensorflow")] == [tensorflow]
    assert "psycopg" in found and "psycopg-binary" in found
