"""Text from outside is shown as text: what is rendered is escaped, made of our own words, or numbers."""

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import streamlit as st
from hypothesis import given
from hypothesis import strategies as some

from mnist_app.settings import PROJECT
from mnist_app.ui.outside_text import escaped

UI = PROJECT / "mnist_app" / "ui"
_RENDERED = """
    badge button camera_input caption chat_message checkbox dialog download_button error exception
    expander feedback file_uploader form_submit_button header image info latex link_button markdown
    menu_button metric multiselect number_input page_link pagination pills popover progress radio
    segmented_control select_slider selectbox slider spinner status subheader success table tabs
    text_area text_input title toast toggle warning write
"""
RENDERED = frozenset(_RENDERED.split())
"""Functions of Streamlit that render Markdown."""
OURS = frozenset(
    {
        "button",
        "form_button",
        "choose_keep_or",
        "show_text",
        "show_caption",
        "show_sentence",
        "_button",
        "file_field",
        "camera_field",
    }
)
"""Our own, which hand their first argument on."""
_RENDERED_NAMES = """
    body caption captions delta exception help icon label name page tabs text title
"""
RENDERED_NAMES = frozenset(_RENDERED_NAMES.split())
"""The parameters that are rendered; `placeholder`, `alt` and `value` are plain text."""
RENDERED_IN = {"write": {"args"}, "table": {"data"}}
"""Further ones, by function."""
MARKDOWN_OPTIONS = {"pills", "segmented_control", "radio", "menu_button"}
"""Functions whose options are rendered too; those of select boxes are plain text."""
ESCAPES = {"escaped"}
OWN_WORDS = {
    "with_article": "an article and a digit",
    "percent": "a number",
    "write_number": "a number",
    "invalid_settings": "labels of fields",
    "percent_likely": "a number",
    "counted": "a count of what the caller names",
    "duration": "numbers and units",
    "limits_in_words": "limits as numbers",
    "in_words": "counts",
    "meaning": "counts and accuracies",
    "difference_sentence": "accuracies",
    "read_curves": "losses and epochs",
    "_gap": "accuracies",
    "_whose_it_is": "sentences of ours",
    "flips_in_words": "digits",
    "sentence": "the count of images",
    "number": "a number",
    "range": "numbers",
    "mark_first_uses": "marks terms in our own words",
    "_count_sentence": "a count",
    "_cancelled_in_words": "a count",
    "len": "a number",
    "sum": "a number",
    "int": "a number",
    "min": "a number",
    "max": "a number",
    "round": "a number",
}
"""Functions that put together our own words and numbers, and of what. Nothing from outside may enter them."""
OWN_FIELDS = {
    "title": "of a chapter, page, preset or section: in our own files",
    "summary": "of a preset or of the built-in model's card",
    "icon": "an icon of ours",
    "meaning": "of a limit",
    "heading": "of a section",
    "comparison": "of a section",
    "unit": "of a limit",
    "label": "a digit",
    "written": "a digit",
    "index": "a number",
    "epochs": "a number",
}
"""Attributes that hold our own words or numbers, whatever they are attributes of."""
OWN_NAMES = {
    "class_drawings/drawing_gallery.py": {"digit": "a number"},
    "parts/choices.py": {"pages": "a number"},
    "parts/live.py": {"doing": "written by the callers"},
    "class_drawings/fine_tuning.py": {"drawings": "a number"},
    "draw/keeping.py": {"words": "written by the callers in this file"},
    "train/layer_table.py": {"layer": "of a network of ours", "side": "a number"},
    "learn/loss.py": {"label": "a digit"},
    "learn/own_digit.py": {"option": "a digit, or a word written in this file"},
    "learn/optimisers.py": {"sentence": "of losses"},
    "learn/parameters.py": {"measurements": "in a file of ours"},
    "look_inside/each_layer.py": {
        "outputs": "of a network of ours",
        "names": "layers of a network of ours",
        "kind": "of a layer",
        "count": "a number",
        "height": "a number",
        "width": "a number",
        "text": "written in this file",
        "neurons": "numbers",
    },
    "look_inside/what_mattered.py": {"options": "digits"},
    "frame/dialog_buttons.py": {"destroy": "checked at the callers", "icon": "of ours"},
    "frame/model_in_use.py": dict.fromkeys(
        ["card", "measurement", "accuracy", "layer", "side"], "in a file of ours"
    ),
    "pages/draw.py": {"ways": "written in this file"},
    "pages/learn.py": {
        "chapter": "in a file of ours",
        "section": "in a file of ours",
        "titles": "in a file of ours",
    },
    "draw/pictures.py": {"caption": "written by the callers here"},
    "runs/run_actions.py": {"label": "written by the callers here"},
    "teacher/entry.py": {"seconds": "a number"},
    "teacher/everything.py": {"export": "counts"},
    "teacher/trainings.py": {
        "label": "written by the callers here",
        "icon": "likewise",
        "words": "written in this file",
    },
    "train/number_field.py": {
        "label": "written by the callers",
        "words": "written in this file",
        "limit": "of ours",
    },
    "train/run_view.py": {"measure": "loss or accuracy"},
    "parts/run_buttons.py": {
        "done": "a number",
        "allowed": "a number",
        "label": "written by the callers",
    },
}
"""By file: local names that hold our own words or numbers, with the reason."""
TRUSTED_FILES = {
    "terms.py": "hands on to Markdown; its callers are checked",
    "buttons.py": "likewise",
    "upload_fields.py": "likewise",
    "outside_text.py": "escapes",
}
SPEC = re.compile(r"[<>^]?\d*,?(\.?\d+)?[dfgexX%]|,|\.\d+f|,\.\d+[fg]")
"""Formats that take numbers alone."""


class Function:
    """A function's body, to find out what its names stand for."""

    def __init__(self, node: ast.AST, own: dict[str, str]) -> None:
        self.own = own
        self.values: dict[str, list[ast.expr]] = {}
        parameters = node.args if isinstance(node, (ast.FunctionDef, ast.Lambda)) else ast.arguments()
        self.unknown = {each.arg for each in ast.walk(parameters) if isinstance(each, ast.arg)}
        for each in ast.walk(node):
            if isinstance(each, ast.Assign):
                for target in each.targets:
                    self._assign(target, each.value)
            elif isinstance(each, (ast.AugAssign, ast.AnnAssign, ast.NamedExpr)) and each.value is not None:
                self._assign(each.target, each.value)
            elif isinstance(each, (ast.For, ast.comprehension)):
                self.unknown |= {name.id for name in ast.walk(each.target) if isinstance(name, ast.Name)}

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self.values.setdefault(target.id, []).append(value)
        elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            for one, other in zip(target.elts, value.elts, strict=False):
                self._assign(one, other)
        else:
            self.unknown |= {name.id for name in ast.walk(target) if isinstance(name, ast.Name)}

    def is_own(self, node: ast.expr, seen: frozenset[str] = frozenset()) -> bool:
        """Whether a text is made of literals, numbers, our own words and what is escaped."""
        if isinstance(node, ast.FormattedValue):
            return _is_number_format(node.format_spec) or self.is_own(node.value, seen)
        if isinstance(node, ast.Name):
            return self._is_own_name(node.id, seen)
        if isinstance(node, ast.Attribute):
            is_own = node.attr.isupper() or node.attr in OWN_FIELDS or node.attr == "__getitem__"
            return is_own or self.is_own(node.value, seen)
        if isinstance(node, ast.Call):
            return self._is_own_call(node, seen)
        parts = PARTS.get(type(node))
        return parts is not None and all(self.is_own(part, seen) for part in parts(node))

    def _is_own_name(self, name: str, seen: frozenset[str]) -> bool:
        if name.strip("_").isupper() or name in self.own:
            return True
        if name in seen:
            return True
        values = self.values.get(name, [])
        return (
            bool(values) and name not in self.unknown and all(self.is_own(v, seen | {name}) for v in values)
        )

    def _is_own_call(self, call: ast.Call, seen: frozenset[str]) -> bool:
        name = name_of(call.func)
        if name in ESCAPES or name in OWN_WORDS:
            return True
        arguments = all(self.is_own(argument, seen) for argument in call.args)
        if isinstance(call.func, ast.Attribute) and name in METHODS:
            return self.is_own(call.func.value, seen) and (name in LOOKS_UP or arguments)
        return name in ("list", "str") and arguments


PARTS: dict[type, Callable[[Any], list[ast.expr]]] = {
    ast.Constant: lambda node: [],
    ast.Compare: lambda node: [],
    ast.JoinedStr: lambda node: node.values,
    ast.BinOp: lambda node: [node.left, node.right],
    ast.BoolOp: lambda node: node.values,
    ast.IfExp: lambda node: [node.body, node.orelse],
    ast.List: lambda node: node.elts,
    ast.Tuple: lambda node: node.elts,
    ast.Dict: lambda node: node.values,
    ast.Subscript: lambda node: [node.value],
    ast.ListComp: lambda node: [node.elt],
    ast.GeneratorExp: lambda node: [node.elt],
}
"""What a text of each kind is made of."""
METHODS = {"join", "get", "format", "capitalize", "replace", "removesuffix", "min", "max"}
LOOKS_UP = {"get", "min", "max", "format"}


def _is_number_format(spec: ast.expr | None) -> bool:
    """Whether a format takes numbers alone."""
    if not isinstance(spec, ast.JoinedStr):
        return False
    text = "".join(str(part.value) if isinstance(part, ast.Constant) else "1" for part in spec.values)
    return SPEC.fullmatch(text) is not None


def name_of(function: ast.expr) -> str:
    """The last part of the name that is called."""
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def arguments_of(call: ast.Call, name: str) -> list[tuple[str, ast.expr]]:
    """The arguments of a call with the names of their parameters, by the signature that Streamlit has."""
    known = inspect.signature(getattr(st, name)).parameters.values() if name in RENDERED else ()
    places = [each.name for each in known if each.kind is not inspect.Parameter.KEYWORD_ONLY] or ["label"]
    if name == "write":  # takes any number
        places = places[:1] * len(call.args)
    placed = list(zip(places, call.args, strict=False))
    return placed + [(word.arg or "text", word.value) for word in call.keywords]


def rendered(call: ast.Call) -> Iterator[ast.expr]:
    """The arguments of a call that are rendered as Markdown."""
    function = call.func.body if isinstance(call.func, ast.IfExp) else call.func
    name = name_of(function)
    if name not in OURS and not (name in RENDERED and isinstance(function, ast.Attribute)):
        return
    given = arguments_of(call, name)
    wanted = RENDERED_NAMES | RENDERED_IN.get(name, set())
    yield from (value for parameter, value in given if parameter in wanted)
    if name in MARKDOWN_OPTIONS:
        formats = [value for parameter, value in given if parameter == "format_func"]
        yield from (each.body if isinstance(each, ast.Lambda) else each for each in formats)
        if not formats:
            yield from (value for parameter, value in given if parameter == "options")


def aliases(tree: ast.AST) -> Iterator[ast.AST]:
    """Where a function that renders gets another name, by which this test would not know it."""
    called: set[ast.expr] = set()
    for each in ast.walk(tree):
        if isinstance(each, ast.ImportFrom):
            names = {one.name for one in each.names if one.asname or each.module == "streamlit"}
            if names & (RENDERED | OURS):
                yield each
        elif isinstance(each, ast.Call):
            is_choice = isinstance(each.func, ast.IfExp)
            called |= {each.func.body, each.func.orelse} if is_choice else {each.func}
    for each in ast.walk(tree):
        is_streamlit = isinstance(each, ast.Attribute) and name_of(each.value) == "st"
        if is_streamlit and each.attr in RENDERED and each not in called:
            yield each


def faults(source: str, file: str) -> list[str]:
    """Every call in a file that renders text of which this test does not see that it is our own."""
    tree = ast.parse(source)
    own = OWN_NAMES.get(file, {})
    functions = [each for each in ast.walk(tree) if isinstance(each, (ast.FunctionDef, ast.Lambda))]
    found = {}
    for function in [tree, *functions]:
        known = Function(function, own)
        for call in ast.walk(function):
            if isinstance(call, ast.Call):
                for argument in rendered(call):
                    place = (argument.lineno, argument.col_offset)
                    # The innermost function comes last: its names count.
                    found[place] = None if known.is_own(argument) else ast.unparse(argument)
    found |= {(each.lineno, each.col_offset): ast.unparse(each) for each in aliases(tree)}
    return [f"{file}:{line}: {text}" for (line, _), text in sorted(found.items()) if text]


def test_what_is_rendered_is_our_own_or_escaped() -> None:
    files = sorted(UI.rglob("*.py"))
    assert len(files) > 50
    found = [
        fault
        for file in files
        if file.name not in TRUSTED_FILES
        for fault in faults(file.read_text("utf-8"), file.relative_to(UI).as_posix())
    ]
    assert found == [], "Pass text from outside through `escaped`:\n" + "\n".join(found)


@pytest.mark.parametrize(
    "source",
    [
        "st.error(str(error))",
        "st.markdown(f'**{run.name}**')",
        "with st.popover(run.name): pass",
        "st.progress(0.5, text=run.reason)",
        "st.progress(0.5, run.reason)",
        "st.button('Go', help=run.person)",
        "st.image(picture, caption=run.name)",
        "(st.success if good else st.error)(sentence)",
        "st.pills('Which', ['a'], format_func=lambda each: names[each])",
        "show_text(f'{notice}')",
        "def show(notice):\n    text = notice\n    place.warning(text)",
        "def show(notice):\n    notice = notice\n    st.warning(notice)",
        "def show(notice):\n    notice = notice or 'nothing'\n    st.warning(notice)",
        "st.link_button(run.name, 'https://example.org')",
        "st.chat_message(run.person)",
        "st.menu_button(run.name, ['a'])",
        "st.button('Go', 'key', run.person)",
        "st.image(picture, run.name)",
        "st.metric('Accuracy', 0.5, run.name)",
        "st.radio('Which', ['a'], 0, lambda each: names[each])",
        "st.write('Trained by', run.person)",
        "st.markdown(*lines)",
        "st.markdown(**options)",
        "st.pills('Which', options=names)",
        "st.segmented_control(label='Which', options=[run.name])",
        "st.tabs(tabs=names)",
        "st.dialog(title=run.name)",
        "st.radio('Which', ['a'], captions=[run.name])",
        "from streamlit import markdown as m",
        "from streamlit import markdown",
        "from mnist_app.ui.parts.terms import show_text as say",
        "say = st.markdown\nsay(run.name)",
        "terms.show_text(run.name)",
        "buttons.form_button(run.name)",
    ],
)
def test_what_is_rendered_as_it_came_is_found(source: str) -> None:
    assert faults(source, "made_up.py")


@pytest.mark.parametrize(
    "source",
    [
        "st.error(escaped(error))",
        "st.markdown(f'**{escaped(run.name)}** {run.accuracy:.2f}')",
        "st.text(run.name)",
        "st.selectbox('Which', names)",
        "def show(run):\n    text = 'yes' if run else 'no'\n    st.caption(text)",
    ],
)
def test_our_own_words_and_what_is_escaped_may_be_rendered(source: str) -> None:
    assert not faults(source, "made_up.py")


@pytest.mark.parametrize(
    "text",
    [
        "![](//host/a.png)",
        "[Sign in](//host/a)",
        "**b** *i* _u_ `c` ~~s~~",
        "$x$",
        "<b>b</b> &lt;",
        "# heading",
        "> quote",
    ],
)
def test_each_mark_of_markdown_is_escaped(text: str) -> None:
    shown = escaped(text)
    assert not re.search(r"(?<!\\)[`*_\[\]<>$~#&]", shown)
    assert re.sub(r"\\(.)", r"\1", shown) == text


@pytest.mark.parametrize(
    "text", ["https://host/a", "www.host.example", "WWW.host.example", "a@host.example", ":smile:", ":red[x]"]
)
def test_what_is_looked_for_without_marks_is_broken_up(text: str) -> None:
    plain = re.sub(r"\\(.)", r"\1", escaped(text))
    assert not re.search(r"https?://|www(?=\.)|[\w.+-]+@|:\w", plain, re.IGNORECASE)
    assert plain.replace("\u2060", "") == text


@pytest.mark.parametrize(
    ("text", "shown"), [("- one", "\\- one"), ("1. one", "1\u2060. one"), (" a\n\nb ", "a b")]
)
def test_a_line_is_no_list_and_stays_one(text: str, shown: str) -> None:
    assert escaped(text) == shown


@given(some.text())
def test_any_text_is_shown_as_it_is(text: str) -> None:
    shown = re.sub(r"\\(.)", r"\1", escaped(text)).replace("\u2060", "")
    assert shown == " ".join(text.split()).replace("\u2060", "")
