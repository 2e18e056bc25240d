"""Any words on the command line: what is wrong is said in one line, and it is no fault of the program."""

import io
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from damage import PATIENCE, TEXTS, assert_sentence, fuzzed
from hypothesis import given
from hypothesis import strategies as st

from mnist_app.cli import main

pytestmark = pytest.mark.timeout(PATIENCE)

ENDINGS = {
    ("script", "--preset", "cnn"): (),
    ("runs",): (),
    ("data",): (),
    ("drawings",): (),
    ("drawings", "import"): (),
    ("restore",): (),
    ("predict",): ("--model", "nowhere"),
    ("evaluate",): ("--model", "nowhere"),
    ("fine-tune",): ("--model", "nowhere"),
    ("train", "--preset", "dense"): ("--dataset", "nowhere"),
    (): ("nothing",),
}
"""How commands begin, and how they end, so that nothing is trained or answered where all words are good."""
OPTIONS = (
    "--preset",
    "--dataset",
    "--epochs",
    "--batch-size",
    "--optimizer",
    "--learning-rate",
    "--momentum",
    "--validation-share",
    "--train-size",
    "--seed",
    "--name",
    "--model",
    "--replace",
    "--json",
    "--help",
    "--",
    "-h",
)
GOOD = ("dense", "accurate", "adam", "mnist", "synthetic", "3", "0.1", "x.zip", ".")
NUMBERS = st.integers().map(str) | st.floats().map(str)
WORDS = st.lists(st.sampled_from(OPTIONS) | st.sampled_from(GOOD) | NUMBERS | TEXTS, max_size=5)


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to be in, with a home and a file that is no archive."""
    folder = tmp_path_factory.mktemp("commands")
    (folder / "x.zip").write_bytes(b"PK\x03\x04 and no more")
    return folder


@fuzzed
@given(st.sampled_from(sorted(ENDINGS)), WORDS)
def test_any_words_are_answered(folder: Path, beginning: tuple[str, ...], words: list[str]) -> None:
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as monkeypatch, redirect_stdout(out), redirect_stderr(err):
        monkeypatch.chdir(folder)
        monkeypatch.setenv("MNIST_APP_HOME", str(folder / "home"))
        code = main([*beginning, *words, *ENDINGS[beginning]])
    said = err.getvalue()
    assert code in (0, 2) or (code == 1 and said), (code, said)
    assert "fault of the program" not in said and "Traceback" not in said
    for word in words:
        said = said.replace(word, word[:100])  # where a file is meant its name is repeated whole
    for line in said.splitlines():
        assert_sentence(line)
    assert said.count("\n") <= 1
