"""The teacher's code stays in the server's memory: not in a backup, an archive, the home or a traceback."""

import zipfile
from pathlib import Path

import pytest
from taught import TEACHER_CODE, visit
from trained import KERAS_WARNING, finished_run

from mnist_app.ui.shared import resources
from mnist_app.ui.teacher import entry
from mnist_app.workspace.archives.backup import write_backup
from mnist_app.workspace.archives.class_export import export_class
from mnist_app.workspace.runs.run_store import Store

pytestmark = pytest.mark.filterwarnings(KERAS_WARNING)
CODE = TEACHER_CODE.encode()


def give_the_code() -> str:
    """Give the right code on the teacher's page; everything that the session then says and knows."""
    test = visit("teacher")
    test.text_input[0].set_value(TEACHER_CODE)
    next(button for button in test.button if button.label == "Open").click().run()
    return f"{test.main} {[each.value for each in test.exception]}"


def contents(file: Path) -> bytes:
    """All that can be read in a file, also what is compressed."""
    if not zipfile.is_zipfile(file):
        return file.read_bytes()
    with zipfile.ZipFile(file) as archive:
        return file.read_bytes() + b"".join(archive.read(name) for name in archive.namelist())


@pytest.mark.slow
def test_it_is_in_no_backup_no_archive_and_no_file_of_the_home(class_store: Store, tmp_path: Path) -> None:
    finished_run(class_store, resources.model_files(), "network", "somebody")
    assert "Save for the class" in give_the_code()
    outside = tmp_path.parent / f"{tmp_path.name} outside"
    outside.mkdir()
    write_backup(resources.settings(), outside / "backup.zip")
    with (outside / "class.zip").open("w+b") as file:
        export_class(class_store, resources.model_files(), file)
    files = [file for folder in (tmp_path, outside) for file in folder.rglob("*") if file.is_file()]
    assert {"runs.sqlite", "backup.zip", "class.zip"} <= {file.name for file in files}
    assert [file for file in files if CODE in contents(file)] == []


@pytest.mark.usefixtures("class_store")
def test_it_is_in_no_traceback(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail() -> str:
        raise RuntimeError("a fault of the program")

    monkeypatch.setattr(entry, "visitor_address", fail)
    told = give_the_code() + caplog.text + "".join(capfd.readouterr())
    assert "a fault of the program" in told
    assert TEACHER_CODE not in told
