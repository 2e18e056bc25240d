"""The glossary: the one that ships, how texts mark its terms, and what is said of a malformed one."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_app.errors import MalformedText
from mnist_app.learning.lessons.glossary import marked_terms, read_glossary, replace_marks
from mnist_app.settings import ASSETS

SHIPPED = ASSETS / "learn" / "glossary.md"
# What a course on these programs cannot do without.
NEEDED = """accuracy, activation function, argmax, batch, categorical cross-entropy, convergence,
convolutional layer, dense layer, fully connected layer, epoch, filter, flatten, generalisation,
hyperparameter, learning rate, loss, max pooling, momentum, neuron, normalisation, one-hot encoding,
optimiser, overfitting, parameter, ReLU, RMSprop, SGD, softmax, test set, training set, validation"""


def test_the_glossary_that_ships_has_what_is_needed() -> None:
    glossary = read_glossary(SHIPPED)
    missing = [name for name in re.split(r",\s+", NEEDED) if glossary.find(name) is None]
    assert missing == []


def test_each_explanation_that_ships_is_one_to_three_short_sentences() -> None:
    for term in read_glossary(SHIPPED).terms:
        sentences = re.split(r"(?<=[.:?])\s+(?=[A-Z0-9])", term.explanation)
        assert 1 <= len(re.findall(r"[.?](?:\s|$)", term.explanation)) <= 3, term.name
        assert all(len(sentence.split()) <= 30 for sentence in sentences), term.name
        assert "!" not in term.explanation, term.name


def test_a_term_is_found_by_each_of_its_names(tmp_path: Path) -> None:
    path = tmp_path / "glossary.md"
    path.write_text("# Glossary\n\n## dense layer, Fully Connected layer\nOne\ntwo.\n", encoding="utf-8")
    glossary = read_glossary(path)
    assert glossary.find("DENSE layer") is glossary.find("fully connected layer") is glossary.terms[0]
    assert glossary.terms[0].explanation == "One two."
    assert glossary.find("layer") is None


@pytest.mark.parametrize(
    ("line", "text", "fault"),
    [
        (2, "# Glossary\nText", "text before the first term"),
        (2, "# Glossary\n## a\n## b\nText", "'a' has no explanation"),
        (4, "# Glossary\n## a\nText\n## b, A\nText", "'a' is explained twice"),
        (2, "# Glossary\n## a,\nText", "without a name"),
        (4, "# Glossary\n## a\nText\n### b", "'## '"),
    ],
)
def test_a_malformed_glossary_is_told_by_name_and_line(
    tmp_path: Path, line: int, text: str, fault: str
) -> None:
    path = tmp_path / "glossary.md"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(MalformedText, match=rf"glossary\.md, line {line}: ") as error:
        read_glossary(path)
    assert fault in str(error.value)


def test_marks_name_a_term_and_the_words_that_stand() -> None:
    text = "A [[softmax]] of [[weight|weights]]."
    assert marked_terms(text) == ["softmax", "weight"]
    assert replace_marks(text, lambda term, words: f"<{term}:{words}>") == (
        "A <softmax:softmax> of <weight:weights>."
    )


@given(st.text(alphabet=st.characters(exclude_characters="[]")))
def test_a_text_without_marks_stays_as_it_is(text: str) -> None:
    assert replace_marks(text, lambda term, words: "changed") == text
    assert marked_terms(text) == []
