"""The program in this process, and drawings for it."""

from pathlib import Path

import connections
import pytest
from program import Answer, Run
from written import save_drawing, save_picture

from mnist_app.cli import main


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run `main` in this process, by default in an empty home. It leaves no connection open."""
    monkeypatch.setenv("MNIST_APP_HOME", str(tmp_path / "home"))

    def run_here(*arguments: str | Path, **environment: str) -> Answer:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        with connections.none_left_open():
            code = main([str(argument) for argument in arguments])
        return Answer(code, *capsys.readouterr())

    return run_here


@pytest.fixture(scope="session")
def drawings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of good drawings, of files that hold none, and of files that are none of ours."""
    folder = tmp_path_factory.mktemp("drawings")
    save_drawing(folder / "b.json", 7)
    save_picture(folder / "c.png", 0)
    save_picture(folder / "d.JPG", 1)
    (folder / "a.png").write_bytes((folder / "c.png").read_bytes()[:-40])
    (folder / "e.json").write_text('{"objects": []}', encoding="utf-8")
    (folder / "notes.txt").write_text("no drawing", encoding="utf-8")
    (folder / "inner.png").mkdir()
    return folder
