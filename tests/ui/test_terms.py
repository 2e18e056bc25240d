"""Terms: how they are marked on the pages, and that none is left unexplained or unmarked.

A page *uses* a term where one of its names stands, as a whole word, in running text: in what the page writes
in its main part with `st.markdown` or `st.caption`, or in a chapter's Markdown file, in the order in which it
stands there. Headings, code and names of controls are no running text, nor is what has a help text of its own
beside it: there the page explains in another way. The first such use on each page must be marked.
"""

import ast
import re
from pathlib import Path

import pytest
from opened import new_tab, open_page
from streamlit.testing.v1 import AppTest
from trained import KERAS_WARNING, finished_run

from mnist_app.learning.lessons.chapters import PRESETS_EXPLAINED, read_lessons
from mnist_app.learning.lessons.glossary import first_uses, mark_first_uses, marked_terms, read_glossary
from mnist_app.learning.lessons.program import program_lines
from mnist_app.settings import PROJECT
from mnist_app.ui.learn.parts import PARTS
from mnist_app.ui.parts import terms
from mnist_app.ui.shared import resources

PAGES = sorted({path.stem for path in (PROJECT / "mnist_app/ui/pages").glob("[a-z]*.py")} - {"teacher"})
"""The teacher's page is there for whoever has the code: its own tests look at its terms."""
GLOSSARY = read_glossary(terms.GLOSSARY)
_EXPLAINED = re.compile(
    r'<span class="explained"><button[^>]*>([^<]*)</button><span popover.*?</span></span>', re.DOTALL
)


def unmarked(text: str) -> list[str]:
    """The terms that a text first uses without a mark."""
    return [text[use.start : use.end] for use in first_uses(text, GLOSSARY) if not use.is_marked]


def running_text(test: AppTest) -> str:
    """What the page's main part says in Markdown, its terms marked as in the sources."""
    texts = [
        element.value
        for element in test.main
        if element.type in ("markdown", "caption") and not element.proto.help
    ]
    return _EXPLAINED.sub(r"[[\1]]", "\n\n".join(texts))


def show(page: str, **address: str) -> AppTest:
    return open_page(new_tab(), page, **address)


@pytest.mark.usefixtures("warm")
@pytest.mark.filterwarnings(KERAS_WARNING)
@pytest.mark.parametrize("page", PAGES)
def test_each_page_marks_a_term_where_it_first_uses_it(page: str) -> None:
    assert unmarked(running_text(show(page))) == []


@pytest.mark.parametrize("preset", PRESETS_EXPLAINED)
def test_each_chapter_s_page_does_too(preset: str) -> None:
    lessons = read_lessons(terms.LESSONS, preset, program_lines(preset), PARTS)
    for chapter in lessons.chapters:
        text = running_text(show("learn", chapter=chapter.name, preset=preset))
        assert chapter.sections[0].text[:20] in text
        assert unmarked(text) == [], chapter.name


@pytest.mark.usefixtures("warm")
def test_what_a_page_unfolds_is_read_too() -> None:
    assert "[[probabilities]]" in running_text(show("draw"))


@pytest.mark.filterwarnings(KERAS_WARNING)
def test_the_page_of_a_finished_run_does_too() -> None:
    run = finished_run(resources.store(), resources.model_files(), validation_share=0.0)
    text = running_text(show("train", run=run.id))
    resources.store().delete(run.id)
    resources.model_files().delete(run.id)
    assert "overfitting" in text and unmarked(text) == []


@pytest.mark.parametrize("preset", PRESETS_EXPLAINED)
def test_each_chapter_marks_a_term_where_it_first_uses_it(preset: str) -> None:
    for chapter in read_lessons(terms.LESSONS, preset, program_lines(preset), PARTS).chapters:
        text = "\n\n".join(f"{section.text}\n\n{section.comparison}" for section in chapter.sections)
        assert unmarked(text) == [], chapter.name


def sources() -> list[Path]:
    return [*(PROJECT / "mnist_app/ui").rglob("*.py"), *terms.LESSONS.glob("*.md")]


def texts_in(path: Path) -> list[str]:
    """A Markdown file, or the texts in a module other than what documents it."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        return [text]
    tree = ast.parse(text)
    documented = (ast.Module, ast.FunctionDef, ast.ClassDef)
    docstrings = {
        ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, documented)
    }
    constants = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return [value for value in constants if isinstance(value, str) and value not in docstrings]


def test_each_marked_term_is_in_the_glossary() -> None:
    marked = {name for path in sources() for text in texts_in(path) for name in marked_terms(text)}
    assert {"loss", "probabilities", "training images"} <= marked
    assert [name for name in sorted(marked) if GLOSSARY.find(name) is None] == []


def test_a_term_that_stands_unmarked_is_found() -> None:
    assert unmarked("The loss falls. The [[loss]] falls.") == ["loss"]
    assert unmarked("The [[loss]] falls, and so the loss is small.") == []
    assert unmarked("# The loss\n`loss` and [a link](loss)") == []
    assert unmarked("Epochs of a [[weights]] matrix, lossless") == ["Epochs"]
    assert unmarked("max pooling of feature maps") == ["max pooling", "feature maps"]


def test_a_sentence_that_is_put_together_gets_its_marks() -> None:
    text = mark_first_uses("Epochs and epochs, softmax too.", GLOSSARY)
    assert text == "[[epoch|Epochs]] and epochs, [[softmax|softmax]] too."
    assert unmarked(text) == []


def test_a_marked_term_becomes_a_button_with_its_explanation() -> None:
    found = terms.explain_terms("A [[softmax|soft <max>]] and a [[thing]].", GLOSSARY)
    term = GLOSSARY.find("softmax")
    assert term is not None and term.explanation in found
    assert "soft &lt;max&gt;</button>" in found and found.endswith("and a thing.")
    name = re.search(r'popovertarget="([^"]+)"', found)
    assert name and f'id="{name[1]}"' in found
    assert terms.explain_terms("A [[softmax|soft <max>]] and a [[thing]].", GLOSSARY) == found


def test_without_a_glossary_the_texts_are_plain_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "glossary.md").write_text("# Glossary\nText", encoding="utf-8")
    monkeypatch.setattr(terms, "GLOSSARY", tmp_path / "glossary.md")
    assert terms.with_explanations("The [[loss]] falls.") == "The loss falls."
