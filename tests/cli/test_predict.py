"""`predict`: mostly `main` in this process, where TensorFlow is imported once, and the real program."""

import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from program import Answer, Run, assert_one_line, command, run_program
from written import save_picture

from mnist_app.cli import main
from mnist_app.settings import PROJECT


@pytest.fixture(scope="module")
def in_json(drawings: Path) -> Answer:
    """What `predict --json` says of the folder and of one more file, in this process."""
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        code = main(["predict", "--json", str(drawings), str(drawings / "b.json")])
    return Answer(code, out.getvalue(), err.getvalue())


def test_drawings_are_answered_in_order(in_json: Answer, drawings: Path) -> None:
    names = [Path(each["path"]).name for each in in_json.objects]
    assert names == ["a.png", "b.json", "c.png", "d.JPG", "e.json", "notes.txt", "b.json"]
    assert all(Path(each["path"]).parent == drawings for each in in_json.objects)
    assert [each.get("digit") for each in in_json.objects] == [None, 7, 0, 1, None, None, 7]


def test_answer_has_confidence_and_probabilities(in_json: Answer) -> None:
    answer = in_json.objects[1]
    assert set(answer) == {"path", "digit", "confidence", "probabilities", "is_digit", "unsure"}
    assert answer["is_digit"] is True and answer["unsure"] is False
    assert len(answer["probabilities"]) == 10
    assert sum(answer["probabilities"]) == pytest.approx(1, abs=1e-5)
    assert answer["confidence"] == max(answer["probabilities"]) == answer["probabilities"][7]


def test_one_broken_file_keeps_no_other_from_its_answer(in_json: Answer) -> None:
    broken, empty = in_json.objects[0], in_json.objects[4]
    assert set(broken) == {"path", "error"}
    assert "damaged" in broken["error"]
    assert "no ink" in empty["error"]
    assert in_json.code == 1


def test_a_file_of_a_folder_that_is_no_drawing_is_reported(in_json: Answer) -> None:
    notes = in_json.objects[5]
    assert set(notes) == {"path", "error"}
    assert "not a picture that can be read" in notes["error"]


def test_standard_error_has_messages_alone(in_json: Answer) -> None:
    assert in_json.err == "3 of 7 could not be read; their lines say why.\n"


@pytest.mark.slow
def test_the_program_of_its_own_says_the_same(in_json: Answer, drawings: Path) -> None:
    """TensorFlow's own notes come neither on standard error nor on standard output."""
    answer = run_program("predict", "--json", drawings, drawings / "b.json")
    assert [each.get("digit") for each in answer.objects] == [each.get("digit") for each in in_json.objects]
    assert (answer.code, answer.err) == (in_json.code, in_json.err)


def test_without_json_there_is_a_line_for_each(run: Run, drawings: Path) -> None:
    answer = run("predict", drawings)
    lines = answer.out.splitlines()
    assert [line.split(": ")[1][0] for line in lines] == ["7", "0", "1"]
    assert lines[0].startswith(str(drawings / "b.json"))
    assert [line.split(":")[0] for line in answer.err.splitlines()] == [
        str(drawings / "a.png"),
        str(drawings / "e.json"),
        str(drawings / "notes.txt"),
    ]
    assert answer.code == 1


def nested(depth: int) -> str:
    """A JSON list in a list in a list …"""
    return '{"objects": ' + "[" * depth + "]" * depth + "}"


def path_of(number: str) -> str:
    """A drawing whose one stroke begins at such a place."""
    return '{"objects": [{"type": "Path", "path": [["M", ' + number + ', 1]], "strokeWidth": 3}]}'


BROKEN = {
    "empty.json": b"",
    "text.json": b"7",
    "no_objects.json": b"{}",
    "cut_off.json": b'{"objects": [',
    "no_utf8.json": b'{"objects": ["\xff"]}',
    "nan.json": path_of("NaN").encode(),
    "infinite.json": path_of("1e999").encode(),
    "many_digits.json": path_of("1" * 5000).encode(),
    "deep.json": nested(100_000).encode(),
    "large.json": b'{"objects": []}' + b" " * 5 * 1024**2,
    "large.png": b"\x89PNG\r\n\x1a\n" + b" " * 26_500_000,
    "empty.png": b"",
    "text.png": b"seven",
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_file_gets_one_sentence(run: Run, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(BROKEN[name])
    answer = run("predict", path)
    assert (answer.code, answer.out) == (1, "")
    assert_one_line(answer.err)
    assert answer.err.startswith(f"{path}: ")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda values: st.lists(values) | st.dictionaries(st.text(), values),
    max_leaves=20,
)
FABRIC = st.fixed_dictionaries(
    {"type": st.just("Path"), "path": JSON, "strokeWidth": JSON}, optional={"left": JSON, "angle": JSON}
)


@given(content=JSON | st.fixed_dictionaries({"objects": st.lists(FABRIC | JSON, min_size=1)}))
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_json_is_answered(run: Run, tmp_path: Path, content: object) -> None:
    path = tmp_path / "any.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    answer = run("predict", path)
    assert answer.code == 1
    assert_one_line(answer.err)


def test_file_name_with_a_line_break_stays_on_one_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "line\nbreak\x1b[31m.png").write_text("seven")
    answer = run("predict", tmp_path)
    assert_one_line(answer.err)
    assert "\x1b" not in answer.err


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_file_name_that_is_no_unicode() -> None:
    answer = run_program("predict", os.fsdecode(b"no \xff.png"))
    assert answer.code == 2
    assert_one_line(answer.err)


def test_folder_without_drawings(run: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    answer = run("predict", tmp_path)
    assert answer.code == 2
    assert "no drawings" in answer.err
    assert_one_line(answer.err)


def test_neither_file_nor_folder_is_not_read(run: Run) -> None:
    answer = run("predict", "/dev/zero")
    assert answer.code == 2
    assert answer.err.startswith("/dev/zero is a pipe or a device. Save what comes from it in a file")
    answer = run("predict", "/nothing/here.png")
    assert answer.code == 2
    assert "no file or folder" in answer.err


@pytest.mark.slow
def test_reader_that_has_seen_enough(tmp_path: Path) -> None:
    save_picture(tmp_path / "000.png", 7)
    for number in range(1, 700):
        os.link(tmp_path / "000.png", tmp_path / f"{number:03}.png")
    with subprocess.Popen(
        command("predict", "--json", tmp_path),
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert json.loads(process.stdout.readline())["digit"] == 7  # type: ignore[union-attr]
        process.stdout.close()  # type: ignore[union-attr]
        assert process.stderr.read() == ""  # type: ignore[union-attr]
    assert process.returncode == 1
